package report

import (
	"fmt"
	"slices"
	"time"

	"github.com/fcbench/fcbench/results"
)

// doubts are the trials that cannot simply be believed, numbered in the order
// of the table.
type doubts []trial

func (c comparison) doubts() doubts {
	return slices.DeleteFunc(slices.Clone(c.trials), func(t trial) bool { return t.verdict() == results.Valid })
}

// mark is the trial's cell in the column "valid".
func (d doubts) mark(t trial, o Options) string {
	number := 1 + slices.IndexFunc(d, func(other trial) bool { return other.name == t.name })
	switch t.verdict() {
	case results.Valid:
		return o.paint("✓", good)
	case results.Invalid:
		return o.paint(fmt.Sprintf("✗ %d", number), bad)
	default:
		return o.paint(fmt.Sprintf("? %d", number), doubt)
	}
}

// lines give the reasons, run by run.
func (d doubts) lines() []string {
	var lines []string
	for i, t := range d {
		lines = append(lines, fmt.Sprintf("%d %s is %s", i+1, Plain(t.name), verdictWords(t.verdict())))
		for _, r := range t.repeats {
			for _, reason := range r.Validity.Reasons {
				lines = append(lines, fmt.Sprintf("  repeat %d: %s", r.Repeat, Plain(reason)))
			}
		}
	}
	return lines
}

// verdictWords say what a verdict means for the reader of the numbers.
func verdictWords(v results.Verdict) string {
	if v == results.Invalid {
		return "INVALID: its numbers say more about the measurement than about it"
	}
	return "SUSPECT: its numbers may owe something to the measurement"
}

// legend explains what the cells do not say by themselves.
func (c comparison) legend(o Options) []string {
	var lines []string
	if c.repeated() {
		lines = append(lines, "Cells are medians of n repeats; ± is half their range over the median, from 0.5% up; a..b is the range itself.")
	}
	if slices.ContainsFunc(c.trials, trial.thin) {
		lines = append(lines, o.faint("…")+": fewer than ten samples lie beyond that percentile, so that it may be chance.")
	}
	if slices.ContainsFunc(c.trials, trial.judged) {
		line := "False: against the algorithm's own exact model. Burst excess: beyond the burst asked for, or one window's worth."
		if c.runs[0].Protocol.Warmup > 0 {
			line += " The warm-up counts too."
		}
		lines = append(lines, line)
	}
	if len(gridOf(mostColumns(c.trials), c.trials, o).Columns) > 0 {
		lines = append(lines, "Most: tokens that one key got in any one period; asked for: so many, and + at once beside them.",
			c.reference().rateErrorWords())
	}
	if c.saturated() {
		lines = append(lines, "Decision p99 includes cold caches and interruptions by the machine; saturated does not.")
	}
	if slices.ContainsFunc(c.runs, func(r results.Run) bool { return r.Pipeline != nil && r.Pipeline.Sensors == "modelled" }) {
		lines = append(lines, "CPU, collector and scheduler, as controls of pipelines see them, are modelled.")
	}
	if len(c.doubts()) > 0 {
		lines = append(lines, "✓ valid, ? suspect, ✗ invalid; the number is that of the note under validity.")
	}
	for _, t := range c.trials {
		if line := t.nothingOK(); line != "" {
			lines = append(lines, line)
		}
	}
	for _, t := range c.trials {
		if planned := t.planned(); len(t.repeats) < planned {
			lines = append(lines, fmt.Sprintf("INCOMPLETE: %s: %d of %d repeats.", Plain(t.name), len(t.repeats), planned))
		}
	}
	for _, r := range c.runs {
		switch {
		case r.Aborted != "":
			lines = append(lines, fmt.Sprintf("ABORTED: %s, repeat %d, after %s: %s.", Plain(r.Trial), r.Repeat, results.Short(time.Duration(r.MeasuredNS)), Plain(r.Aborted)))
		case r.Partial:
			lines = append(lines, fmt.Sprintf("PARTIAL: %s, repeat %d, was cut short after %s.", Plain(r.Trial), r.Repeat, results.Short(time.Duration(r.MeasuredNS))))
		}
	}
	return lines
}

// thin reports whether any percentile that the table shows of the trial is faint.
func (t trial) thin() bool {
	finest := 0.999
	if t.inProcess() && !t.repeats[0].Virtual() {
		finest = 0.99
	}
	return slices.ContainsFunc(t.repeats, func(r repeat) bool { return r.timed() && few(finest)(r) })
}

// judged reports whether any decision of the trial was held against a model.
func (t trial) judged() bool {
	_, ok := t.over(metric("accuracy.false_admits"))
	return ok
}

// saturated reports whether any subject was also measured in a closed loop.
func (c comparison) saturated() bool {
	return slices.ContainsFunc(c.runs, func(r results.Run) bool { return r.InProcess && r.Cost.Saturated != nil })
}

// planned is how many repeats the trial was to have, 0 when that is not known.
func (t trial) planned() int { return t.repeats[0].Protocol.Repeats }

func (c comparison) repeated() bool {
	return slices.ContainsFunc(c.trials, func(t trial) bool { return len(t.repeats) > 1 })
}

// sampled names the trials whose accuracy rests on part of their decisions, or
// on none, and those that nothing but their bound is compared with.
func (c comparison) sampled() []string {
	var lines []string
	for _, t := range c.trials {
		s, ok := t.over(metric("accuracy.observed_share"))
		switch {
		case !ok || s.Min == 1:
		case s.Max == 0:
			lines = append(lines, Plain(t.name)+": no decision was observed, so nothing is known of its accuracy")
		default:
			lines = append(lines, fmt.Sprintf("%s: accuracy sampled %s", Plain(t.name), percent(s.Min)))
		}
		if _, compared := t.over(metric("accuracy.burst_excess")); t.judged() && !compared {
			lines = append(lines, Plain(t.name)+": its limit changes, so that no rate error or burst excess is against one limit asked for")
		}
	}
	return lines
}

// warnings lists every warning once per trial.
func (c comparison) warnings() []string {
	var lines []string
	for _, r := range c.runs {
		for _, warning := range r.Warnings {
			line := Plain(r.Trial) + ": " + Plain(warning)
			if !slices.Contains(lines, line) {
				lines = append(lines, line)
			}
		}
	}
	return lines
}
