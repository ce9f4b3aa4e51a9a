package report

import (
	"fmt"
	"strings"

	"github.com/fcbench/fcbench/results"
)

// thresholds says of each threshold who keeps it and who does not. A trial
// keeps it when every repeat does.
func (c comparison) thresholds(o Options) []string {
	var lines []string
	for _, threshold := range o.Thresholds {
		var by [results.Missed + 1][]trial
		worst := results.Kept
		for _, t := range c.trials {
			s := t.standing(threshold)
			by[s] = append(by[s], t)
			worst = max(worst, s)
		}
		mark := [...]string{results.Kept: o.paint("✓", good), results.Unknown: o.paint("?", doubt), results.Missed: o.paint("✗", bad)}[worst]
		lines = append(lines, fmt.Sprintf("%s %s: %s", mark, threshold,
			verdicts(threshold.Metric, by[results.Missed], by[results.Unknown], by[results.Kept])))
	}
	return lines
}

func (t trial) standing(threshold results.Threshold) (worst results.Standing) {
	for i := range t.repeats {
		worst = max(worst, threshold.Check(&t.repeats[i].Run).Standing())
	}
	return worst
}

// verdicts gives the values behind a mark: one by one for those who missed,
// together for those who did not.
func verdicts(m results.Metric, missed, unknown, kept []trial) string {
	var parts []string
	if len(missed) > 0 {
		var names []string
		for _, t := range missed {
			names = append(names, fmt.Sprintf("%s (%s)", Plain(t.name), values(m, []trial{t})))
		}
		parts = append(parts, "missed by "+strings.Join(names, ", "))
	}
	if len(unknown) > 0 {
		parts = append(parts, "no data in "+nameOrNumber(unknown))
	}
	if len(kept) > 0 {
		parts = append(parts, fmt.Sprintf("kept by %s (%s)", nameOrNumber(kept), values(m, kept)))
	}
	return strings.Join(parts, "; ")
}

// nameOrNumber is the name of one trial, or how many there are.
func nameOrNumber(trials []trial) string {
	if len(trials) == 1 {
		return Plain(trials[0].name)
	}
	return fmt.Sprint(len(trials))
}

// values is the range of a metric over the repeats of some trials.
func values(m results.Metric, trials []trial) string {
	var all []float64
	for _, t := range trials {
		for _, r := range t.repeats {
			if v, ok := metric(m.Path)(r); ok {
				all = append(all, v)
			}
		}
	}
	s, _ := results.SpreadOf(all) // only trials with a value are asked for one
	return between(s, func(v float64) string { return Quantity(v, m.Unit) })
}
