package results

import (
	"cmp"
	"slices"
)

// Trial is a subject of a scenario with its repeats. It is what is compared.
type Trial struct {
	Scenario, Name string
	Runs           []Run // the repeats, in the order of the file; never none
}

// Trials groups runs by scenario and subject: scenarios as they first appear,
// and the subjects of each as it lists them. Files of versions that did not note
// that have them in the order of first appearance, which is a shuffled one.
func Trials(runs []Run) []Trial {
	var all []Trial
	var scenarios []string
	for _, r := range runs {
		i := slices.IndexFunc(all, func(t Trial) bool { return t.Scenario == r.Scenario && t.Name == r.Trial })
		if i < 0 {
			i, all = len(all), append(all, Trial{Scenario: r.Scenario, Name: r.Trial})
			scenarios = append(scenarios, r.Scenario)
		}
		all[i].Runs = append(all[i].Runs, r)
	}
	slices.SortStableFunc(all, func(a, b Trial) int {
		return cmp.Or(
			cmp.Compare(slices.Index(scenarios, a.Scenario), slices.Index(scenarios, b.Scenario)),
			cmp.Compare(a.Runs[0].Place, b.Runs[0].Place))
	})
	return all
}

// Sort puts the runs of one scenario, which were made in random order, in the
// order of its subjects, each with its repeats.
func Sort(runs []Run) {
	slices.SortStableFunc(runs, func(a, b Run) int {
		return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.Repeat, b.Repeat))
	})
}

// Spread is one number over the repeats of a trial.
type Spread struct {
	N                int
	Median, Min, Max float64
}

// SpreadOf sums up values in any order; ok is false where there are none.
func SpreadOf(values []float64) (s Spread, ok bool) {
	n := len(values)
	if n == 0 {
		return Spread{}, false
	}
	sorted := slices.Sorted(slices.Values(values))
	median := sorted[n/2]
	if before := sorted[(n-1)/2]; before != median {
		median = before/2 + median/2 // not the half of their sum, which may be too large
	}
	return Spread{N: n, Median: median, Min: sorted[0], Max: sorted[n-1]}, true
}

// Constant reports whether all values are one.
func (s Spread) Constant() bool { return s.Min == s.Max }
