package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/fcbench/fcbench/results"
)

// Table writes the comparison for a terminal: for every scenario a heading,
// a table of the subjects in process and one of the services, where there are
// both, one of what faults did, where there were any, and below them what a reader
// must know before believing the numbers.
func Table(w io.Writer, runs []results.Run, o Options) error {
	return writeComparisons(w, runs, o, plainPage{o})
}

// Markdown writes the same for a pull request or a README.
func Markdown(w io.Writer, runs []results.Run, o Options) error {
	o.Color, o.ASCII, o.Width = false, false, 0
	return writeComparisons(w, runs, o, markdownPage{})
}

// page writes the parts of a comparison in one markup.
type page interface {
	heading(w *strings.Builder, title string, facts []string)
	caption(w *strings.Builder, text string)
	grid(w *strings.Builder, g Grid) error
	notes(w *strings.Builder, title string, lines []string)
}

func writeComparisons(w io.Writer, runs []results.Run, o Options, p page) error {
	comparisons, err := comparisons(runs)
	if err != nil {
		return err
	}
	var text strings.Builder
	for i, c := range comparisons {
		if i > 0 {
			text.WriteString("\n")
		}
		if err := c.write(&text, o, p); err != nil {
			return err
		}
	}
	_, err = io.WriteString(w, text.String())
	return err
}

func (c comparison) write(w *strings.Builder, o Options, p page) error {
	p.heading(w, c.title(o), c.facts(o.textWidth()))
	doubts := c.doubts()
	for _, kind := range c.kinds() {
		p.caption(w, kind.caption)
		if err := p.grid(w, kind.grid(doubts, o)); err != nil {
			return err
		}
	}
	for _, part := range c.parts() {
		p.caption(w, part.caption)
		if err := p.grid(w, gridOf(part.columns, part.rows, o)); err != nil {
			return err
		}
	}
	p.notes(w, "", c.legend(o))
	if title, lines := c.front(o.Pareto); title != "" {
		p.notes(w, title, lines)
	}
	p.notes(w, "subjects", c.subjects())
	p.notes(w, "limits", c.limits())
	p.notes(w, "causes", c.losses())
	p.notes(w, "faults", c.unfinished())
	p.notes(w, "goroutines", c.leftBehind())
	p.notes(w, "validity", doubts.lines())
	p.notes(w, "accuracy", c.sampled())
	p.notes(w, "thresholds", c.thresholds(o))
	p.notes(w, "warnings", c.warnings())
	return nil
}

// part is a table of what happened within the runs.
type part struct {
	caption string
	columns []column
	rows    []trial
}

// parts are those that the runs have: classes, requests, phases, stages, faults.
func (c comparison) parts() []part {
	stages, faults := c.stages(), c.faults()
	all := []part{
		c.part(c.streams()), c.part(c.requests()), c.phases(),
		{stagesCaption, stageColumns(stages), stages},
		{faultsCaption, faultColumns(faults), faults},
	}
	return slices.DeleteFunc(all, func(p part) bool { return len(p.rows) == 0 })
}

// kind is the part of a comparison whose times mean the same.
type kind struct {
	caption string
	columns func(rows []trial) []column
	trials  []trial
}

// kinds splits the rows, because the time of a call and the time of an answer
// from elsewhere do not belong in one column.
func (c comparison) kinds() []kind {
	if c.runs[0].Virtual() {
		return []kind{{caption: "Virtual time: a call takes none, only what is simulated waits.", columns: c.simulatedColumns, trials: c.trials}}
	}
	kinds := []kind{
		{caption: c.inProcessCaption(), columns: c.inProcessColumns},
		{caption: "Limiters on a server and in pools. " + responseCaption, columns: c.serviceColumns},
		{caption: "Services. " + responseCaption, columns: c.serviceColumns},
	}
	for _, t := range c.trials {
		i := 1
		switch {
		case t.inProcess():
			i = 0
		case t.isService():
			i = 2
		}
		kinds[i].trials = append(kinds[i].trials, t)
	}
	return slices.DeleteFunc(kinds, func(k kind) bool { return len(k.trials) == 0 })
}

const responseCaption = "Response: time of ok answers, from the instant each was due."

func (c comparison) inProcessCaption() string {
	caption := "In process. Decision: one call, allowed or not"
	if cost := c.runs[0].Environment.ClockRead; cost > 0 {
		caption += fmt.Sprintf(" (%s of it reading the clock)", duration(cost))
	}
	if c.saturated() {
		caption += ". Saturated: closed loop, same keys"
	}
	return caption + "."
}

// grid lays out the columns between the subjects and their verdicts.
func (k kind) grid(doubts doubts, o Options) Grid {
	verdict := column{Column: Column{Head: "valid", Text: true}, text: func(t trial) string { return doubts.mark(t, o) }}
	return gridOf(slices.Concat(nameColumns(k.trials), k.columns(k.trials), []column{verdict}), k.trials, o)
}

// Plain keeps a name from moving the cursor.
func Plain(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, name)
}
