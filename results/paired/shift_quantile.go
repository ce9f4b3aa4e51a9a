package paired

import (
	"math"
	"slices"

	"github.com/fcbench/fcbench/results"
)

// shiftQuantile is one at which distributions are compared.
type shiftQuantile struct {
	name     string
	num, den uint64
}

// shiftQuantiles are the deciles and, since that is what people wait for, the tail.
func shiftQuantiles() []shiftQuantile {
	return []shiftQuantile{
		{"p10", 10, 100},
		{"p20", 20, 100},
		{"p30", 30, 100},
		{"p40", 40, 100},
		{"p50", 50, 100},
		{"p60", 60, 100},
		{"p70", 70, 100},
		{"p80", 80, 100},
		{"p90", 90, 100},
		{"p95", 95, 100},
		{"p99", 99, 100},
		{"p999", 999, 1000},
		{"p9999", 9999, 10_000},
	}
}

func (q shiftQuantile) share() float64 { return float64(q.num) / float64(q.den) }

// of reads the quantile of every run; known is false where some run has too few values
// beyond it, or took no time, of which there is no share.
func (q shiftQuantile) of(a, b []*results.Distribution) (before, after []float64, known bool) {
	tail := min(q.num, q.den-q.num)
	read := func(all []*results.Distribution) (values []float64) {
		for _, d := range all {
			if uint64(d.Count())*tail >= Beyond*q.den {
				if v := d.At(q.num, q.den); v > 0 {
					values = append(values, float64(v))
				}
			}
		}
		return values
	}
	before, after = read(a), read(b)
	return before, after, len(a) > 0 && len(b) > 0 && len(before) == len(a) && len(after) == len(b)
}

// point is what is known of the quantile by itself; in is of logarithms.
func (q shiftQuantile) point(before, after []float64, in Interval) ShiftPoint {
	return ShiftPoint{
		Name: q.name, Share: q.share(), A: middleOf(before), B: middleOf(after),
		Change: math.Expm1(in.Estimate), Low: math.Expm1(in.Lower), High: math.Expm1(in.Upper), P: in.P,
	}
}

// middleOf is the median.
func middleOf(values []float64) float64 {
	v := slices.Sorted(slices.Values(values))
	return v[(len(v)-1)/2]/2 + v[len(v)/2]/2
}
