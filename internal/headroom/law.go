package headroom

import "math"

// Law is the universal scalability law (Gunther): n instances take
// One·n / (1 + Contention·(n−1) + Coherence·n·(n−1)).
type Law struct {
	One        float64 `json:"one_per_s"`  // λ
	Contention float64 `json:"contention"` // σ: the share of work that only one does at a time
	Coherence  float64 `json:"coherence"`  // κ: what any two have to agree on
}

// Times is how many times what one takes n take: never more than n.
func (l Law) Times(n int) float64 { return float64(n) / (1 + max(0, l.lost(n))) }

// lost is by how much more work n have than each would have alone, as a share.
func (l Law) lost(n int) float64 {
	m := float64(n)
	return l.Contention*(m-1) + l.Coherence*m*(m-1)
}

// At is what n take.
func (l Law) At(n int) float64 { return l.One * l.Times(n) }

// Peak is the number of instances that take most; more of them take less. It is infinite
// where they agree on nothing.
func (l Law) Peak() float64 {
	switch {
	case l.Contention >= 1:
		return 1
	case l.Coherence <= 0:
		return math.Inf(1)
	}
	return max(1, math.Sqrt((1-l.Contention)/l.Coherence))
}

// Measured is what so many instances were found to take together, per second.
type Measured struct {
	Instances int     `json:"instances"`
	Capacity  float64 `json:"capacity_per_s,omitempty"`
	// Low and High are its interval; 0 where there is none.
	Low  float64 `json:"low_per_s,omitempty"`
	High float64 `json:"high_per_s,omitempty"`
}

func (m Measured) each() float64 { return m.Capacity / float64(m.Instances) }

// interval is what is known of it: a point, if there is no more.
func (m Measured) interval() Interval {
	if m.High == 0 {
		return Interval{m.Capacity, m.Capacity}
	}
	return Interval{m.Low, m.High}
}

// fitted is a law by least squares: the best, and the best of which no part is negative. The
// best may have negative parts, where measurements happen to look as if instances helped
// each other; that is no reason to promise that more will.
type fitted struct {
	free, bound Law
	left        float64 // that the free one leaves over, squared and summed, in units of 1/weights
}

// fit finds the laws. They are linear in what an instance has less than alone,
// n·One/capacity − 1 = Contention·(n−1) + Coherence·n·(n−1), and so, with One unknown as the
// others are, in n/capacity. Errors of capacities are in proportion to them; weights are
// one over those proportions.
func fit(all []Measured, weights []float64) (found fitted) {
	n := len(all)
	fresh, shared, agreed := make([]float64, n), make([]float64, n), make([]float64, n)
	for i, m := range all {
		instances := float64(m.Instances)
		fresh[i] = weights[i] * m.each()
		shared[i] = fresh[i] * (instances - 1)
		agreed[i] = shared[i] * instances
	}
	f, left := leastSquares([][]float64{fresh, shared, agreed}, weights)
	found.left, found.free = left, Law{1 / f[0], f[1] / f[0], f[2] / f[0]}
	if f[0] > 0 && f[1] >= 0 && f[2] >= 0 { // the problem is convex: what is best freely is best
		found.bound = found.free
		return found
	}
	one, left := leastSquares([][]float64{fresh}, weights)
	found.bound = Law{One: 1 / one[0]}
	if f, less := leastSquares([][]float64{fresh, shared}, weights); f[0] > 0 && f[1] >= 0 && less < left {
		found.bound, left = Law{1 / f[0], f[1] / f[0], 0}, less
	}
	if f, less := leastSquares([][]float64{fresh, agreed}, weights); f[0] > 0 && f[1] >= 0 && less < left {
		found.bound = Law{1 / f[0], 0, f[1] / f[0]}
	}
	if f[0] <= 0 { // there is no such law at all
		found.free = found.bound
	}
	return found
}

// at is what n instances take: by the free law, unless that is more than n times what one
// takes, and so cannot be; then by either, whichever is more. By the bound one alone a band
// would be too narrow, since what is true is not at the bound whenever the best is.
func (f fitted) at(n int) float64 {
	if f.free.lost(n) < 0 {
		return max(f.free.At(n), f.bound.At(n))
	}
	return f.free.At(n)
}
