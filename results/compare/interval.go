package compare

import (
	"math"
	"slices"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/paired"
)

// Interval is by how much the other side is above the base: a Hodges–Lehmann
// estimate and its bounds, of which both together are wrong once in twenty times. Of a
// Ratio they are shares of the base, else in the metric's unit.
type Interval struct {
	Known                  bool // that there are enough repeats, and all are finite
	Ratio                  bool
	Estimate, Lower, Upper float64
}

// Confidence is that of every interval.
const Confidence = 1 - alpha

// scaleOf is how the values of a metric are set against each other: by their ratio
// where they cannot be 0.
func scaleOf(m results.Metric, sides ...[]float64) paired.Scale {
	if !slices.Contains([]string{results.UnitNS, results.UnitRate, results.UnitBytes}, m.Unit) || m.Better == results.NearZero {
		return paired.Additive
	}
	for _, v := range slices.Concat(sides...) {
		if !(v > 0) {
			return paired.Additive
		}
	}
	return paired.Ratio
}

// interval turns bounds on a scale into those that are shown.
func interval(scale paired.Scale, in paired.Interval) Interval {
	out := Interval{Ratio: scale == paired.Ratio, Estimate: in.Estimate, Lower: in.Lower, Upper: in.Upper}
	for _, v := range []*float64{&out.Estimate, &out.Lower, &out.Upper} {
		if math.IsInf(*v, 0) || math.IsNaN(*v) {
			return Interval{}
		}
		if out.Ratio {
			*v = math.Expm1(*v)
		}
	}
	out.Known = true
	return out
}

// pairedTest is the signed-rank test of repeats that are pairs.
func pairedTest(m results.Metric, base, other []float64, alpha float64) (in Interval, p float64) {
	scale := scaleOf(m, base, other)
	found := paired.Signed(paired.Differences(scale, base, other), alpha)
	return interval(scale, found), found.P
}

// apart is the interval that belongs to [rankTest], on the scale of the metric.
func apart(m results.Metric, base, other []float64, alpha float64) Interval {
	scale := scaleOf(m, base, other)
	in, ok := between(scale, base, other, alpha)
	if !ok {
		return Interval{}
	}
	return interval(scale, in)
}

// between is of two groups of repeats: of all differences between one of either the
// middle one, and those which the test does not reject; not ok where there are too few.
func between(scale paired.Scale, base, other []float64, alpha float64) (paired.Interval, bool) {
	var all []float64
	for _, a := range base {
		all = append(all, paired.Differences(scale, slices.Repeat([]float64{a}, len(other)), other)...)
	}
	if len(all) == 0 {
		return paired.Interval{}, false
	}
	slices.Sort(all)
	k := criticalRank(len(base), len(other), alpha/2)
	if k < 0 {
		return paired.Interval{}, false
	}
	n := len(all)
	return paired.Interval{Estimate: all[(n-1)/2]/2 + all[n/2]/2, Lower: all[k], Upper: all[n-1-k]}, true
}

// criticalRank is the greatest k with P(U <= k) <= tail of two groups without ties; −1
// where there is none.
func criticalRank(na, nb int, tail float64) int {
	if na+nb > exactUpTo {
		sd := math.Sqrt(float64(na) * float64(nb) * float64(na+nb+1) / 12)
		z := math.Sqrt2 * math.Erfinv(1-2*tail)
		return int(math.Floor(float64(na)*float64(nb)/2 - z*sd - 0.5))
	}
	groups := make([]tie, na+nb)
	for i := range groups {
		groups[i] = tie{1, 2 * (i + 1)}
	}
	ways := deals(groups, na)
	all := 0.0
	for _, n := range ways {
		all += n
	}
	least := na * (na + 1) // twice the sum of the lowest ranks
	k, sum := -1, 0.0
	for s := least; s < len(ways); s += 2 {
		if sum += ways[s]; sum/all > tail {
			break
		}
		k++
	}
	return k
}
