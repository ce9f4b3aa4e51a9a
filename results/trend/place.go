package trend

import "math"

// near is how far a change is moved to where it fits best.
const near = 8

// place moves the change at b, between levels from a and to c, to where the squares around
// both means are least: distances say best whether there is a change, and squares where. What is
// far off a level counts as if it were at its edge.
func place(x []float64, a, b, c int) int {
	y := append(clamped(x[a:b]), clamped(x[b:c])...)
	best, at := math.Inf(1), b
	for j := max(a+fewest, b-near); j <= min(c-fewest, b+near); j++ {
		if q := squares(y[:j-a]) + squares(y[j-a:]); q < best {
			best, at = q, j
		}
	}
	return at
}

func clamped(x []float64) []float64 {
	y := append([]float64{}, x...)
	if len(y) < fewAround {
		return y
	}
	middle, sd := deviation(x)
	for i, v := range y {
		y[i] = max(middle-3*sd, min(middle+3*sd, v))
	}
	return y
}

// deviation is the median, and the standard deviation that the median deviation stands for.
func deviation(x []float64) (middle, sd float64) {
	middle = median(x)
	off := make([]float64, len(x))
	for i, v := range x {
		off[i] = math.Abs(v - middle)
	}
	return middle, 1.4826 * median(off)
}

func squares(x []float64) (sum float64) {
	mean := 0.0
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		sum += (v - mean) * (v - mean)
	}
	return sum
}
