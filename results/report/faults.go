package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fcbench/fcbench/results"
)

const faultsCaption = "Faults: requests during each, and in the 100 ms after what happens at once, by who decided; " +
	"response time less that of before it; tokens admitted, what the limit allows in that time, and the excess over it, key by key; " +
	"and how long after its end the limiter decided everything itself again."

// faults are the rows of what was done to Redis: fault by fault in the order of
// time, each trial under it. A row is a trial whose runs have that fault alone.
func (c comparison) faults() []trial {
	var rows []trial
	for i, more := 0, true; more; i++ {
		more = false
		for _, t := range c.trials {
			if row := t.withFault(i); len(row.repeats) > 0 {
				rows, more = append(rows, row), true
			}
		}
	}
	return rows
}

func (t trial) withFault(i int) trial {
	row := trial{name: t.name}
	for _, r := range t.repeats {
		if i < len(r.Faults) {
			r.Faults = r.Faults[i : i+1]
			row.repeats = append(row.repeats, r)
		}
	}
	return row
}

// fault reads a number of the one fault that the run has, if that was reached.
func fault(read func(*results.Fault) (float64, bool)) reader {
	return func(r repeat) (float64, bool) {
		f := &r.Faults[0]
		if !f.Reached {
			return 0, false
		}
		return read(f)
	}
}

// decidedBy counts the requests of the fault on which mode decided.
func decidedBy(mode string) reader {
	return fault(func(f *results.Fault) (float64, bool) { return float64(f.During.Decisions[mode]), true })
}

// granted reads what was admitted against the limit, where that is known.
func granted(read func(*results.Grant) int64) reader {
	return fault(func(f *results.Fault) (float64, bool) {
		if f.Limit == nil {
			return 0, false
		}
		return float64(read(f.Limit)), true
	})
}

func faultColumns(rows []trial) []column {
	of := func(t trial) *results.Fault { return &t.repeats[0].Faults[0] }
	which := []column{
		{Column: Column{Head: "fault", Text: true, Keep: true}, text: func(t trial) string { return Plain(of(t).Kind) }},
		{Column: Column{Head: "at", Tight: true, Keep: true}, text: func(t trial) string { return results.Short(time.Duration(of(t).AtNS)) }},
	}
	return slices.Concat(which, nameColumns(rows), []column{
		{Column: Column{Head: "primary", Rank: telling}, read: decidedBy("primary"), shows: medianAlone, write: number},
		{Column: Column{Head: "fail\nopen", Tight: true, Rank: telling}, optional: true, read: decidedBy("fail_open"), shows: medianAlone, write: number},
		{Column: Column{Head: "fail\nclosed", Tight: true, Rank: telling}, optional: true, read: decidedBy("fail_closed"), shows: medianAlone, write: number},
		{Column: Column{Head: "local", Tight: true, Rank: telling}, optional: true, read: decidedBy("local"), shows: medianAlone, write: number},
		{Column: Column{Head: "error", Tight: true, Rank: needed}, read: decidedBy(results.Undecided), shows: medianAlone, write: number},
		{Column: Column{Head: "added\np50", Cut: true, Rank: useful}, read: metric("faults.added_p50"), shows: medianAlone, write: duration},
		{Column: Column{Head: "added\np99", Tight: true, Rank: telling}, read: metric("faults.added_p99"), shows: medianAlone, write: duration},
		{Column: Column{Head: "admitted", Cut: true, Rank: useful}, read: granted(func(g *results.Grant) int64 { return g.Admitted }), shows: medianAlone, write: number},
		{Column: Column{Head: "limit", Tight: true, Rank: partial}, read: granted(func(g *results.Grant) int64 { return g.Entitled }), shows: medianAlone, write: number},
		{Column: Column{Head: "excess", Tight: true, Rank: needed}, read: granted(func(g *results.Grant) int64 { return g.Excess }), shows: extremes, write: number},
		{Column: Column{Head: "lost", Tight: true, Rank: needed}, optional: true, read: metric("faults.lost"), shows: extremes, write: number},
		{Column: Column{Head: "recovery", Tight: true}, read: metric("faults.recovery"), shows: extremes, write: duration},
	})
}

// unfinished says of the faults that were not, or not wholly, brought about.
func (c comparison) unfinished() []string {
	var lines []string
	for _, r := range c.runs {
		for _, f := range r.Faults {
			word := ""
			switch {
			case !f.Reached:
				word = "not reached"
			case f.Cut:
				word = "cut short"
			default:
				continue
			}
			lines = append(lines, fmt.Sprintf("%s, repeat %d: %s at %s was %s",
				Plain(r.Trial), r.Repeat, Plain(f.Kind), results.Short(time.Duration(f.AtNS)), word))
		}
	}
	return lines
}

// leftBehind says which runs, of those that count them, ended with more goroutines
// than they began with.
func (c comparison) leftBehind() []string {
	var lines, clean []string
	for _, t := range c.trials {
		worst := slices.MaxFunc(t.repeats, func(a, b repeat) int { return cmp.Compare(left(a), left(b)) })
		switch n := left(worst); {
		case n < 0:
		case n == 0:
			clean = append(clean, Plain(t.name))
		default:
			lines = append(lines, fmt.Sprintf("%s left %d behind: %d before the run, %d after it",
				Plain(t.name), n, worst.Goroutines.Before, worst.Goroutines.After))
		}
	}
	if len(clean) > 0 {
		lines = append(lines, "none left behind by "+strings.Join(clean, ", "))
	}
	return lines
}

// left is -1 where goroutines were not counted.
func left(r repeat) int {
	if r.Goroutines == nil {
		return -1
	}
	return r.Goroutines.Left()
}
