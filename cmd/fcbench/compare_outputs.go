package main

import (
	"fmt"
	"io"

	"github.com/fcbench/fcbench/internal/formats"
	"github.com/fcbench/fcbench/results/compare"
	"github.com/fcbench/fcbench/results/report"
)

func comparisonFormats() formats.List[compare.Comparison] {
	return formats.List[compare.Comparison]{
		{Name: "table", Ending: ".txt", Write: formats.Plain(writeComparisonTable)},
		{Name: "markdown", Ending: ".md", Write: formats.Plain(writeComparisonMarkdown)},
		{Name: "csv", Ending: ".csv", Write: formats.Plain(compare.CSV)},
		{Name: "json", Ending: ".json", Write: formats.Plain(compare.JSON)},
	}
}

func writeComparisonTable(w io.Writer, c compare.Comparison) error {
	for i, p := range c.Pairs {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintln(w, report.Plain(p.Title()))
		if err := grid(p).WriteText(w, tableOptions(w)); err != nil {
			return err
		}
		for _, shift := range p.Shifts {
			fmt.Fprintln(w, "where:", report.Plain(shift.Said))
		}
		for _, n := range p.Notes {
			fmt.Fprint(w, report.Wrap("note: "+report.Plain(n), widthOf(w)))
		}
	}
	for _, u := range c.Unpaired {
		fmt.Fprint(w, report.Wrap("unpaired: "+report.Plain(u), widthOf(w)))
	}
	return nil
}

// writeComparisonMarkdown writes for GitHub and its like.
func writeComparisonMarkdown(w io.Writer, c compare.Comparison) error {
	for i, p := range c.Pairs {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "### %s\n\n", report.Plain(p.Title()))
		if err := grid(p).WriteMarkdown(w); err != nil {
			return err
		}
		var where []string
		for _, shift := range p.Shifts {
			where = append(where, shift.Said)
		}
		writeList(w, where, "where: ")
		writeList(w, p.Notes, "")
	}
	writeList(w, c.Unpaired, "unpaired: ")
	return nil
}

func writeList(w io.Writer, items []string, prefix string) {
	if len(items) > 0 {
		fmt.Fprintln(w)
	}
	for _, item := range items {
		fmt.Fprintf(w, "- %s%s\n", prefix, report.Plain(item))
	}
}

// grid lays a pair out.
func grid(p compare.Pair) report.Grid {
	head, rows := p.Grid(report.Quantity)
	g := report.Grid{Rows: rows}
	for i, h := range head {
		g.Columns = append(g.Columns, report.Column{Head: h, Text: i == 0 || i >= len(head)-2, Tight: h == "range", Cut: h == "difference"})
	}
	return g
}
