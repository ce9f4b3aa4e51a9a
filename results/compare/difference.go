package compare

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/results"
)

// Difference is one metric of a pair.
type Difference struct {
	Metric results.Metric
	// Base and Other are the metric over the repeats of a trial. Of those that
	// have no data N is 0.
	Base, Other results.Spread
	// P is the two-sided p-value of a signed-rank test of Paired repeats, and else of a
	// Mann-Whitney U test; per metric and without correction for their number; 1 when
	// not Tested.
	P      float64
	Tested bool
	Paired bool     // repeats of one file are pairs: the k-th of either was made next to the other
	By     Interval // that goes with the test
	// Exact means that the metric can only repeat itself, so that a difference
	// needs no test: in virtual time, and where every repeat allocates the same.
	Exact  bool
	Change Change
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
	NoData    // on one side or both
)

// String returns the change's name in tables.
func (c Change) String() string {
	return [...]string{"", "unclear", "same", "better", "worse", "different", "no data"}[c]
}

// MinRepeats is the number of repeats on each side below which nothing is
// tested: with three, the most extreme of all outcomes has p = 0.1.
const MinRepeats = 4

// MinPairs is likewise of repeats that are pairs: with five it has p = 0.06.
const MinPairs = 6

// alpha is the p-value up to which a difference is more than chance.
const alpha = 0.05

// Complete reports whether both sides have data.
func (d Difference) Complete() bool { return d.Base.N > 0 && d.Other.N > 0 }

// Delta is the difference of the medians.
func (d Difference) Delta() float64 {
	if d.Base.Median == d.Other.Median { // both of which may be infinite
		return 0
	}
	return d.Other.Median - d.Base.Median
}

// Relative is Delta as a share of the base. It does not exist for a base of 0,
// nor where a side is missing or infinite. Of shares and of errors that may go
// either way it says little: from 10 % to 55 % is 45 points, and 450 % more.
func (d Difference) Relative() (share float64, ok bool) {
	share = d.Delta() / math.Abs(d.Base.Median)
	return share, d.Complete() && d.Base.Median != 0 && !math.IsInf(share, 0) && !math.IsNaN(share)
}

// Overlap reports whether the ranges of the two sides have a point in common.
func (d Difference) Overlap() bool {
	return max(d.Base.Min, d.Other.Min) <= min(d.Base.Max, d.Other.Max)
}

// Evidence says in a few words what Change rests on: the p-value where there
// is one, the repeats, and whether their ranges overlap.
func (d Difference) Evidence() string {
	if !d.Complete() {
		return ""
	}
	ranges := "apart"
	if d.Overlap() {
		ranges = "overlap"
	}
	n := fmt.Sprintf("n=%d", d.Base.N)
	switch {
	case d.Other.N != d.Base.N:
		n = fmt.Sprintf("n=%d+%d", d.Base.N, d.Other.N)
	case d.Paired && d.Tested:
		n += " pairs"
	}
	switch {
	case d.Change == Same:
		return n + ", equal"
	case d.Exact:
		return n + ", exact"
	case d.Tested && d.P < 0.001:
		return fmt.Sprintf("p<0.001, %s, %s", n, ranges)
	case d.Tested:
		return fmt.Sprintf("p=%.3f, %s, %s", d.P, n, ranges)
	default:
		return fmt.Sprintf("%s, %s, too few repeats", n, ranges)
	}
}

// difference compares two samples of a metric, which are pairs or not. virtual is whether
// they were made in virtual time, where a repeat repeats itself and one is enough.
func difference(m results.Metric, base, other []float64, virtual, pairs bool) Difference {
	d := Difference{Metric: m, P: 1, Change: NoData, Paired: pairs}
	d.Base, _ = results.SpreadOf(base)
	d.Other, _ = results.SpreadOf(other)
	if !d.Complete() {
		return d
	}
	d.Exact = d.deterministic(virtual)
	switch n := min(d.Base.N, d.Other.N); {
	case d.Exact:
	case pairs && n >= MinPairs:
		d.Tested = true
		d.By, d.P = pairedTest(m, sizes(m, base), sizes(m, other), alpha)
	case !pairs && n >= MinRepeats:
		d.Tested = true
		d.By, d.P = apart(m, sizes(m, base), sizes(m, other), alpha), rankTest(sizes(m, base), sizes(m, other))
	}
	d.Change = d.change()
	return d
}

// deterministic reports whether every further repeat would bring the same values, so
// that a difference needs no test. That all repeats agree does not suffice: two
// failures of two may be chance.
func (d Difference) deterministic(virtual bool) bool {
	cost, target := strings.HasPrefix(d.Metric.Path, "cost."), strings.HasPrefix(d.Metric.Path, "target.")
	if virtual && !cost && !target {
		return d.Base.Constant() && d.Other.Constant()
	}
	return d.Metric.Path == "cost.allocs_per_op" && agree(d.Base) && agree(d.Other)
}

// agree reports whether there are several repeats and all have one value.
func agree(s results.Spread) bool { return s.N >= 2 && s.Constant() }

// sizes are what is compared: errors that are best near zero by how large they are.
func sizes(m results.Metric, values []float64) []float64 {
	if m.Better != results.NearZero {
		return values
	}
	values = slices.Clone(values)
	for i := range values {
		values[i] = math.Abs(values[i])
	}
	return values
}

func (d Difference) change() Change {
	switch {
	case d.Delta() == 0 && (d.Exact || agree(d.Base) && agree(d.Other)):
		return Same
	case !d.Exact && !(d.Tested && d.P <= alpha):
		return Unclear
	}
	worse := d.Delta()
	if d.Metric.Better == results.NearZero {
		worse = math.Abs(d.Other.Median) - math.Abs(d.Base.Median)
	}
	if d.Paired && d.By.Known { // the middle of the differences may be on another side than that of the medians
		worse = d.By.Estimate
	}
	switch d.Metric.Better {
	case results.Higher:
		worse = -worse
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
