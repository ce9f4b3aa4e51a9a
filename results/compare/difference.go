package compare

import (
	"fmt"
	"math"
	"slices"

	"golang.org/x/perf/benchmath"

	"github.com/fcbench/fcbench/results"
)

// Difference is one metric of a pair.
type Difference struct {
	Metric      results.Metric
	Base, Other results.Spread
	// P is the p-value of a two-sided Mann-Whitney U test, per metric and
	// without correction for their number; 1 when not Tested.
	P       float64
	Tested  bool
	Virtual bool // made in virtual time: a repeat could only repeat, and one is enough
	Change  Change
}

// Change says what the repeats allow to say about a difference.
type Change uint8

// The changes. Unclear is the honest answer to noise and to few repeats alike;
// Same is said only where all repeats of both sides agree.
const (
	Unclear Change = iota + 1
	Same
	Better
	Worse
	Different // in a metric of which neither direction is better
)

// String returns the change's name in tables.
func (c Change) String() string {
	return [...]string{"", "unclear", "same", "better", "worse", "different"}[c]
}

// MinRepeats is the number of repeats on each side below which no rank test
// can reach a p-value of 0.05: with three, the most extreme of all outcomes
// has p = 0.1.
const MinRepeats = 4

// Delta is the difference of the medians.
func (d Difference) Delta() float64 { return d.Other.Median - d.Base.Median }

// Relative is Delta as a share of the base. It does not exist for a base of 0.
// Of shares and of errors that may go either way it says little: from 10 % to
// 55 % is 45 points, and 450 % more.
func (d Difference) Relative() (share float64, ok bool) {
	if d.Base.Median == 0 {
		return 0, false
	}
	return d.Delta() / math.Abs(d.Base.Median), true
}

// Overlap reports whether the ranges of the two sides have a point in common.
func (d Difference) Overlap() bool {
	return max(d.Base.Min, d.Other.Min) <= min(d.Base.Max, d.Other.Max)
}

// Evidence says in a few words what Change rests on: the p-value where there
// is one, the repeats, and whether their ranges overlap.
func (d Difference) Evidence() string {
	ranges := "apart"
	if d.Overlap() {
		ranges = "overlap"
	}
	n := fmt.Sprintf("n=%d", d.Base.N)
	if d.Other.N != d.Base.N {
		n = fmt.Sprintf("n=%d+%d", d.Base.N, d.Other.N)
	}
	switch {
	case d.equal():
		return n + ", equal"
	case d.exact():
		return n + ", exact"
	case d.Tested:
		return fmt.Sprintf("p=%.3f, %s, %s", d.P, n, ranges)
	default:
		return fmt.Sprintf("%s, %s", n, ranges)
	}
}

// exact reports whether the metric came out the same in every repeat of a
// side, as counts of a deterministic schedule do, so that a difference needs no
// test. Times are never exact: they only look so when a clock is coarse.
func (d Difference) exact() bool {
	clocked := d.Metric.Unit == results.UnitNS || d.Metric.Unit == results.UnitRate
	return d.Virtual || !clocked && constant(d.Base) && constant(d.Other)
}

// equal reports whether all repeats of both sides agree.
func (d Difference) equal() bool {
	return (d.Virtual || constant(d.Base) && constant(d.Other)) && d.Delta() == 0
}

// constant reports whether several repeats agree.
func constant(s results.Spread) bool { return s.N >= 2 && s.Constant() }

// difference compares two samples of a metric, neither of them empty.
func difference(m results.Metric, base, other []float64, virtual bool) Difference {
	d := Difference{Metric: m, P: 1, Virtual: virtual}
	d.Base, _ = results.SpreadOf(base)
	d.Other, _ = results.SpreadOf(other)
	if min(d.Base.N, d.Other.N) >= MinRepeats {
		d.P, d.Tested = rankTest(m, base, other), true
	}
	d.Change = d.change()
	return d
}

// rankTest returns the p-value of two samples coming from one distribution.
// Errors that are best near zero are compared by their size.
func rankTest(m results.Metric, base, other []float64) float64 {
	sample := func(values []float64) *benchmath.Sample {
		values = slices.Clone(values)
		for i := range values {
			if m.Better == results.NearZero {
				values[i] = math.Abs(values[i])
			}
		}
		return benchmath.NewSample(values, &benchmath.DefaultThresholds)
	}
	return benchmath.AssumeNothing.Compare(sample(base), sample(other)).P
}

func (d Difference) change() Change {
	if d.equal() {
		return Same
	}
	significant := d.Tested && d.P <= benchmath.DefaultThresholds.CompareAlpha
	if !significant && !d.exact() {
		return Unclear
	}
	worse := d.Delta()
	switch d.Metric.Better {
	case results.Higher:
		worse = -worse
	case results.NearZero:
		worse = math.Abs(d.Other.Median) - math.Abs(d.Base.Median)
	case results.Neither:
		return Different
	}
	switch {
	case worse > 0:
		return Worse
	case worse < 0:
		return Better
	}
	return Unclear // spread differs, medians do not
}
