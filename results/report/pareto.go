package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/results"
)

// candidate is a trial with what it has of each metric, in its median.
type candidate struct {
	trial
	values []float64
}

// front lists the trials of the Pareto front of some metrics, the best in the first
// one first: those than which no other is better in one and as good in all. Trials
// that are invalid or lack a metric are not compared.
func (c comparison) front(metrics []results.Metric) (title string, lines []string) {
	if len(metrics) == 0 {
		return "", nil
	}
	var titles []string
	for _, m := range metrics {
		titles = append(titles, fmt.Sprintf("%s (%s is better)", m.Path, m.Better))
	}
	var all []candidate
	var left []string
	for _, t := range c.trials {
		if one, why := t.candidate(metrics); why != "" {
			left = append(left, Plain(t.name)+": not compared: "+why)
		} else {
			all = append(all, one)
		}
	}
	best := slices.DeleteFunc(slices.Clone(all), func(a candidate) bool {
		return slices.ContainsFunc(all, func(b candidate) bool { return b.dominates(a, metrics) })
	})
	slices.SortStableFunc(best, func(a, b candidate) int {
		switch {
		case metrics[0].Better.Prefers(a.values[0], b.values[0]):
			return -1
		case metrics[0].Better.Prefers(b.values[0], a.values[0]):
			return 1
		}
		return 0
	})
	for _, b := range best {
		lines = append(lines, b.line(metrics))
	}
	title = fmt.Sprintf("pareto front of %s: %d of %d", strings.Join(titles, " and "), len(best), len(all))
	return title, append(lines, left...)
}

// candidate says why a trial is none.
func (t trial) candidate(metrics []results.Metric) (one candidate, why string) {
	if t.verdict() == results.Invalid {
		return one, "invalid"
	}
	one.trial = t
	for _, m := range metrics {
		s, ok := t.over(metric(m.Path))
		if !ok {
			return one, "no " + m.Path
		}
		one.values = append(one.values, s.Median)
	}
	return one, ""
}

// dominates reports whether a is better than b in one metric and as good in all.
func (a candidate) dominates(b candidate, metrics []results.Metric) bool {
	better := false
	for i, m := range metrics {
		if m.Better.Prefers(b.values[i], a.values[i]) {
			return false
		}
		better = better || m.Better.Prefers(a.values[i], b.values[i])
	}
	return better
}

func (a candidate) line(metrics []results.Metric) string {
	var parts []string
	for i, m := range metrics {
		parts = append(parts, Quantity(a.values[i], m.Unit))
	}
	return Plain(a.name) + ": " + strings.Join(parts, ", ")
}
