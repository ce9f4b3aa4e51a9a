// Package compare says how two trials differ, metric by metric: two result
// files, or the subjects of one.
//
// The unit of comparison is the run. Repeats of a trial are a handful of
// numbers per metric, so what is shown is their medians, their ranges, and a
// rank test that assumes nothing about how they are spread, with the interval that
// belongs to it. The repeats of one file are pairs, those of two are not. Of fewer than six
// pairs, or four repeats a side, no test is made, because it could not reach significance
// whatever they show; that is said in words instead of with a p-value. Only of what
// repeats exactly, such as counts in virtual time, any difference is a change.
package compare

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/paired"
)

// ErrNotComparable is the reason why no difference between two sides would
// mean anything. Errors that wrap it name the reason.
var ErrNotComparable = errors.New("not comparable")

// ErrNoData means that nothing was compared: no runs, no trial on both sides,
// or no metric that both have.
var ErrNoData = errors.New("no data to compare")

// Options choose what is compared.
type Options struct {
	Base, Other  string   // what two files are called; none means [FirstFile] and [SecondFile]
	Metrics      []string // paths as in [results.Metrics]; none means those that matter for the trials
	AllowInvalid bool     // compare runs that call themselves invalid
}

// Comparison is a set of pairs of trials.
type Comparison struct {
	Pairs    []Pair
	Unpaired []string // trials that only one side has, such as "gcra: only in after.jsonl"
}

// Pair is two trials and how they differ.
type Pair struct {
	Scenario    string // of both, or "" where they are of different ones
	Name        string // the trial, or both of them
	Base, Other string // what the sides are called: two files, or two trials of one
	OfFiles     bool   // the sides are files
	Simulated   bool   // neither was measured on the real thing
	Differences []Difference
	Shifts      []paired.Shift // where in the distributions of those metrics the sides differ
	Notes       []string       // what must be said beside the numbers
}

// The sides of a comparison of files.
const (
	FirstFile  = "the first file"
	SecondFile = "the second file"
)

// Files compares the trials of two result files by name; a is the base. What
// could be compared is returned even with an error.
func Files(a, b []results.Run, o Options) (Comparison, error) {
	before, after := trials(a, cmp.Or(o.Base, FirstFile)), trials(b, cmp.Or(o.Other, SecondFile))
	if len(before) == 0 || len(after) == 0 {
		return Comparison{}, fmt.Errorf("%w: the files have %d and %d runs; want at least one each", ErrNoData, len(a), len(b))
	}
	var c Comparison
	var errs []error
	for _, base := range before {
		if i := slices.IndexFunc(after, base.same); i >= 0 {
			errs = append(errs, c.add(base, after[i], o)...)
		} else {
			c.Unpaired = append(c.Unpaired, base.Name+": only in "+base.label)
		}
	}
	for _, other := range after {
		if !slices.ContainsFunc(before, other.same) {
			c.Unpaired = append(c.Unpaired, other.Name+": only in "+other.label)
		}
	}
	return c, c.result(errs)
}

// Trials compares the trials of one file with the one named base; an empty
// base names the first. In a sweep each is compared with that subject in its own
// combination. What could be compared is returned even with an error.
func Trials(runs []results.Run, base string, o Options) (Comparison, error) {
	all := trials(runs, "")
	if len(all) < 2 {
		return Comparison{}, fmt.Errorf("%w: the file has %d trials; want at least two", ErrNoData, len(all))
	}
	at := 0
	if base != "" {
		at = slices.IndexFunc(all, func(t trial) bool { return t.label == base || t.Name == base || t.Runs[0].SubjectName() == base })
	}
	if at < 0 {
		return Comparison{}, fmt.Errorf("%w: base is %q; want one of %s", ErrNoData, base, names(all))
	}
	var c Comparison
	var errs []error
	for i, other := range all {
		if b := baseOf(all, at, i, base); b != i {
			errs = append(errs, c.add(all[b], other, o)...)
		}
	}
	return c, c.result(errs)
}

// baseOf is the trial with which the i-th is compared: that at the place of the base
// or, unless one combination of a sweep was named, the same subject in the
// combination of the i-th, if the sweep has other subjects.
func baseOf(all []trial, at, i int, named string) int {
	subject := all[at].Runs[0].SubjectName()
	others := slices.ContainsFunc(all, func(t trial) bool { return t.Runs[0].SubjectName() != subject })
	if len(all[i].Runs[0].Params) == 0 || named == all[at].label || named == all[at].Name || !others {
		return at
	}
	beside := slices.IndexFunc(all, func(t trial) bool { return t.Runs[0].SubjectName() == subject && t.combined(all[i]) })
	if beside < 0 {
		return at
	}
	return beside
}

// add compares one pair and returns what is wrong with it.
func (c *Comparison) add(base, other trial, o Options) []error {
	if reasons := append(shared(base, other), checkComparable(base, other, o)...); len(reasons) > 0 {
		return reasons
	}
	if twins(base, other) {
		base.label, other.label = base.twin(), other.twin()
	}
	p, errs := pair(base, other, o)
	if len(p.Differences) > 0 {
		c.Pairs = append(c.Pairs, p)
	}
	return errs
}

// result says everything that was wrong, each thing once, or that nothing was compared.
func (c Comparison) result(errs []error) error {
	if len(errs) == 0 && len(c.Pairs) == 0 {
		return fmt.Errorf("%w: no trial is on both sides: %s", ErrNoData, strings.Join(c.Unpaired, "; "))
	}
	said := map[string]bool{}
	errs = slices.DeleteFunc(errs, func(err error) bool {
		before := said[err.Error()]
		said[err.Error()] = true
		return before
	})
	return errors.Join(errs...)
}
