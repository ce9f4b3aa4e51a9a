package headroom

import "math"

// leastSquares finds by which factors columns add up to target most nearly, and what is
// left of it, squared and summed. Columns are made orthogonal first (Gram and Schmidt,
// modified), since squares of large and small numbers of instances differ too much to be
// solved as they are. One that adds nothing to those before it gets a factor of 0.
func leastSquares(columns [][]float64, target []float64) (factors []float64, left float64) {
	k := len(columns)
	q := make([][]float64, k)
	upper := make([][]float64, k)
	along := make([]float64, k)
	rest := append([]float64(nil), target...)
	for j, column := range columns {
		q[j], upper[j] = append([]float64(nil), column...), make([]float64, k)
		before := math.Sqrt(dot(column, column))
		for i := range j {
			upper[i][j] = dot(q[i], q[j])
			subtract(q[j], q[i], upper[i][j])
		}
		length := math.Sqrt(dot(q[j], q[j]))
		if length <= 1e-10*before {
			clear(q[j])
			continue
		}
		for i := range q[j] {
			q[j][i] /= length
		}
		upper[j][j], along[j] = length, dot(q[j], rest)
		subtract(rest, q[j], along[j])
	}
	factors = make([]float64, k)
	for j := k - 1; j >= 0; j-- {
		if upper[j][j] == 0 {
			continue
		}
		v := along[j]
		for i := j + 1; i < k; i++ {
			v -= upper[j][i] * factors[i]
		}
		factors[j] = v / upper[j][j]
	}
	return factors, dot(rest, rest)
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
