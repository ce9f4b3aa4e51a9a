package trials

import (
	"fmt"
	"math"
	"strings"

	"github.com/fcbench/fcbench/results"
)

// below refuses a goal that more load would help to keep.
func below(t results.Threshold) error {
	if t.Op == "<" || t.Op == "<=" {
		return nil
	}
	return fmt.Errorf("goal %q is kept by more load; want %s < VALUE", t, t.Metric.Path)
}

// span is what a threshold leaves of a metric: from low to high, which are left out
// themselves where the threshold says so.
type span struct {
	low, high         float64
	overLow, overHigh bool
}

func spanOf(t results.Threshold) span {
	s := span{low: math.Inf(-1), high: math.Inf(1), overLow: t.Op == ">", overHigh: t.Op == "<"}
	switch t.Op {
	case "<", "<=":
		s.high = t.Bound
	case ">", ">=":
		s.low = t.Bound
	case "==":
		s.low, s.high = t.Bound, t.Bound
	}
	return s
}

// below reports whether everything in the span is less than everything in the other.
func (s span) below(other span) bool {
	return s.high < other.low || s.high == other.low && (s.overHigh || other.overLow)
}

// possible is what a metric can be: times, rates, counts and sizes are nothing or more, and
// shares of what was offered the whole at most.
func possible(m results.Metric) (s span, known bool) {
	s.high = math.Inf(1)
	switch m.Unit {
	case results.UnitShare:
		if strings.HasSuffix(m.Path, share) {
			s.high = 1
		}
		return s, true
	case results.UnitNS, results.UnitRate, results.UnitCount, results.UnitBytes:
		return s, true
	}
	return s, false
}

// hopeless is the error of a goal that no run keeps, such as a share below 0.
func hopeless(t results.Threshold) error {
	can, known := possible(t.Metric)
	wants := spanOf(t)
	if !known || !wants.below(can) && !can.below(wants) {
		return nil
	}
	want := "0 or more"
	if can.high == 1 {
		want = "0 to 1"
	}
	return fmt.Errorf("goal %q is kept by no run; want a bound that %s can meet, which is %s", t, t.Metric.Path, want)
}

// contradict is the error of two goals that no run keeps.
func contradict(a, b results.Threshold) error {
	if apart(a, b) || apart(b, a) {
		return fmt.Errorf("goals %q and %q contradict each other; want one of the two", a, b)
	}
	return nil
}

// apart reports whether the first is to be less than the second, and is never.
func apart(a, b results.Threshold) bool {
	if a.Metric.Path == b.Metric.Path && a.Bound == b.Bound && a.Op == "==" && b.Op == "!=" {
		return true
	}
	return ascending(b.Metric.Path, a.Metric.Path) && spanOf(a).below(spanOf(b))
}

// ascending reports whether the first metric is never more than the second: they are the same,
// or of the same latencies, as the least of them, percentiles in their order, and the most.
func ascending(a, b string) bool {
	ofA, low := cutLast(a)
	ofB, high := cutLast(b)
	first, isLow := rank(low, 1)
	second, isHigh := rank(high, 0)
	return a == b || ofA == ofB && isLow && isHigh && first <= second
}

func cutLast(path string) (of, name string) {
	at := strings.LastIndex(path, ".") + 1
	return path[:at], path[at:]
}

// rank is the share of latencies that one of them is not below; the mean is only known to be
// between the ends.
func rank(name string, ofMean float64) (share float64, ok bool) {
	switch name {
	case "min":
		return 0, true
	case "mean":
		return ofMean, true
	case "max":
		return 1, true
	}
	share = results.ShareOf(name)
	return share, share > 0
}
