package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/fcbench/fcbench/ci"
)

// verdictOptions are the flags of verdict.
type verdictOptions struct {
	outputs        []string
	onInconclusive string
	onInvalid      string
}

func newVerdict(s streams) *cobra.Command {
	o := &verdictOptions{}
	c := &cobra.Command{
		Use:   "verdict [FILE]",
		Short: "Print a stored verdict and end with its exit code again",
		Long: `Verdict reads what a gate wrote, verdict.json if nothing else is named, prints it,
and ends with the gate's exit code: make, a pipe or "|| true" cannot hide it. A file
that is missing, cut off, or says that the gate did not finish ends with 13 or the
code that it has, never with 0.`,
		Example: `  make gate || true; fcbench verdict
  fcbench verdict verdict.json -o markdown=comment.md`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return o.run(s, append(args, "verdict.json")[0])
		},
	}
	f := c.Flags()
	addOutputsOf(f, &o.outputs, ci.Formats(), "format")
	f.StringVar(&o.onInconclusive, "on-inconclusive", "fail", "what an inconclusive verdict does to the exit code: fail (11) or warn")
	f.StringVar(&o.onInvalid, "on-invalid", "fail", "what an invalid verdict does to the exit code: fail (12) or warn")
	return c
}

func (o *verdictOptions) run(s streams, file string) error {
	outputs, err := parseOutputsOf(o.outputs, ci.Formats(), file)
	if err = errors.Join(err, checkLeniency(o.onInconclusive, o.onInvalid)); err != nil {
		return usage(err)
	}
	v, err := ci.ReadVerdict(file)
	if errors.Is(err, fs.ErrNotExist) {
		return fail(exitNoData, "there is no verdict: %s is missing; want the file that `fcbench gate` writes", file)
	}
	if err != nil {
		return failure{exitNoData, err}
	}
	if err := writeAll(s, withTable(outputs, ci.Formats()), v); err != nil {
		return err
	}
	if !v.Finished {
		fmt.Fprintln(s.err, "fcbench: the gate did not finish")
	}
	return verdictFailure(v, o.onInconclusive, o.onInvalid)
}
