package compare

import (
	"fmt"
	"slices"

	"github.com/fcbench/fcbench/results"
)

// pairable reports whether the k-th repeats of two trials are pairs: of one scenario in
// one file, where each repeat takes all subjects in a random order. Of a file that was
// put together from several nobody knows which belong together.
func pairable(base, other trial) bool {
	return base.file == "" && other.file == "" && base.Scenario == other.Scenario && base.once() && other.once()
}

// once reports whether no repeat is there twice.
func (t trial) once() bool {
	seen := map[int]bool{}
	for _, r := range t.Runs {
		if seen[r.Repeat] {
			return false
		}
		seen[r.Repeat] = true
	}
	return true
}

// inPairs reads a metric from the repeats in which both trials have it.
func inPairs(path string, base, other trial) (a, b []float64) {
	after := map[int]*results.Run{}
	for i := range other.Runs {
		after[other.Runs[i].Repeat] = &other.Runs[i]
	}
	for i := range base.Runs {
		beside := after[base.Runs[i].Repeat]
		if beside == nil {
			continue
		}
		v, _, err := results.Value(&base.Runs[i], path)
		w, _, besideErr := results.Value(beside, path)
		if err == nil && besideErr == nil {
			a, b = append(a, v), append(b, w)
		}
	}
	return a, b
}

// design says what the repeats are to each other, where there are several and chance has
// a part: of one metric they may be pairs, and of another not.
func (p Pair) design() (notes []string) {
	for _, d := range p.Differences {
		note := "repeats are not paired: they are of different scenarios, or some are there twice, or none is on both sides"
		switch {
		case d.Exact || max(d.Base.N, d.Other.N) < 2 || !d.Complete():
			continue
		case d.Paired:
			note = "repeats are pairs: each took both sides, one next to the other, and is compared with itself"
		case p.OfFiles:
			note = "two files are not paired: whatever else changed between them is in every difference"
		}
		if !slices.Contains(notes, note) {
			notes = append(notes, note)
		}
	}
	return notes
}

// same reports whether two runs are one run, and not two of one thing.
func same(a, b *results.Run) bool {
	return !a.StartedAt.IsZero() && a.StartedAt.Equal(b.StartedAt) && a.Time == b.Time &&
		a.Scenario == b.Scenario && a.Trial == b.Trial && a.Repeat == b.Repeat && a.Order == b.Order
}

// shared says that runs of both sides are one and the same, which is no comparison, or
// that one is there twice, which is not two measurements.
func shared(base, other trial) (errs []error) {
	both := 0
	for i := range base.Runs {
		for k := range other.Runs {
			if same(&base.Runs[i], &other.Runs[k]) {
				both++
			}
		}
	}
	if both > 0 {
		errs = append(errs, fmt.Errorf("%w: %s: %d of the runs of %s are the same runs as those of %s; want a thing compared with another, or measured again",
			ErrNoData, pairName(base, other), both, base.label, other.label))
	}
	return append(append(errs, base.twice()...), other.twice()...)
}

func (t trial) twice() (errs []error) {
	for i := range t.Runs {
		for k := range t.Runs[:i] {
			if same(&t.Runs[i], &t.Runs[k]) {
				errs = append(errs, fmt.Errorf("%w: %s has repeat %d twice, started at %s; want every run once",
					ErrNotComparable, t.label, t.Runs[i].Repeat, t.Runs[i].StartedAt.Format("2006-01-02T15:04:05.999Z07:00")))
			}
		}
	}
	return errs
}
