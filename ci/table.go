package ci

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/report"
)

// Table writes the verdict for a terminal.
func Table(w io.Writer, v *Verdict, o report.Options) error {
	fmt.Fprintf(w, "gate %s: a is %s, b is %s\n", report.Plain(v.Gate), report.Plain(v.A), report.Plain(v.B))
	if v.Of > 0 {
		fmt.Fprintf(w, "%d of at most %d pairs, %d replaced, seed %d, %s\n", v.Pairs, v.Of, v.Replaced, v.Seed, machine(v.Environment))
	}
	fmt.Fprintln(w)
	if len(v.Claims) > 0 {
		if err := grid(v.Claims).WriteText(w, o); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	for _, line := range v.lines() {
		fmt.Fprintln(w, report.Plain(line))
	}
	_, err := fmt.Fprintln(w, report.Plain(v.Headline()))
	return err
}

func machine(e results.Environment) string {
	return fmt.Sprintf("%s, %d cores, %s/%s, %s", e.CPU, e.Cores, e.OS, e.Arch, e.Go)
}

// lines say what must be said beside the table.
func (v *Verdict) lines() (all []string) {
	for i := range v.Claims {
		if f := &v.Claims[i]; f.Reason != "" {
			all = append(all, f.Said())
		}
	}
	for i := range v.Shifts {
		all = append(all, v.Shifts[i].Where())
	}
	all = append(all, v.Reasons...)
	for _, n := range v.notes() {
		all = append(all, "note: "+n)
	}
	return all
}

// notes are what should be known beside the verdict.
func (v *Verdict) notes() []string {
	if len(v.Trials) == 0 {
		return v.Warnings
	}
	kept := fmt.Sprintf("trials are in %s; `fcbench capacity replay FILE` computes again what was found", strings.Join(v.Trials, ", "))
	return append(slices.Clone(v.Warnings), kept)
}

// Headline is the verdict in one line.
func (v *Verdict) Headline() string {
	var parts []string
	for _, o := range []Outcome{Regressed, Invalid, NoData, Inconclusive, Accepted, Improved, Pass} {
		if n := v.Count(o); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, strings.ToLower(strings.ReplaceAll(string(o), "_", " "))))
		}
	}
	if len(parts) == 0 {
		parts = []string{"nothing was compared"}
	}
	text := fmt.Sprintf("%s: %s", v.Verdict, strings.Join(parts, ", "))
	if v.Of > 0 && v.Alpha > 0 {
		text += fmt.Sprintf("; chance of any false alarm at most %g%%", 100*v.Alpha)
	}
	return fmt.Sprintf("%s (exit %d)", text, v.ExitCode)
}

// grid lays claims out.
func grid(all []Finding) report.Grid {
	g := report.Grid{Columns: []report.Column{
		{Head: "claim", Text: true, Keep: true},
		{Head: "a"},
		{Head: "b"},
		{Head: "change"},
		{Head: "interval", Text: true, Rank: 3},
		{Head: "margin"},
		{Head: "p", Rank: 4},
		{Head: "n", Rank: 5},
		{Head: "verdict", Text: true},
	}}
	for i := range all {
		f := &all[i]
		row := []string{f.ID, "", "", "", "", f.limit(), "", "", string(f.Verdict)}
		if f.N > 0 {
			row[1], row[2], row[3], row[4], row[7] = f.Value(f.A), f.Value(f.B), f.Text(f.Change), f.Interval(), fmt.Sprint(f.N)
		}
		if f.P < 1 {
			row[6] = fmt.Sprintf("%.2g", f.P)
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}
