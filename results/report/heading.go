package report

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fcbench/fcbench/results"
)

// title is the scenario, and whether its numbers are real.
func (c comparison) title(o Options) string {
	title := plain(c.runs[0].Scenario)
	if names := c.simulated(); len(names) > 0 {
		title += o.paint("  SIMULATED: "+strings.Join(names, ", ")+" on a stand-in; no claim about speed", doubt)
	}
	return title
}

// simulated names the subjects that did not run on the real thing.
func (c comparison) simulated() []string {
	var names []string
	for _, t := range c.trials {
		if slices.ContainsFunc(t.repeats, func(r repeat) bool { return r.Simulated }) {
			names = append(names, plain(t.name))
		}
	}
	return names
}

// facts are those without which the table means nothing.
func (c comparison) facts() []string {
	r := c.runs[0]
	facts := []string{
		workload(r),
		fmt.Sprintf("%s loop, %s time, %s, seed %d, schedule %s", loadModel(r), r.Time, c.repeats(), r.Schedule.Seed, r.Schedule.Digest),
	}
	if machine := environmentOf(r).String(); machine != "" {
		facts = append(facts, machine)
	}
	return facts
}

// repeats says how many runs stand behind a row.
func (c comparison) repeats() string {
	least, most := len(c.trials[0].repeats), len(c.trials[0].repeats)
	for _, t := range c.trials {
		least, most = min(least, len(t.repeats)), max(most, len(t.repeats))
	}
	if least == most {
		return fmt.Sprintf("n=%d", most)
	}
	return fmt.Sprintf("n=%d..%d", least, most)
}

// workload says how many arrivals came, in which manner, and how long for.
func workload(r results.Run) string {
	var w struct {
		Arrivals, Keys struct{ Kind string }
		Streams        []json.RawMessage
	}
	_ = json.Unmarshal(r.Workload, &w) // its kinds are an ornament: a workload of another shape goes without
	text := number(float64(r.Schedule.Arrivals))
	if w.Arrivals.Kind != "" {
		text += " " + w.Arrivals.Kind
	}
	text += fmt.Sprintf(" arrivals in %s (%s)", time.Duration(r.MeasuredNS), Quantity(r.OfferedPerS, "/s"))
	if len(w.Streams) > 0 {
		text += fmt.Sprintf(" in %d streams", len(w.Streams))
	}
	if w.Keys.Kind != "" {
		text += ", " + w.Keys.Kind + " keys"
	}
	return text
}

// loadModel is "open" or "closed".
func loadModel(r results.Run) string {
	var load struct{ Model string }
	_ = json.Unmarshal(r.Load, &load)
	return load.Model
}

// hasSLO reports whether the run was told which answers are good.
func hasSLO(r results.Run) bool {
	var protocol struct{ SLO any }
	_ = json.Unmarshal(r.Protocol, &protocol)
	switch protocol.SLO {
	case nil, "", "0s", 0.0:
		return false
	}
	return true
}

// environment is what the formats here need of a run's environment.
type environment struct {
	Go          string
	OS          string
	Arch        string
	CPU         string
	Cores       int
	GOMAXPROCS  int
	Redis       string
	ClockReadNS float64 `json:"clock_read_ns"`
}

func environmentOf(r results.Run) (e environment) {
	_ = json.Unmarshal(r.Environment, &e) // written by another machine or version: what is missing is left out
	return e
}

// String is the machine in one line, as far as it is known.
func (e environment) String() string {
	parts := []string{e.CPU}
	if e.Cores > 0 {
		parts = append(parts, fmt.Sprintf("%d cores", e.Cores))
	}
	parts = append(parts, strings.Trim(e.OS+"/"+e.Arch, "/"), e.Go)
	if e.Redis != "" {
		parts = append(parts, "Redis "+e.Redis)
	}
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), ", ")
}
