package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/fcbench/fcbench/internal/formats"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/report"
)

func whatifFormats() formats.List[whatifFound] {
	return formats.List[whatifFound]{
		{Name: "table", Ending: ".txt", Write: formats.Plain(printWhatif)},
		{Name: "markdown", Ending: ".md", Write: formats.Plain(writeWhatifMarkdown)},
		{Name: "csv", Ending: ".csv", Write: formats.Plain(writePoints)},
		{Name: "json", Ending: ".json", Write: formats.Plain(formats.JSON[whatifFound])},
	}
}

func printWhatif(w io.Writer, f whatifFound) error {
	tabulate(w, f.grid())
	for _, line := range f.said() {
		fmt.Fprintln(w, line)
	}
	if len(f.Validated) > 0 {
		tabulate(w, f.observed())
	}
	return nil // what it is written to remembers
}

// tabulate prints a table whose cells are never cut.
func tabulate(w io.Writer, g report.Grid) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	heads := make([]string, len(g.Columns))
	for i, c := range g.Columns {
		heads[i] = c.Head
	}
	for _, cells := range append([][]string{heads}, g.Rows...) {
		fmt.Fprintln(t, strings.Join(cells, "\t"))
	}
	_ = t.Flush()
}

// writeWhatifMarkdown writes for GitHub and its like.
func writeWhatifMarkdown(w io.Writer, f whatifFound) error {
	if err := f.grid().WriteMarkdown(w); err != nil {
		return err
	}
	writeList(w, f.said(), "")
	if len(f.Validated) == 0 {
		return nil
	}
	fmt.Fprintln(w)
	return f.observed().WriteMarkdown(w)
}

// columnsOf are columns of numbers, but for those of these names.
func columnsOf(text string, heads ...string) (all []report.Column) {
	for _, head := range heads {
		all = append(all, report.Column{Head: head, Text: slices.Contains(strings.Split(text, ","), head)})
	}
	return all
}

// grid is what each limiter would do.
func (f whatifFound) grid() report.Grid {
	g := report.Grid{Columns: columnsOf("trial,limit,worst key,longest streak",
		"trial", "limit", "offered", "rejected", "share", fmt.Sprintf("%.3g %% interval", 100*f.Confidence), "keys", "of them rejected", "worst key", "longest streak")}
	for _, p := range f.Points {
		interval, worst, streak := "–", "–", "–"
		if p.Interval != nil {
			interval = fmt.Sprintf("%s to %s", share(p.Interval[0]), share(p.Interval[1]))
		}
		if p.Worst != nil {
			worst = fmt.Sprintf("%s (%d of %d)", shownKey(p.Worst.Key), p.Worst.Rejected, p.Worst.Offered)
			streak = fmt.Sprintf("%d in %s of %s", p.Streak.Denials, results.Short(p.Streak.Length), shownKey(p.Streak.Key))
		}
		g.Rows = append(g.Rows, []string{p.Trial, p.Limit, decimal(p.Offered), decimal(p.Rejected), share(p.Share), interval, decimal(p.Keys), decimal(p.KeysRejected), worst, streak})
	}
	return g
}

// share writes one in percent.
func share(v float64) string { return strconv.FormatFloat(100*v, 'g', 4, 64) + " %" }

// shownKey is a key in a table: short, and without what would break a line.
func shownKey(key string) string {
	text := []rune(strconv.Quote(key))
	text = text[1 : len(text)-1]
	const most = 40
	if len(text) > most {
		return string(text[:most-1]) + "…"
	}
	if len(text) == 0 {
		return `""`
	}
	return string(text)
}

// said are the answers to --rejects.
func (f whatifFound) said() (all []string) {
	for _, a := range f.Answers {
		if a.Rate == "" {
			all = append(all, fmt.Sprintf("%s: %s; at the highest %s are rejected", a.Trial, a.Why, share(a.Share)))
			continue
		}
		all = append(all, fmt.Sprintf("%s: %s rejects %s, at most the %s that was asked for; the lowest such rate of %d looked at", a.Trial, a.Rate, share(a.Share), share(a.Wanted), a.Looked))
		if r := a.Rises; r != nil {
			all = append(all, fmt.Sprintf("%s: a higher rate may reject more: %s rejects %s, %s %s", a.Trial, r.Lower, share(r.LowerShare), r.Rate, share(r.Share)))
		}
	}
	return all
}

// observed is what --validate ran.
func (f whatifFound) observed() report.Grid {
	g := report.Grid{Columns: columnsOf("validated,time,verdict", "validated", "predicted", "observed", "of", "difference", "time", "verdict")}
	for _, v := range f.Validated {
		difference := "none"
		if v.Predicted != v.Observed {
			difference = fmt.Sprintf("%+.3g points", v.Points)
		}
		g.Rows = append(g.Rows, []string{v.Trial, decimal(v.Predicted), decimal(v.Observed), decimal(v.Offered), difference, string(v.Time), string(v.Validity.Verdict)})
	}
	return g
}
