package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fcbench/fcbench/results"
)

// noClaim is said of every subject that did not run on the real thing.
const noClaim = "on a stand-in; no claim about speed"

// title is the scenario, and whether its numbers are real.
func (c comparison) title(o Options) string {
	title := Plain(c.runs[0].Scenario)
	if names := c.simulated(); len(names) > 0 {
		title += o.paint("  SIMULATED: "+strings.Join(names, ", ")+" "+noClaim, doubt)
	}
	return title
}

// simulated names the subjects that did not run on the real thing.
func (c comparison) simulated() []string {
	var names []string
	for _, t := range c.trials {
		if t.simulated() {
			names = append(names, Plain(t.name))
		}
	}
	return names
}

// facts are those without which the table means nothing.
func (c comparison) facts(width int) []string {
	return facts(width, c.workload(), c.conduct(), machineFacts(c.runs[0].Environment))
}

// workload says how many arrivals came in how long, and what they were like.
func (c comparison) workload() []string {
	facts := []string{c.volume()}
	facts = append(facts, c.shared(keyFacts)...)
	return append(facts, c.shared(func(r results.Run) []string { return workloadFacts(r.Workload) })...)
}

// keyFacts are of the keys that came, where there were several.
func keyFacts(r results.Run) []string {
	k := r.Keys
	if k == nil || k.Distinct <= 1 || k.TopShare == nil {
		return nil
	}
	return []string{fmt.Sprintf("%s keys came, the busiest %s of the time", number(float64(k.Distinct)), percent(k.TopShare["1"]))}
}

// volume is what was offered. That is what the schedule held, unless a run was
// cut short or fell behind; a closed loop has no schedule to compare with.
func (c comparison) volume() string {
	offered := c.span(func(r results.Run) float64 { return float64(r.Offered) })
	measured := c.span(func(r results.Run) float64 { return float64(r.MeasuredNS) })
	rate := c.span(func(r results.Run) float64 { return r.OfferedPerS })
	scheduled := c.span(func(r results.Run) float64 { return float64(r.Schedule.Arrivals) })
	what := "arrivals"
	switch {
	case c.runs[0].Load.Closed():
		what = "requests offered"
	case slices.ContainsFunc(c.runs, func(r results.Run) bool { return r.Offered != r.Schedule.Arrivals }):
		what = "of " + between(scheduled, number) + " arrivals offered"
	}
	return fmt.Sprintf("%s %s in %s (%s/s)", between(offered, number), what,
		between(measured, func(ns float64) string { return results.Short(time.Duration(ns)) }), between(rate, wholeNumber))
}

// span is a number over all runs of the table.
func (c comparison) span(read func(results.Run) float64) results.Spread {
	var values []float64
	for _, r := range c.runs {
		values = append(values, read(r))
	}
	s, _ := results.SpreadOf(values) // a comparison has runs
	return s
}

// conduct says how the arrivals were released, on what, and how often.
func (c comparison) conduct() []string {
	facts := c.shared(func(r results.Run) []string { return loadFacts(r.Load) })
	if limit, same := c.limit(); same {
		fact := limit.perKey()
		if slices.ContainsFunc(c.trials, trial.stepped) {
			fact += " at first"
		}
		facts = append(facts, fact)
	}
	facts = append(facts, c.shared(func(r results.Run) []string { return protocolFacts(r.Protocol) })...)
	facts = append(facts, timeWords(c.runs[0]), c.repeats())
	facts = append(facts, c.shared(func(r results.Run) []string {
		return []string{fmt.Sprintf("seed %d", r.Schedule.Seed), "schedule " + r.Schedule.Digest}
	})...)
	if digest := results.DigestOfAll(c.inOrder()); digest != "" {
		facts = append(facts, "results "+digest)
	}
	return facts
}

// inOrder are the runs as the rows have them, in whichever order they were made.
func (c comparison) inOrder() (runs []results.Run) {
	for _, t := range c.trials {
		for _, r := range t.repeats {
			runs = append(runs, r.Run)
		}
	}
	return runs
}

func timeWords(r results.Run) string {
	if r.Virtual() {
		return "virtual time"
	}
	return "real time"
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

// machineFacts are the machine, as far as it is known.
func machineFacts(e results.Environment) []string {
	parts := []string{e.CPU}
	if e.Cores > 0 {
		parts = append(parts, fmt.Sprintf("%d cores", e.Cores))
	}
	parts = append(parts, strings.Trim(e.OS+"/"+e.Arch, "/"), e.Go)
	if server, _, _ := strings.Cut(e.Redis, " at "); server != "" { // where it listened is no part of the result
		parts = append(parts, "Redis "+server)
	}
	return slices.DeleteFunc(parts, func(p string) bool { return p == "" })
}
