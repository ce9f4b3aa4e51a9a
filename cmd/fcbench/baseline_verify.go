package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/fcbench/fcbench/results/compare"
)

// verifyAlpha is the chance that a baseline which repeats is said not to, of all its
// metrics together.
const verifyAlpha = 0.05

// named is a difference and the trial that it is of.
type named struct {
	trial string
	compare.Difference
}

func (n named) String() string {
	return fmt.Sprintf("%s: %s is %s (%s)", n.trial, n.Metric.Path, n.Change, n.Evidence())
}

// unverified says what keeps new runs from verifying a baseline: trials that only one
// side has, what was not tested or could not have been told, and what differs.
func unverified(c compare.Comparison) (err error) {
	for _, trial := range c.Unpaired {
		err = errors.Join(err, fail(exitNoData, "%s; want runs of every trial, and of no other", trial))
	}
	var tested []named
	for _, p := range c.Pairs {
		for _, d := range p.Differences {
			switch one := (named{p.Name, d}); {
			case d.Change == compare.NoData:
				err = errors.Join(err, fail(exitNoData, "%s: %s is on one side only; want it in all runs", p.Name, d.Metric.Path))
			case d.Exact && d.Change != compare.Same:
				err = errors.Join(err, fail(exitMissed, "%v; want a baseline that repeats", one))
			case d.Exact, d.Tested && d.Change == compare.Same: // whichever runs were whose, there is one value
			case d.Tested:
				tested = append(tested, one)
			default:
				err = errors.Join(err, fail(exitInconclusive, "%v; want at least %d runs of each trial", one, compare.MinRepeats))
			}
		}
	}
	return errors.Join(err, differing(tested))
}

// differing says which of the differences are more than chance, corrected for their
// number after Holm; or that runs are so few that none could be.
func differing(all []named) (err error) {
	slices.SortStableFunc(all, func(x, y named) int { return cmp.Compare(x.P, y.P) })
	rejecting := true
	for i, d := range all {
		if rejecting = rejecting && d.P*float64(len(all)-i) <= verifyAlpha; rejecting {
			err = errors.Join(err, fail(exitMissed, "%v, and %d metrics together; want a baseline that repeats", d, len(all)))
		}
		if need := enoughRuns(d.Base.N, len(all)); d.Other.N < need {
			err = errors.Join(err, fail(exitInconclusive, "%s: %s is of %d runs, which cannot show a difference of one in %d metrics; want at least %d", d.trial, d.Metric.Path, d.Other.N, len(all), need))
		}
	}
	return err
}

// enoughRuns is how many runs against so many of the baseline can show a difference
// of one metric in so many.
func enoughRuns(base, metrics int) int {
	orders := 1.0 // in which the runs can stand, of which two are the most extreme
	for n := 1; ; n++ {
		if orders *= float64(base+n) / float64(n); 2/orders*float64(metrics) <= verifyAlpha {
			return n
		}
	}
}
