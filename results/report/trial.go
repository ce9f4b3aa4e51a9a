package report

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"github.com/fcbench/fcbench/results"
)

// comparison is the part of a file that belongs in one table: runs of one
// scenario on one schedule, under one load; or of all combinations of one sweep.
type comparison struct {
	runs   []results.Run // never empty
	trials []trial       // in the order of the scenario
}

// trial is a subject and its repeats: one row.
type trial struct {
	name    string
	part    string   // of what its runs are a part: a class or a stage; "" for whole runs
	repeats []repeat // never empty
}

// repeat is a run with what its row needs beyond the file's own numbers.
type repeat struct {
	results.Run
	latency quantiles
}

// comparisons sorts runs into tables and rows.
func comparisons(runs []results.Run) ([]comparison, error) {
	var out []comparison
	for _, r := range runs {
		i := slices.IndexFunc(out, func(c comparison) bool { return c.takes(r) })
		if i < 0 {
			i, out = len(out), append(out, comparison{})
		}
		out[i].runs = append(out[i].runs, r)
	}
	var err error
	for i := range out {
		err = errors.Join(err, out[i].group())
	}
	return out, err
}

// takes reports whether a run belongs to the others. Those of a sweep may differ in
// what they were sent, but not the repeats of one trial.
func (c comparison) takes(r results.Run) bool {
	first := c.runs[0]
	if r.Scenario != first.Scenario || r.Virtual() != first.Virtual() || !slices.Equal(paths(r), paths(first)) {
		return false
	}
	if len(r.Params) > 0 {
		same := slices.IndexFunc(c.runs, func(other results.Run) bool { return other.Trial == r.Trial })
		if same < 0 {
			return true
		}
		first = c.runs[same]
	}
	return r.Schedule.Digest == first.Schedule.Digest && r.Load.String() == first.Load.String()
}

func (c *comparison) group() error {
	for _, t := range results.Trials(c.runs) {
		row := trial{name: t.Name}
		for _, r := range t.Runs {
			q, err := quantilesOf(r)
			if err != nil {
				return err
			}
			row.repeats = append(row.repeats, repeat{r, q})
		}
		c.trials = append(c.trials, row)
	}
	return nil
}

// inProcess reports how the trial's subject is called.
func (t trial) inProcess() bool { return t.repeats[0].InProcess }

// simulated reports whether the trial did not run on the real thing.
func (t trial) simulated() bool {
	return slices.ContainsFunc(t.repeats, func(r repeat) bool { return r.Simulated })
}

// verdict is the worst of the repeats.
func (t trial) verdict() results.Verdict {
	rank := []results.Verdict{results.Valid, results.Suspect, results.Invalid}
	worst := slices.MaxFunc(t.repeats, func(a, b repeat) int {
		return cmp.Compare(slices.Index(rank, a.Validity.Verdict), slices.Index(rank, b.Validity.Verdict))
	})
	return worst.Validity.Verdict
}

// over reads a number from those repeats that have it.
func (t trial) over(read reader) (s results.Spread, ok bool) {
	var values []float64
	for _, r := range t.repeats {
		if v, ok := read(r); ok {
			values = append(values, v)
		}
	}
	return results.SpreadOf(values)
}

// relative is half the range over the median, which must not be 0: the ± of
// the tables.
func relative(s results.Spread) float64 {
	if s.Constant() {
		return 0
	}
	return (s.Max - s.Min) / 2 / math.Abs(s.Median)
}

// between writes the range.
func between(s results.Spread, write func(float64) string) string {
	low, high := write(s.Min), write(s.Max)
	if low == high {
		return low
	}
	return low + ".." + high
}
