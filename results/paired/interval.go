package paired

import "math"

// Interval is a Hodges–Lehmann estimate, its bounds, and the two-sided p-value of
// the test that both belong to. Infinite bounds are none.
type Interval struct{ Estimate, Lower, Upper, P float64 }

// countedUpTo is how many differences the distribution is counted out for; of more the
// normal one differs by less than anybody could tell.
const countedUpTo = 128

// Signed is the signed-rank test of one set of differences, exact up to 128 of them: both
// bounds together are wrong with a chance of at most alpha. It is for what is looked
// at once; gates have a [Judge].
func Signed(d []float64, alpha float64) Interval {
	n, k := len(d), -1
	out := Interval{Lower: math.Inf(-1), Upper: math.Inf(1), P: 1}
	if n == 0 {
		return out
	}
	if n <= countedUpTo {
		tables := tablesUpTo(n)
		worse, better := signedRank(d, tables, make([]ranked, n), make([]float64, n*(n+1)+1))
		out.P, k = min(1, 2*min(worse, better)), tables.critical(n, alpha/2)
	} else {
		out.P, k = manySigned(d, alpha)
	}
	w := walsh(d, nil)
	out.Estimate = middle(w)
	if k >= 0 {
		out.Lower, out.Upper = nth(w, k), nth(w, len(w)-1-k)
	}
	return out
}

// manySigned is the normal approximation, with the variance that the ranks really have.
func manySigned(d []float64, alpha float64) (p float64, k int) {
	all := make([]ranked, len(d))
	sortBySize(d, all)
	sum, variance := 0.0, 0.0 // of ranks with their signs
	for from := 0; from < len(all); {
		to := from + 1
		for to < len(all) && all[to].size == all[from].size {
			to++
		}
		rank := float64(from+1+to) / 2
		for _, one := range all[from:to] {
			switch {
			case one.size == 0:
				continue
			case one.negative:
				sum -= rank
			default:
				sum += rank
			}
			variance += rank * rank
		}
		from = to
	}
	n := float64(len(d))
	if variance == 0 {
		return 1, -1
	}
	z := math.Sqrt2 * math.Erfinv(1-alpha)
	k = int(math.Floor(n*(n+1)/4 - z*math.Sqrt(n*(n+1)*(2*n+1)/24) - 0.5))
	return min(1, math.Erfc(max(math.Abs(sum)-1, 0)/math.Sqrt(2*variance))), k
}

// Differences are how much each b is above its a, as logarithms of ratios or as they
// are, rounded so that two which are one but for the arithmetic are one. Of infinite
// values the difference is infinite, and 0 where both are.
func Differences(scale Scale, a, b []float64) []float64 {
	d := make([]float64, len(a))
	unit := unitOf(scale, a, b)
	for i := range d {
		d[i] = rounded(difference(scale, a[i], b[i]), unit)
	}
	return d
}

// difference is how much b is above a.
func difference(scale Scale, a, b float64) float64 {
	switch {
	case a == b: // both of which may be infinite
		return 0
	case scale == Ratio:
		return math.Log(b) - math.Log(a)
	}
	return b - a
}

// unitOf is what differences are rounded to: a power of two, so that what is a short
// number stays one.
func unitOf(scale Scale, a, b []float64) float64 {
	if scale == Ratio {
		return grain
	}
	_, exponent := math.Frexp(largest(a, b))
	return math.Ldexp(grain, exponent)
}

func rounded(d, unit float64) float64 {
	if math.IsInf(d, 0) {
		return d
	}
	return math.Round(d/unit) * unit
}
