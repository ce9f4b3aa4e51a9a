package compare

import (
	"slices"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/paired"
)

// shifts look at where in each distribution the sides differ of which a metric is
// compared. In virtual time, where nothing is chance, the metrics say it all.
func (p Pair) shifts(base, other trial) (all []paired.Shift) {
	if base.virtual() || other.virtual() {
		return nil
	}
	var seen []string
	for _, d := range p.Differences {
		path, ok := results.HistogramOf(d.Metric.Path)
		if !ok || slices.Contains(seen, path) {
			continue
		}
		seen = append(seen, path)
		if s, ok := shift(path, base, other); ok {
			all = append(all, s)
		}
	}
	return all
}

// shift is of repeats that are pairs, or of two groups of them.
func shift(path string, base, other trial) (paired.Shift, bool) {
	if pairable(base, other) {
		a, b := beside(base, other)
		return paired.ShiftOf(path, a, b)
	}
	return paired.ShiftBetween(path, base.pointers(), other.pointers(), func(a, b []float64) (paired.Interval, bool) {
		if min(len(a), len(b)) < MinRepeats {
			return paired.Interval{}, false
		}
		in, ok := between(paired.Ratio, a, b, alpha)
		in.P = rankTest(a, b)
		return in, ok
	})
}

// beside are the repeats that both trials have, those that are pairs at one index.
func beside(base, other trial) (a, b []*results.Run) {
	for i := range base.Runs {
		for k := range other.Runs {
			if base.Runs[i].Repeat == other.Runs[k].Repeat {
				a, b = append(a, &base.Runs[i]), append(b, &other.Runs[k])
			}
		}
	}
	return a, b
}

func (t trial) pointers() (all []*results.Run) {
	for i := range t.Runs {
		all = append(all, &t.Runs[i])
	}
	return all
}
