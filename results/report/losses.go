package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/results"
)

// topCauses is how many reasons for a loss are told one by one.
const topCauses = 3

// losses say why arrivals got no answer or an error, trial by trial, over all
// repeats. A target that dies during a run must not pass for a fast one.
func (c comparison) losses() []string {
	var lines []string
	for _, t := range c.trials {
		for _, o := range [...]results.Outcome{results.Failed, results.TimedOut, results.Shed, results.Unsent} {
			if line := t.loss(o); line != "" {
				lines = append(lines, line)
			}
		}
	}
	return lines
}

// loss is "" when no arrival of the trial ended in o.
func (t trial) loss(o results.Outcome) string {
	var offered, lost uint64
	causes := map[string]uint64{}
	for _, r := range t.repeats {
		offered += r.Offered
		lost += r.Outcomes[o.String()]
		for name, n := range r.Causes {
			if cause, ok := strings.CutPrefix(name, o.String()+": "); ok {
				causes[cause] += n
			}
		}
	}
	if lost == 0 {
		return ""
	}
	line := fmt.Sprintf("%s: %s %s of %s", t.name, words(o), number(float64(lost)), number(float64(offered)))
	if len(causes) > 0 {
		line += ": " + top(causes)
	}
	return Plain(line)
}

// nothingOK is said of a trial of which no request was ok, so that there is no
// time to tell of; "" of any other.
func (t trial) nothingOK() string {
	ended := map[string]uint64{}
	for _, r := range t.repeats {
		if r.Outcomes[results.OK.String()] > 0 || r.Offered == 0 {
			return ""
		}
		for _, o := range results.Outcomes {
			if n := r.Outcomes[o.String()]; n > 0 {
				ended[words(o)] += n
			}
		}
	}
	return fmt.Sprintf("NOTHING OK: %s: %s.", Plain(t.name), top(ended))
}

// words is an outcome's name outside of files.
func words(o results.Outcome) string { return strings.ReplaceAll(o.String(), "_", " ") }

// top names the commonest causes.
func top(causes map[string]uint64) string {
	order := slices.SortedFunc(maps.Keys(causes), func(a, b string) int {
		return cmp.Or(cmp.Compare(causes[b], causes[a]), cmp.Compare(a, b))
	})
	var parts []string
	for _, cause := range order[:min(topCauses, len(order))] {
		parts = append(parts, cause+" "+number(float64(causes[cause])))
	}
	if more := len(order) - topCauses; more > 0 {
		parts = append(parts, fmt.Sprintf("%d other causes", more))
	}
	return strings.Join(parts, ", ")
}
