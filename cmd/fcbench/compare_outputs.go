package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/results/compare"
	"github.com/fcbench/fcbench/results/report"
)

// comparisonFormat is a way to write a comparison, chosen by its name.
type comparisonFormat struct {
	name  string
	write func(w io.Writer, c compare.Comparison) error
}

func comparisonFormats() []comparisonFormat {
	return []comparisonFormat{
		{"table", writeComparisonTable},
		{"markdown", writeComparisonMarkdown},
		{"csv", compare.CSV},
		{"json", compare.JSON},
	}
}

func comparisonKinds() string {
	var names []string
	for _, f := range comparisonFormats() {
		names = append(names, f.name)
	}
	return strings.Join(names, ", ")
}

// comparisonOutput is one -o of compare.
type comparisonOutput struct {
	comparisonFormat
	path string // "-" for stdout
}

type comparisonOutputs []comparisonOutput

// parseComparisonOutputs reads every -o, KIND or KIND=FILE. The table goes to
// stdout where nothing else does.
func parseComparisonOutputs(specs, compared []string) (all comparisonOutputs, err error) {
	taken := map[string]bool{}
	for _, spec := range specs {
		kind, path, named := strings.Cut(spec, "=")
		if !named {
			path = "-"
		}
		one := comparisonOutput{path: orStdout(path)}
		for _, f := range comparisonFormats() {
			if f.name == kind {
				one.comparisonFormat = f
			}
		}
		switch {
		case one.write == nil || path == "":
			err = errors.Join(err, fmt.Errorf("--output is %q; want KIND or KIND=FILE with KIND one of %s", spec, comparisonKinds()))
		case slices.Contains(compared, one.path):
			err = errors.Join(err, fmt.Errorf("--output names %s, which is compared; want another file", one.path))
		case taken[one.path]:
			err = errors.Join(err, fmt.Errorf("--output names %s twice; want a file of its own for each", one.path))
		}
		taken[one.path] = true
		all = append(all, one)
	}
	if !taken["-"] {
		all = append(all, comparisonOutput{comparisonFormats()[0], "-"})
	}
	return all, err
}

func (all comparisonOutputs) write(s streams, c compare.Comparison) (err error) {
	for _, one := range all {
		if one.path == "-" {
			err = errors.Join(err, one.comparisonFormat.write(s.out, c))
			continue
		}
		err = errors.Join(err, writeFile(s, one.path, func(w io.Writer) error { return one.comparisonFormat.write(w, c) }))
	}
	return err
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
