package paired

import (
	"cmp"
	"math"
	"slices"

	"github.com/fcbench/fcbench/results"
)

// Shift is by how much B's durations are longer than A's, quantile by quantile: where in
// the distribution the two differ, which no single percentile tells.
type Shift struct {
	Histogram string       `json:"histogram"` // such as "response.ok"
	Pairs     int          `json:"pairs"`     // of runs; 0 where runs are not paired
	Points    []ShiftPoint `json:"quantiles"`
	Said      string       `json:"said"` // which part moved, in words
}

// ShiftPoint is one quantile of a [Shift], over all runs. Every run has at least [Beyond]
// values beyond it.
type ShiftPoint struct {
	Name  string  `json:"quantile"` // such as "p99"
	Share float64 `json:"share"`    // of the values that it does not exceed
	A     float64 `json:"a"`        // medians over runs, in ns
	B     float64 `json:"b"`
	// Change is the Hodges–Lehmann estimate of B over A, less 1. Low and High hold the
	// truth nineteen times of twenty, of this quantile alone.
	Change float64 `json:"change"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	// P is two-sided, and counts that all quantiles were looked at.
	P     float64 `json:"p"`
	Moved bool    `json:"moved"`
}

// LeastShift is the share by which a quantile must differ to be called moved, beside that it
// is more than chance among all quantiles, and more than the clock can tell.
const LeastShift = 0.03

const shiftAlpha = 0.05

// LeastShiftPairs is the number of pairs below which nothing is said of shifts: of five,
// the most extreme of all outcomes has p = 0.06.
const LeastShiftPairs = 6

// ShiftOf compares the histograms at a path of two sides' runs, of which those at one
// index are a pair. Pairs of which a run has no such histogram are left out; ok is false
// where fewer than [LeastShiftPairs] are left, or no quantile has enough values beyond it.
func ShiftOf(histogram string, a, b []*results.Run) (s Shift, ok bool) {
	s.Histogram = histogram
	var sides [2][]*results.Distribution
	for i := range min(len(a), len(b)) {
		before, after := distribution(a[i], histogram), distribution(b[i], histogram)
		if before != nil && after != nil {
			sides[0], sides[1] = append(sides[0], before), append(sides[1], after)
		}
	}
	if s.Pairs = len(sides[0]); s.Pairs < LeastShiftPairs {
		return s, false
	}
	var columns [][]float64
	for _, q := range shiftQuantiles() {
		before, after, known := q.of(sides[0], sides[1])
		if !known {
			continue
		}
		d := Differences(Ratio, before, after)
		s.Points = append(s.Points, q.point(before, after, Signed(d, shiftAlpha)))
		columns = append(columns, d)
	}
	for i, p := range Together(columns) {
		s.Points[i].P = p
	}
	return s, s.conclude(ClockFloor(a, b))
}

// ShiftBetween is [ShiftOf] where runs are not paired: test compares the values of one
// quantile, and its p-value is for that alone.
func ShiftBetween(histogram string, a, b []*results.Run, test func(a, b []float64) (Interval, bool)) (s Shift, ok bool) {
	s.Histogram = histogram
	var sides [2][]*results.Distribution
	for i, runs := range [2][]*results.Run{a, b} {
		for _, r := range runs {
			if d := distribution(r, histogram); d != nil {
				sides[i] = append(sides[i], d)
			}
		}
	}
	for _, q := range shiftQuantiles() {
		before, after, known := q.of(sides[0], sides[1])
		if !known {
			continue
		}
		in, tested := test(before, after)
		if !tested {
			return s, false
		}
		s.Points = append(s.Points, q.point(before, after, in))
	}
	holm(s.Points)
	return s, s.conclude(ClockFloor(a, b))
}

// conclude marks what moved, and says so; not ok is that there is nothing to say it of.
func (s *Shift) conclude(floor float64) (ok bool) {
	for i := range s.Points {
		p := &s.Points[i]
		p.Moved = p.P <= shiftAlpha && math.Abs(p.Change) >= LeastShift && math.Abs(p.B-p.A) >= floor
	}
	s.Said = s.said()
	return len(s.Points) > 0
}

// ClockFloor is the difference of times, in ns, that readings of the clock alone can make.
func ClockFloor(sides ...[]*results.Run) (ns float64) {
	for _, r := range slices.Concat(sides...) {
		if r != nil {
			ns = max(ns, FloorReadings*r.Environment.ClockRead)
		}
	}
	return ns
}

func distribution(r *results.Run, path string) *results.Distribution {
	if r == nil {
		return nil
	}
	d, err := results.Distribute(r.Histogram(path)) // nil of nil
	if err != nil {
		return nil // as of a run without one
	}
	return d
}

// holm corrects p-values for the number of quantiles.
func holm(points []ShiftPoint) {
	order := make([]int, len(points))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, k int) int { return cmp.Compare(points[i].P, points[k].P) })
	least := 0.0
	for done, i := range order {
		least = max(least, min(1, points[i].P*float64(len(points)-done)))
		points[i].P = least
	}
}
