// Package compare says how two trials differ, metric by metric: two result
// files, or the subjects of one.
//
// The unit of comparison is the run. Repeats of a trial are a handful of
// numbers per metric, so what is shown is their medians, their ranges, and a
// rank test that assumes nothing about how they are spread. Fewer than four
// repeats a side cannot reach significance whatever they show; that is said in
// words instead of with a p-value. Judging differences is another package's work.
package compare

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/results"
)

// ErrNotComparable is the reason why no difference between two sides would
// mean anything. Errors that wrap it name the reason.
var ErrNotComparable = errors.New("not comparable")

// ErrNoData means that nothing was compared: no runs, no trial on both sides,
// or no metric that both have.
var ErrNoData = errors.New("no data to compare")

// Options choose what is compared.
type Options struct {
	Metrics      []string // paths as in [results.Metrics]; none means those that matter for the trials
	AllowInvalid bool     // compare runs that call themselves invalid
}

// Comparison is a set of pairs of trials.
type Comparison struct {
	Pairs    []Pair
	Unpaired []string // trials that only one side has, such as "gcra: only in the second file"
}

// Pair is two trials and how they differ.
type Pair struct {
	Base, Other string // names of the trials
	Differences []Difference
	Notes       []string // what must be said beside the numbers
}

// Files compares the trials of two result files by name: a is the base.
func Files(a, b []results.Run, o Options) (Comparison, error) {
	before, after := trials(a), trials(b)
	if len(before) == 0 || len(after) == 0 {
		return Comparison{}, fmt.Errorf("%w: the first file has %d runs, the second %d; want at least one each", ErrNoData, len(a), len(b))
	}
	var c Comparison
	var errs []error
	for _, base := range before {
		i := slices.IndexFunc(after, func(t trial) bool { return t.key() == base.key() })
		if i < 0 {
			c.Unpaired = append(c.Unpaired, base.name()+": only in the first file")
			continue
		}
		errs = append(errs, c.add(base, after[i], o))
	}
	for _, other := range after {
		if !slices.ContainsFunc(before, func(t trial) bool { return t.key() == other.key() }) {
			c.Unpaired = append(c.Unpaired, other.name()+": only in the second file")
		}
	}
	return c.finish(errs)
}

// Trials compares the trials of one file with the one named base; an empty
// base names the first.
func Trials(runs []results.Run, base string, o Options) (Comparison, error) {
	all := trials(runs)
	if len(all) < 2 {
		return Comparison{}, fmt.Errorf("%w: the file has %d trials; want at least two", ErrNoData, len(all))
	}
	if base == "" {
		base = all[0].name()
	}
	at := slices.IndexFunc(all, func(t trial) bool { return t.name() == base })
	if at < 0 {
		return Comparison{}, fmt.Errorf("%w: trial %q is not in the file; want one of %s", ErrNoData, base, names(all))
	}
	var c Comparison
	var errs []error
	for i, other := range all {
		if i != at {
			errs = append(errs, c.add(all[at], other, o))
		}
	}
	return c.finish(errs)
}

// add compares one pair.
func (c *Comparison) add(base, other trial, o Options) error {
	if err := comparable(base, other, o); err != nil {
		return err
	}
	p, err := pair(base, other, o)
	if err != nil {
		return err
	}
	c.Pairs = append(c.Pairs, p)
	return nil
}

// finish reports every pair that could not be compared, beside those that were.
func (c Comparison) finish(errs []error) (Comparison, error) {
	if err := errors.Join(errs...); err != nil {
		return c, err
	}
	if len(c.Pairs) == 0 {
		return c, fmt.Errorf("%w: %s", ErrNoData, strings.Join(c.Unpaired, "; "))
	}
	return c, nil
}
