package report

import (
	"cmp"
	"math"
	"slices"

	"github.com/fcbench/fcbench/results"
)

// comparison is the part of a file that belongs in one table: runs of one
// scenario on one schedule, under one load.
type comparison struct {
	runs   []results.Run // never empty
	trials []trial       // in the order of first appearance
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
	type key struct {
		scenario, digest, load string
		virtual                bool
	}
	var out []comparison
	place := map[key]int{}
	for _, r := range runs {
		k := key{r.Scenario, r.Schedule.Digest, r.Load.String(), r.Virtual()}
		i, known := place[k]
		if !known {
			i, place[k] = len(out), len(out)
			out = append(out, comparison{})
		}
		if err := out[i].add(r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *comparison) add(r results.Run) error {
	c.runs = append(c.runs, r)
	i := slices.IndexFunc(c.trials, func(t trial) bool { return t.name == r.Trial })
	if i < 0 {
		i = len(c.trials)
		c.trials = append(c.trials, trial{name: r.Trial})
	}
	q, err := quantilesOf(r)
	c.trials[i].repeats = append(c.trials[i].repeats, repeat{r, q})
	return err
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

// spread is one number of a trial over its repeats.
type spread struct{ median, min, max float64 }

// over reads a number from those repeats that have it.
func (t trial) over(read reader) (s spread, ok bool) {
	var values []float64
	for _, r := range t.repeats {
		if v, ok := read(r); ok {
			values = append(values, v)
		}
	}
	return summarise(values)
}

func summarise(values []float64) (s spread, ok bool) {
	if len(values) == 0 {
		return spread{}, false
	}
	slices.Sort(values)
	n := len(values)
	return spread{(values[(n-1)/2] + values[n/2]) / 2, values[0], values[n-1]}, true
}

// relative is half the range over the median, which must not be 0: the ± of
// the tables.
func (s spread) relative() float64 {
	if s.max == s.min {
		return 0
	}
	return (s.max - s.min) / 2 / math.Abs(s.median)
}
