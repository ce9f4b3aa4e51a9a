package paired

import (
	"fmt"
	"math"
	"slices"

	"github.com/fcbench/fcbench/results"
)

// grain is what differences are rounded to, of the size of what is compared: so
// that two differences that are one but for the rounding of arithmetic are one.
const grain = 1.0 / (1 << 40)

// differences fills in what of a claim its values say, and returns the differences within
// pairs; not ok is that there is a verdict already.
func (j *Judge) differences(c *Claim, r *Result, s Sample) (d []float64, ok bool) {
	if !r.complete(c, s) {
		return nil, false
	}
	a, b := s.A[:r.N], s.B[:r.N]
	r.MedianA, r.MedianB = j.median(a), j.median(b)
	r.Margin = c.margin(r.MedianA, r.MedianB)
	d = j.d[:r.N]
	r.Identical = true
	unit := unitOf(c.Scale, a, b)
	for i := range d {
		d[i] = rounded(c.difference(a[i], b[i]), unit)
		r.Identical = r.Identical && a[i] == b[i]
	}
	if r.Identical && !c.Steady {
		r.Verdict, r.Reason = NoData, fmt.Sprintf("A and B agree in every digit of all %d pairs; want two things, each measured for itself", r.N)
		return nil, false
	}
	return d, true
}

// Differences are those within pairs of whole samples, positive where B is worse.
func (c *Claim) Differences(s Sample) []float64 {
	d := make([]float64, min(len(s.A), len(s.B)))
	unit := unitOf(c.Scale, s.A, s.B)
	for i := range d {
		d[i] = rounded(c.difference(s.A[i], s.B[i]), unit)
	}
	return d
}

// complete reports whether every pair has both values, and says which has not.
func (r *Result) complete(c *Claim, s Sample) bool {
	for _, side := range []struct {
		name   string
		values []float64
	}{{"A", s.A}, {"B", s.B}} {
		got := 0
		for _, v := range side.values[:min(len(side.values), r.N)] {
			switch {
			case math.IsNaN(v):
			case math.IsInf(v, 0), c.Scale == Ratio && v <= 0:
				r.Verdict, r.Reason = Invalid, fmt.Sprintf("a value of %s is %v; want finite numbers%s", side.name, v, c.above())
				return false
			default:
				got++
			}
		}
		if got < r.N {
			r.Verdict, r.Reason = NoData, fmt.Sprintf("%s has %d of %d values", side.name, got, r.N)
			return false
		}
	}
	return true
}

func (c *Claim) above() string {
	if c.Scale == Ratio {
		return " above 0"
	}
	return ""
}

// difference is how much worse b is than a.
func (c *Claim) difference(a, b float64) float64 {
	if c.Better == results.NearZero {
		a, b = math.Abs(a), math.Abs(b)
	}
	if c.Better == results.Higher {
		a, b = b, a
	}
	return difference(c.Scale, a, b)
}

// margin is the claim's on the scale of differences; or its floor, which is a
// share of the values, if that is more. It is the same with the sides swapped.
func (c *Claim) margin(a, b float64) float64 {
	if c.Scale != Ratio {
		return c.Margin
	}
	return max(math.Log1p(c.Margin), 2*math.Asinh(c.Floor/(2*math.Sqrt(a)*math.Sqrt(b))))
}

// median sorts a copy.
func (j *Judge) median(values []float64) float64 {
	v := append(j.w[:0], values...)
	slices.Sort(v)
	low, high := v[(len(v)-1)/2], v[len(v)/2]
	return low/2 + high/2
}

// largest is the greatest finite size.
func largest(a, b []float64) (size float64) {
	for i := range a {
		for _, v := range [2]float64{math.Abs(a[i]), math.Abs(b[i])} {
			if v > size && !math.IsInf(v, 0) {
				size = v
			}
		}
	}
	return size
}

// spread is the standard deviation.
func spread(d []float64) float64 {
	if len(d) < 2 {
		return 0
	}
	mean := 0.0
	for _, v := range d {
		mean += v / float64(len(d))
	}
	squares := 0.0
	for _, v := range d {
		squares += (v - mean) * (v - mean)
	}
	return math.Sqrt(squares / float64(len(d)-1))
}

// orderEffect is by how much the second run of a pair is worse than the first,
// whichever it is of. Where not both orders occur it is unknown, and 0.
func orderEffect(d []float64, orders []Order) float64 {
	var sum [2]float64
	var n [2]float64
	for i, v := range d[:min(len(d), len(orders))] {
		k := 0
		if orders[i] == BA {
			k = 1
		}
		sum[k] += v
		n[k]++
	}
	if n[0] == 0 || n[1] == 0 {
		return 0
	}
	return (sum[0]/n[0] - sum[1]/n[1]) / 2
}

// exact judges what repeats exactly by the first pair that has it.
func (r *Result) exact(c *Claim, s Sample) {
	r.N = min(max(len(s.A), len(s.B), 1), r.N)
	if !r.complete(c, s) {
		return
	}
	for _, side := range []struct {
		name   string
		values []float64
	}{{"A", s.A[:r.N]}, {"B", s.B[:r.N]}} {
		if low, high := slices.Min(side.values), slices.Max(side.values); low != high {
			r.Verdict, r.Reason = Invalid, fmt.Sprintf("%s has values from %v to %v; want the same in every run of what repeats exactly", side.name, low, high)
			return
		}
	}
	r.MedianA, r.MedianB, r.Margin = s.A[0], s.B[0], c.Margin
	r.Estimate = c.difference(s.A[0], s.B[0])
	r.Lower, r.Upper, r.Identical = r.Estimate, r.Estimate, r.Estimate == 0
	switch {
	case r.Estimate > c.Margin:
		r.Verdict, r.P, r.Holm = Regressed, 0, 0
	case r.Estimate < -c.Margin:
		r.Verdict, r.PBetter, r.HolmBetter = Improved, 0, 0
	default:
		r.Verdict = Pass
	}
}
