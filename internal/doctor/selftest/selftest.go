// Package selftest measures the verdict that fcbench gives on its own runs. It
// provokes what the rules are about, and counts in how many of many short runs the
// verdict says so, for the right reason; and it counts how many runs are convicted
// in which nothing was wrong.
//
// Every run is a process of its own, this program again, so that the limits which
// provoke a rule hold for it alone. A service that is asked is another, and so are
// the neighbours that take its core.
package selftest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fcbench/fcbench/results"
)

// Config says what is measured.
type Config struct {
	Runs   int                      // of every case
	Length time.Duration            // of the measured window of each
	Only   []string                 // cases, or groups of them; all if there are none
	Tell   func(string)             // of what goes on
	Keep   func(*results.Run) error // takes every run that counts; its scenario is the case
}

// Report is what was found.
type Report struct {
	LengthNS int64 `json:"length_ns"`
	Runs     int   `json:"runs"`
	Cases    []Row `json:"cases"`
	Kept     bool  `json:"kept"`
}

// Missed is how many cases did not come out as they have to, and unclear of how many
// that cannot be said.
func (r Report) Missed() (missed, unclear int) {
	for _, c := range r.Cases {
		switch {
		case c.Unclear:
			unclear++
		case !c.Kept:
			missed++
		}
	}
	return missed, unclear
}

// ErrCase says that there is no case of a name.
var ErrCase = errors.New("there is no such case")

// Run makes the runs. If ctx ends meanwhile, the report has what there is until then.
func Run(ctx context.Context, c Config) (Report, error) {
	r := Report{LengthNS: int64(c.Length), Runs: c.Runs}
	all, err := chosen(c.Only)
	if err != nil {
		return r, err
	}
	b, err := open(ctx, c)
	if err != nil {
		return r, err
	}
	defer b.close()
	r.Kept = true
	for i, one := range all {
		c.Tell(fmt.Sprintf("[%d/%d] %s: %s", i+1, len(all), one.name, one.about))
		row, err := b.measure(ctx, one)
		r.Cases = append(r.Cases, row)
		r.Kept = r.Kept && row.Kept
		if err != nil {
			r.Kept = false
			return r, errors.Join(err, b.close())
		}
	}
	return r, b.close()
}

// chosen are the cases that names name, each by itself or with its group.
func chosen(names []string) (some []testCase, err error) {
	all := cases()
	if len(names) == 0 {
		return all, nil
	}
	for _, name := range names {
		if !slices.ContainsFunc(all, func(c testCase) bool { return c.is(name) }) {
			err = errors.Join(err, fmt.Errorf("%w as %q; want some of %s", ErrCase, name, strings.Join(groups(all), ", ")))
		}
	}
	for _, c := range all {
		if slices.ContainsFunc(names, c.is) {
			some = append(some, c)
		}
	}
	return some, err
}

// groups are the names of what can be chosen, without what they consist of.
func groups(all []testCase) (names []string) {
	for _, c := range all {
		group, _, _ := strings.Cut(c.name, "/")
		names = append(names, group)
	}
	return slices.Compact(names)
}
