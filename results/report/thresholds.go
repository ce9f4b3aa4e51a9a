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
		var missed, kept []trial
		for _, t := range c.trials {
			if t.keeps(threshold) {
				kept = append(kept, t)
			} else {
				missed = append(missed, t)
			}
		}
		mark := o.paint("✓", good)
		if len(missed) > 0 {
			mark = o.paint("✗", bad)
		}
		lines = append(lines, fmt.Sprintf("%s %s: %s", mark, threshold, verdicts(threshold.Metric, missed, kept)))
	}
	return lines
}

func (t trial) keeps(threshold results.Threshold) bool {
	for i := range t.repeats {
		if !threshold.Check(&t.repeats[i].Run).OK {
			return false
		}
	}
	return true
}

// verdicts gives the values behind a mark: one by one for those who missed,
// together for those who did not.
func verdicts(m results.Metric, missed, kept []trial) string {
	var parts, names []string
	for _, t := range missed {
		names = append(names, fmt.Sprintf("%s (%s)", plain(t.name), values(m, []trial{t})))
	}
	if len(missed) > 0 {
		parts = append(parts, "missed by "+strings.Join(names, ", "))
	}
	if len(kept) == 1 {
		parts = append(parts, fmt.Sprintf("kept by %s (%s)", plain(kept[0].name), values(m, kept)))
	} else if len(kept) > 1 {
		parts = append(parts, fmt.Sprintf("kept by %d (%s)", len(kept), values(m, kept)))
	}
	return strings.Join(parts, "; ")
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
	s, ok := summarise(all)
	if !ok {
		return "no data"
	}
	return s.between(func(v float64) string { return Quantity(v, m.Unit) })
}
