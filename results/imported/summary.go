package imported

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/fcbench/fcbench/results"
)

// header is a run of which only is known who made it.
func (in *input) header(form string) *results.Run {
	return &results.Run{
		Schema: results.Schema, Scenario: in.o.Scenario, Trial: in.o.Trial, Repeat: in.o.Repeat, Order: in.o.Repeat,
		Time: results.Real, Subject: json.RawMessage(`{"kind":"imported"}`), Workload: json.RawMessage(`{}`),
		Imported: &results.Imported{From: in.tool, Form: form},
		Validity: results.Validity{Verdict: results.Suspect, Reasons: []string{"not judged: " + in.tool + " made the run, and does not say whether it was itself the bottleneck"}},
	}
}

// summary is what a file says that has no single requests. What is nil or missing it
// does not say.
type summary struct {
	started            time.Time
	measured           time.Duration // 0: not known
	offered            *uint64
	outcomes, statuses map[string]uint64
	offeredPerS        *float64
	throughputPerS     *float64
	goodputPerS        *float64
	kind, outcome      string // of the histogram
	latency            map[string]any
	warnings           []string
}

// onlyOK says that all requests were ok, which says of the other outcomes that there were
// none.
func (s *summary) onlyOK(n uint64) {
	s.outcomes = map[string]uint64{"ok": n, "rejected": 0, "timed_out": 0, "failed": 0}
}

// run is the run of which only that is known.
func (s *summary) run(in *input, form string) (*results.Run, error) {
	if _, counted := s.latency["count"]; len(s.latency) > 0 && !counted {
		s.latency, s.warnings = nil, append(s.warnings, uncounted)
	}
	known := map[string]any{"warnings": s.warnings, "statuses": s.statuses}
	put := func(is bool, key string, v any) {
		if known[key] = v; !is {
			known[key] = nil
		}
	}
	put(!s.started.IsZero(), "started_at", s.started.UTC())
	put(s.measured > 0, "measured_ns", int64(s.measured))
	put(s.offered != nil, "offered", s.offered)
	put(s.offered != nil, "attempts", s.offered)
	put(s.offeredPerS != nil, "offered_per_s", s.offeredPerS)
	put(s.throughputPerS != nil, "throughput_per_s", s.throughputPerS)
	put(s.goodputPerS != nil, "goodput_per_s", s.goodputPerS)
	outcomes := map[string]any{}
	for _, o := range results.Outcomes {
		if outcomes[o.String()] = nil; s.outcomes != nil {
			if n, ok := s.outcomes[o.String()]; ok {
				outcomes[o.String()] = n
			}
		}
	}
	known["outcomes"] = outcomes
	kinds := map[string]any{"response": map[string]any{}, "service": map[string]any{}, "send_delay": map[string]any{}}
	if len(s.latency) > 0 {
		kinds[s.kind] = map[string]any{s.outcome: s.latency}
	}
	known["latency"] = kinds
	return in.know(in.header(form), func(line map[string]any) {
		for key, v := range known {
			line[key] = v
		}
	})
}

// know writes the line that a run has in a result file, changes it, and reads it again:
// the one way to a run that knows what it lacks, which is what is null.
func (in *input) know(run *results.Run, change func(line map[string]any)) (*results.Run, error) {
	var text bytes.Buffer
	if err := results.WriteRun(&text, run); err != nil {
		return nil, fmt.Errorf("%s: %w", in.name, err)
	}
	d := json.NewDecoder(&text)
	d.UseNumber()
	line := map[string]any{}
	if err := d.Decode(&line); err != nil {
		return nil, fmt.Errorf("%s: %w", in.name, err)
	}
	line["schedule"] = map[string]any{"seed": nil, "digest": "", "arrivals": nil}
	line["protocol"] = map[string]any{"drain": nil}
	change(line)
	changed, err := json.Marshal(line)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", in.name, err)
	}
	runs, err := results.ReadRuns(bytes.NewReader(changed), in.name)
	if err != nil {
		return nil, err
	}
	return &runs[0], nil
}

// stat notes one number of the histogram; what cannot be a duration is an error.
func (s *summary) stat(in *input, what, key string, ns float64) error {
	if !(ns >= 0 && ns <= float64(mostTook)) { // NaN too
		return in.wrong("%s is %v ns; want a duration of 0 to %v", what, ns, mostTook)
	}
	if s.latency == nil {
		s.latency = map[string]any{}
	}
	if key == "mean_ns" {
		s.latency[key] = ns
	} else {
		s.latency[key] = int64(math.Round(ns))
	}
	return nil
}

// rate is a number of so many per second, as long as it is one.
func rate(v float64) *float64 {
	if !(v >= 0) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

// Why times are left out.
const (
	mixed     = "times are left out, as they are of all answers together, of which some were not ok"
	unsorted  = "times are left out, as they are of all answers together, and how many of them were ok the file does not say"
	uncounted = "times are left out, as the file does not say of how many answers they are"
)
