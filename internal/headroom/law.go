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

// fit finds the law by least squares. It is linear in what an instance has less than alone,
// n·One/capacity − 1 = Contention·(n−1) + Coherence·n·(n−1), and so, with One unknown as the
// others are, in n/capacity. Errors of capacities are in proportion to them; weights are
// one over those proportions. What is left is squared, in units of them.
//
// Neither part may be negative, unless freely: an error that happens to look as if instances
// helped each other is no reason to promise that more will.
func fit(all []Measured, weights []float64, freely bool) (law Law, left float64) {
	n := len(all)
	fresh, shared, agreed, ones := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for i, m := range all {
		instances := float64(m.Instances)
		fresh[i] = weights[i] * m.each()
		shared[i] = fresh[i] * (instances - 1)
		agreed[i] = shared[i] * instances
		ones[i] = weights[i]
	}
	f, left := leastSquares([][]float64{fresh, shared, agreed}, ones)
	if freely || f[0] > 0 && f[1] >= 0 && f[2] >= 0 { // the problem is convex: what is best freely is best
		return Law{1 / f[0], f[1] / f[0], f[2] / f[0]}, left
	}
	f, left = leastSquares([][]float64{fresh}, ones)
	law = Law{One: 1 / f[0]}
	if f, less := leastSquares([][]float64{fresh, shared}, ones); f[0] > 0 && f[1] >= 0 && less < left {
		law, left = Law{1 / f[0], f[1] / f[0], 0}, less
	}
	if f, less := leastSquares([][]float64{fresh, agreed}, ones); f[0] > 0 && f[1] >= 0 && less < left {
		law, left = Law{1 / f[0], 0, f[1] / f[0]}, less
	}
	return law, left
}
