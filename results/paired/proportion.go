package paired

import "math"

// AtMost is the largest chance that k of n independent cases leave possible: with any
// larger one so few, or fewer, would have happened with a chance below alpha. It is exact
// (Clopper and Pearson), and 1 where all happened or there were none.
func AtMost(k, n int, alpha float64) float64 {
	if k >= n {
		return 1
	}
	low, high := float64(k)/float64(n), 1.0
	for range 60 {
		if mid := (low + high) / 2; noMore(k, n, mid) > alpha {
			low = mid
		} else {
			high = mid
		}
	}
	return high
}

// AtLeast is the smallest chance that k of n leave possible.
func AtLeast(k, n int, alpha float64) float64 { return 1 - AtMost(n-k, n, alpha) }

// noMore is the chance of k of n or fewer, where each has the chance p.
func noMore(k, n int, p float64) (sum float64) {
	for i := range k + 1 {
		sum += math.Exp(logChoose(n, i) + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return sum
}

func logChoose(n, k int) float64 {
	all, _ := math.Lgamma(float64(n + 1))
	in, _ := math.Lgamma(float64(k + 1))
	out, _ := math.Lgamma(float64(n - k + 1))
	return all - in - out
}
