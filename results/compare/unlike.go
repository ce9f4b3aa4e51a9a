package compare

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/results"
)

// unlike says in which conditions two trials differ, beyond what they are
// compared for: a limit of 5/s against one of 100/s explains any difference.
func unlike(base, other trial) []string {
	var notes []string
	for _, part := range []struct {
		name   string
		of     func(results.Run) json.RawMessage
		counts func(name string) bool
	}{
		{"subject", func(r results.Run) json.RawMessage { return r.Subject }, anySetting},
		{"load", func(r results.Run) json.RawMessage { return object(r.Load) }, anySetting},
		{"protocol", func(r results.Run) json.RawMessage { return object(r.Protocol) }, conditions},
		{"machine", func(r results.Run) json.RawMessage { return object(r.Environment) }, hardware},
	} {
		if d := contrast(base.settings(part.of, part.counts), other.settings(part.of, part.counts)); d != "" {
			notes = append(notes, part.name+" differs: "+d)
		}
	}
	return notes
}

func anySetting(string) bool { return true }

// conditions leaves out how often a run was made and what was hoped of it.
func conditions(name string) bool { return name != "repeats" && name != "thresholds" }

// hardware leaves out what two runs on one machine may have otherwise.
func hardware(name string) bool {
	return slices.Contains([]string{"os", "arch", "cpu", "cores", "gomaxprocs", "go"}, name)
}

// notKnown is what a setting says of which an import knows nothing.
const notKnown = "null"

// settings reads those that count of a JSON object of every repeat into text;
// one that changed between repeats has all its values.
func (t trial) settings(of func(results.Run) json.RawMessage, counts func(name string) bool) map[string]string {
	all := map[string][]string{}
	for _, r := range t.Runs {
		for _, s := range results.Settings(of(r)) {
			if v := s.Text(); counts(s.Name) && v != notKnown && !slices.Contains(all[s.Name], v) {
				all[s.Name] = append(all[s.Name], v)
			}
		}
	}
	joined := map[string]string{}
	for name, values := range all {
		joined[name] = strings.Join(values, " and ")
	}
	return joined
}

// object is a part of a run as the file has it.
func object(part json.Marshaler) json.RawMessage {
	text, _ := part.MarshalJSON() // what was read can be written
	return text
}

// contrast lists the settings that two sides have otherwise. Subjects of two
// kinds are compared for being so: then only what both can be set to counts.
func contrast(ours, theirs map[string]string) string {
	kindred := ours["kind"] == theirs["kind"]
	names := maps.Clone(ours)
	maps.Copy(names, theirs)
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		a, okA := ours[name]
		b, okB := theirs[name]
		switch {
		case a == b, name == "kind", name == "scope", !kindred && !(okA && okB):
		case !okA:
			parts = append(parts, fmt.Sprintf("%s %s only in the other", name, b))
		case !okB:
			parts = append(parts, fmt.Sprintf("%s %s only in the base", name, a))
		default:
			parts = append(parts, fmt.Sprintf("%s %s against %s", name, a, b))
		}
	}
	return strings.Join(parts, ", ")
}
