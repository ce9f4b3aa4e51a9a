package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/compare"
	"github.com/fcbench/fcbench/results/report"
)

// compareOptions are the flags of compare.
type compareOptions struct {
	compare.Options
	base string
}

func newCompare(s streams) *cobra.Command {
	o := &compareOptions{}
	c := &cobra.Command{
		Use:   "compare A [B]",
		Short: "Compare two result files, or the subjects of one",
		Long: `Compare shows, metric by metric, the median and range over the repeats of both
sides and the difference. It decides nothing: the exit code is 0 whatever it
finds, 12 when the runs cannot be compared and 13 when there is nothing to compare.`,
		Example: `  fcbench compare before.jsonl after.jsonl
  fcbench compare result.jsonl --base token-bucket
  fcbench compare before.jsonl after.jsonl --metric response.ok.p99 --metric throughput`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(_ *cobra.Command, args []string) error { return o.run(s, args) },
	}
	f := c.Flags()
	f.StringVar(&o.base, "base", "", "subject that the others of one file are compared with (default: the first)")
	f.StringArrayVar(&o.Metrics, "metric", nil, "metric to compare (repeatable; see fcbench list metrics)")
	f.BoolVar(&o.AllowInvalid, "allow-invalid", false, "compare runs that call themselves invalid")
	return c
}

func (o *compareOptions) run(s streams, args []string) error {
	sides := make([][]results.Run, len(args))
	for i, name := range args {
		runs, err := readResults(name)
		if errors.Is(err, results.ErrCutOff) && len(runs) > 0 {
			fmt.Fprintf(s.err, "fcbench: %v; comparing the %d whole runs\n", err, len(runs))
		} else if err != nil {
			return err
		}
		sides[i] = runs
	}
	var c compare.Comparison
	var err error
	if len(sides) == 2 {
		o.Options.Base, o.Options.Other = args[0], args[1]
		c, err = compare.Files(sides[0], sides[1], o.Options)
	} else {
		c, err = compare.Trials(sides[0], o.base, o.Options)
	}
	switch {
	case errors.Is(err, compare.ErrNotComparable):
		return failure{exitInvalid, err}
	case errors.Is(err, compare.ErrNoData):
		return failure{exitNoData, err}
	case err != nil:
		return usage(err)
	}
	return printComparison(s, c)
}

func readResults(name string) ([]results.Run, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, usage(err)
	}
	defer f.Close()
	return results.ReadRuns(f, name)
}

func printComparison(s streams, c compare.Comparison) error {
	for i, p := range c.Pairs {
		if i > 0 {
			fmt.Fprintln(s.out)
		}
		fmt.Fprintln(s.out, p.Title())
		if err := grid(p).WriteText(s.out, tableOptions(s.out)); err != nil {
			return err
		}
		for _, n := range p.Notes {
			fmt.Fprintln(s.out, "note:", n)
		}
	}
	for _, u := range c.Unpaired {
		fmt.Fprintln(s.out, "unpaired:", u)
	}
	return nil
}

// grid lays a pair out for a terminal.
func grid(p compare.Pair) report.Grid {
	head, rows := p.Grid(report.Quantity)
	g := report.Grid{Rows: rows}
	for i, h := range head {
		g.Columns = append(g.Columns, report.Column{Head: h, Text: i == 0 || i >= len(head)-2, Tight: h == "range", Cut: h == "difference"})
	}
	return g
}
