package report

import (
	"maps"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/results"
)

// present lists the metrics that at least one run has, in the order of the
// listing, with every name spelled out.
func present(runs []results.Run) []results.Metric {
	var out []results.Metric
	for _, listed := range results.Metrics() {
		for _, path := range spelled(listed.Path, runs) {
			for i := range runs {
				if _, m, err := results.Value(&runs[i], path); err == nil {
					out = append(out, m)
					break
				}
			}
		}
	}
	return out
}

// spelled spells out a listed path for the classes and the statuses of runs.
func spelled(path string, runs []results.Run) []string {
	_, after, ok := strings.Cut(path, "}")
	if ok && strings.HasPrefix(path, "statuses.") {
		return spell("statuses.", statusNames(runs), after)
	}
	return expand(path, partNames(runs, strings.HasPrefix(path, "requests.")))
}

// statusNames are those that any run had, in order.
func statusNames(runs []results.Run) []string {
	all := map[string]bool{}
	for _, r := range runs {
		for name := range r.Statuses {
			all[name] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// partNames are the names of the streams, or of the requests of mixes, in alphabetic order.
func partNames(runs []results.Run, requests bool) []string {
	all := map[string]bool{}
	for _, r := range runs {
		parts := r.Classes
		if requests {
			parts = r.Requests
		}
		for name := range parts {
			all[name] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// expand spells a listed path out: {a,b} is either name, NAME every class.
func expand(path string, classes []string) []string {
	if before, after, ok := strings.Cut(path, "NAME"); ok {
		return spell(before, classes, after)
	}
	before, rest, ok := strings.Cut(path, "{")
	if !ok {
		return []string{path}
	}
	alternatives, after, _ := strings.Cut(rest, "}")
	return spell(before, strings.Split(alternatives, ","), after)
}

// spell puts each name between before and after, which may hold further ones.
func spell(before string, names []string, after string) []string {
	var out []string
	for _, name := range names {
		for _, rest := range expand(after, nil) {
			out = append(out, before+name+rest)
		}
	}
	return out
}
