package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/compare"
)

// compareOptions are the flags of compare.
type compareOptions struct {
	compare.Options
	base    string
	outputs []string
}

func newCompare(s streams) *cobra.Command {
	o := &compareOptions{}
	c := &cobra.Command{
		Use:   "compare A [B]",
		Short: "Compare two result files, or the subjects of one",
		Long: `Compare shows, metric by metric, the median and range over the repeats of both
sides, the difference and a 95 % interval of it. Repeats of one file are pairs, two
files are compared without. It decides nothing: the exit code is 0 whatever it
finds, 12 when the runs cannot be compared and 13 when there is nothing to compare,
or a metric that was asked for is missing on a side. What can be compared is shown
beside that. -o KIND writes another format than the table, which are ` + comparisonFormats().Kinds() + `.`,
		Example: `  fcbench compare before.jsonl after.jsonl
  fcbench compare result.jsonl --base token-bucket
  fcbench compare before.jsonl after.jsonl --metric response.ok.p99 --metric throughput
  fcbench compare before.jsonl after.jsonl -o markdown -o csv=differences.csv`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(_ *cobra.Command, args []string) error { return o.run(s, args) },
	}
	f := c.Flags()
	f.StringVar(&o.base, "base", "", "subject that the others of one file are compared with (default: the first of the scenario)")
	f.StringArrayVar(&o.Metrics, "metric", nil, "metric to compare (repeatable; see fcbench list metrics)")
	addOutputsOf(f, &o.outputs, comparisonFormats(), "format")
	f.BoolVar(&o.AllowInvalid, "allow-invalid", false, "compare runs that call themselves invalid")
	return c
}

func (o *compareOptions) run(s streams, args []string) error {
	wanted, err := parseOutputsOf(o.outputs, comparisonFormats(), args...)
	if err != nil {
		return usage(err)
	}
	sides := make([][]results.Run, len(args))
	for i, name := range args {
		if sides[i], err = o.read(s, name); err != nil {
			return err
		}
	}
	c, problem := o.compare(sides, args)
	if len(c.Pairs) > 0 {
		err = writeAll(s, withTable(wanted, comparisonFormats()), c)
	}
	return errors.Join(comparisonFailure(problem), err)
}

// read reads the whole runs of a file.
func (o *compareOptions) read(s streams, name string) ([]results.Run, error) {
	runs, err := readResults(name)
	if errors.Is(err, results.ErrCutOff) && len(runs) > 0 {
		fmt.Fprintf(s.err, "fcbench: %v; comparing the %d whole runs\n", err, len(runs))
		return runs, nil
	}
	return runs, err
}

func (o *compareOptions) compare(sides [][]results.Run, names []string) (compare.Comparison, error) {
	if len(sides) == 1 {
		return compare.Trials(sides[0], o.base, o.Options)
	}
	o.Options.Base, o.Options.Other = names[0], names[1]
	return compare.Files(sides[0], sides[1], o.Options)
}

// comparisonFailure gives the error of a comparison its exit code.
func comparisonFailure(err error) error {
	switch {
	case errors.Is(err, compare.ErrNotComparable):
		return failure{exitInvalid, err}
	case errors.Is(err, compare.ErrNoData):
		return failure{exitNoData, err}
	}
	return usage(err)
}

// readResults reads a result file. A file that is none is a usage error.
func readResults(name string) ([]results.Run, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, usage(err)
	}
	defer f.Close()
	runs, err := results.ReadRuns(f, name)
	return runs, usage(err)
}
