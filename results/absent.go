package results

import (
	"bytes"
	"encoding/json"
	"strings"
)

// absences are the metrics of a run whose numbers its line lacks or has as null,
// each with the way to its number: what was not written must not pass for 0.
type absences map[string][]string

func (a absences) has(path string) bool {
	_, has := a[path]
	return has
}

// within are those of a part, as of a run of its own.
func (a absences) within(s section, name string) absences {
	part := absences{}
	for path, keys := range a {
		if in, of, whole, ok := cutPart(path); ok && in.name == s.name && of == name {
			part[whole] = keys
		}
	}
	return part
}

// findAbsent compares the run with the line that it was read from.
func findAbsent(run *Run, line []byte) (a absences) {
	var object map[string]any
	_ = json.Unmarshal(line, &object) // it is a run, and so an object
	note := func(path string, keys ...string) {
		if present(object, keys) {
			return
		}
		if a == nil {
			a = absences{}
		}
		a[path] = keys
	}
	for _, e := range catalogue {
		if _, ok := e.get(run); ok && e.key != "" {
			note(e.Path, strings.Split(e.key, ".")...)
		}
	}
	for _, key := range []string{"measured_ns", "started_at", "schedule.seed", "schedule.arrivals"} { // no metrics, and not known of imports
		note(key, strings.Split(key, ".")...)
	}
	for _, s := range sections {
		for name, c := range *s.of(run) {
			c.findAbsent(s.name, name, note)
		}
	}
	return a
}

// findAbsent notes what the part of a run at section and name lacks.
func (c ClassInfo) findAbsent(section, name string, note func(path string, keys ...string)) {
	path := section + "." + name + "."
	note(path+"offered", section, name, "offered")
	for outcome := range c.Outcomes {
		note(path+"outcomes."+outcome, section, name, "outcomes", outcome)
	}
	for _, s := range statistics {
		if c.Response != nil {
			note(path+partResponse+s.name, section, name, "response_ok", s.key())
		}
	}
}

func present(object map[string]any, keys []string) bool {
	last := len(keys) - 1
	for _, key := range keys[:last] {
		object, _ = object[key].(map[string]any)
	}
	return object[keys[last]] != nil
}

// key is the statistic's name in the file.
func (s statistic) key() string {
	if s.unit == UnitNS {
		return s.name + "_ns"
	}
	return s.name
}

// keyOf is where a metric stands in the file, or "" where the file has it not as
// a number, or leaves it out when it is 0.
func keyOf(m Metric) string {
	head, name, _ := strings.Cut(m.Path, ".")
	switch head {
	case "response", "service", "send_delay", "phases":
		if m.Unit == UnitNS {
			return "latency." + m.Path + "_ns"
		}
		return "latency." + m.Path
	case "throughput", "goodput":
		return head + "_per_s"
	case "offered":
		if name == "rate" {
			return "offered_per_s"
		}
	case "cost", "target":
		return strings.NewReplacer("cpu_per_op", "cpu_ns_per_op", "d.per_op", "d.ns_per_op", "gc_pause", "gc_pause_ns", "peak_rss", "peak_rss_bytes").Replace(m.Path)
	case "pipeline":
		return pipelineKey(m.Path)
	case "outcomes":
		return strings.TrimSuffix(m.Path, ".share")
	case "faults", "goroutines":
		return ""
	}
	switch m.Path {
	case "league.recovery":
		return m.Path + "_ns"
	case "accuracy.starvation", "keys." + untracked:
		return ""
	}
	return m.Path
}

// withNulls is the line of a run, with null for the numbers that it has not got.
func (a absences) withNulls(line []byte) []byte {
	for _, keys := range a {
		line = withNull(line, keys)
	}
	return append(bytes.TrimSpace(line), '\n')
}

func withNull(object json.RawMessage, keys []string) json.RawMessage {
	list, err := members(object)
	if err != nil {
		return object // where even the part is missing, so is the number
	}
	for i, m := range list {
		switch {
		case m.Name != keys[0]:
		case len(keys) == 1:
			list[i].Value = json.RawMessage("null")
		default:
			list[i].Value = withNull(m.Value, keys[1:])
		}
	}
	return objectOf(list)
}
