package headroom

import (
	"math"
	"slices"
)

// leastSquares finds by which factors columns add up to target most nearly, and what is
// left of it, squared and summed. Columns are made orthogonal first (Gram and Schmidt,
// modified), since squares of large and small numbers of instances differ too much to be
// solved as they are. One that adds nothing to those before it gets a factor of 0.
func leastSquares(columns [][]float64, target []float64) (factors []float64, left float64) {
	k := len(columns)
	q, upper, along := make([][]float64, k), make([][]float64, k), make([]float64, k)
	rest := slices.Clone(target)
	for j, column := range columns {
		q[j], upper[j] = slices.Clone(column), make([]float64, k)
		for i := range j {
			upper[i][j] = dot(q[i], q[j])
			subtract(q[j], q[i], upper[i][j])
		}
		length := math.Sqrt(dot(q[j], q[j]))
		if length <= 1e-10*math.Sqrt(dot(column, column)) {
			clear(q[j])
			continue
		}
		for i := range q[j] {
			q[j][i] /= length
		}
		upper[j][j], along[j] = length, dot(q[j], rest)
		subtract(rest, q[j], along[j])
	}
	return backwards(upper, along), dot(rest, rest)
}

// backwards finds the factors from the last column to the first.
func backwards(upper [][]float64, along []float64) []float64 {
	factors := make([]float64, len(along))
	for j := len(along) - 1; j >= 0; j-- {
		if upper[j][j] == 0 {
			continue
		}
		factors[j] = along[j]
		for i := j + 1; i < len(along); i++ {
			factors[j] -= upper[j][i] * factors[i]
		}
		factors[j] /= upper[j][j]
	}
	return factors
}

func dot(a, b []float64) (sum float64) {
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

func subtract(from, what []float64, times float64) {
	for i := range from {
		from[i] -= times * what[i]
	}
}
