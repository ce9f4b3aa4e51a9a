package gating

import (
	"slices"
	"strings"
)

// partner is the place on side A of what is s on side B: of the same name under the same
// scenario, or where under that scenario each side has but one subject, that one.
func partner(a, b []subject, s subject) (at int, ok bool) {
	under, ok := scenarioOf(a, b, s.scenario)
	if !ok {
		return 0, false
	}
	at = slices.IndexFunc(a, func(other subject) bool { return other.scenario == under && other.name == s.name })
	if at < 0 && count(a, under) == 1 && count(b, s.scenario) == 1 {
		at = slices.IndexFunc(a, func(other subject) bool { return other.scenario == under })
	}
	return at, at >= 0
}

// scenarioOf is that of side A which stands for one of side B: of the same name; where
// the sides are of two files, under the workload of the same name; or where each
// side has but one, that one.
func scenarioOf(a, b []subject, scenario string) (string, bool) {
	before, after := scenariosOf(a), scenariosOf(b)
	if slices.Contains(before, scenario) {
		return scenario, true
	}
	if len(before) == 1 && len(after) == 1 {
		return before[0], true
	}
	_, workload, several := strings.Cut(scenario, "/")
	var found []string
	for _, other := range before {
		if _, its, ok := strings.Cut(other, "/"); several && ok && its == workload {
			found = append(found, other)
		}
	}
	if len(found) != 1 || slices.Contains(after, found[0]) {
		return "", false
	}
	return found[0], true
}

func scenariosOf(all []subject) (names []string) {
	for _, s := range all {
		if !slices.Contains(names, s.scenario) {
			names = append(names, s.scenario)
		}
	}
	return names
}

func count(all []subject, scenario string) (n int) {
	for _, s := range all {
		if s.scenario == scenario {
			n++
		}
	}
	return n
}
