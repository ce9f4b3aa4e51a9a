package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/fcbench/fcbench/ci"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/compare"
)

// baselineOptions are the flags of the baseline commands.
type baselineOptions struct {
	dir     string
	replace bool
	file    string
	accept  ci.Acceptance
}

func newBaseline(s streams) *cobra.Command {
	o := &baselineOptions{}
	c := &cobra.Command{
		Use:   "baseline",
		Short: "Keep runs that later ones are held against, and accept regressions",
		Long: `A baseline is at least six valid runs of each trial, of one revision, made on one
machine. It advises; what gates a change is a comparison on one machine (fcbench gate).`,
	}
	c.PersistentFlags().StringVar(&o.dir, "dir", "baselines", "directory of the baselines")
	save := &cobra.Command{
		Use: "save NAME RESULT…", Short: "Keep the runs of result files under a name", Args: cobra.MinimumNArgs(2),
		RunE: func(_ *cobra.Command, args []string) error { return o.save(s, args[0], args[1:]) },
	}
	save.Flags().BoolVar(&o.replace, "replace", false, "replace one of the same name")
	accept := &cobra.Command{
		Use: "accept", Short: "Let a regression pass, up to a size and a day, in a file that is reviewed", Args: cobra.NoArgs,
		Example: `  fcbench baseline accept --claim web/api/response.ok.p99 --until 2026-12-31 --most 12% --by NAME --reason 'checks signatures'`,
		RunE:    func(*cobra.Command, []string) error { return usage(ci.Accept(o.file, o.accept)) },
	}
	f := accept.Flags()
	f.StringVar(&o.file, "file", "accepted.yaml", "reviewed file, which the policy names")
	f.StringVar(&o.accept.Claim, "claim", "", "id of the claim, as the gate prints it")
	f.StringVar(&o.accept.Until, "until", "", "last day that it holds, such as 2026-12-31")
	f.StringVar(&o.accept.Most, "most", "", "largest change that is accepted, such as 12%")
	f.StringVar(&o.accept.By, "by", "", "who looked at it")
	f.StringVar(&o.accept.Reason, "reason", "", "why it may be so")
	c.AddCommand(
		save, accept,
		&cobra.Command{
			Use: "list", Short: "List the baselines", Args: cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error { return o.list(s) },
		},
		&cobra.Command{
			Use: "show NAME", Short: "Show a baseline and its trials", Args: cobra.ExactArgs(1),
			RunE: func(_ *cobra.Command, args []string) error { return o.show(s, args[0]) },
		},
		&cobra.Command{
			Use: "verify NAME RESULT", Short: "Hold new runs of the same thing against it, which must not differ", Args: cobra.ExactArgs(2),
			RunE: func(_ *cobra.Command, args []string) error { return o.verify(s, args[0], args[1]) },
		},
		&cobra.Command{
			Use: "diff NAME OTHER", Short: "Compare two baselines", Args: cobra.ExactArgs(2),
			RunE: func(_ *cobra.Command, args []string) error { return o.diff(s, args[0], args[1]) },
		},
	)
	return c
}

func (o *baselineOptions) save(s streams, name string, files []string) error {
	var runs []results.Run
	for _, file := range files {
		more, err := readResults(file)
		if err != nil {
			return err
		}
		runs = append(runs, more...)
	}
	b, err := ci.NewBaseline(name, runs, time.Now())
	if err != nil {
		return failure{exitInvalid, err}
	}
	if err := b.Save(o.dir, o.replace); err != nil {
		return usage(err)
	}
	fmt.Fprintf(s.out, "%s: %d runs of %d trials\n", name, b.Runs, len(b.Trials))
	return nil
}

func (o *baselineOptions) list(s streams) error {
	for _, name := range ci.Baselines(o.dir) {
		b, err := ci.ReadBaseline(o.dir, name)
		if err != nil {
			return failure{exitNoData, err}
		}
		fmt.Fprintf(s.out, "%-20s %s  %d runs of %d trials, revision %s, %s\n", b.Name, b.Saved.Format(time.DateOnly), b.Runs, len(b.Trials), b.Revision, verified(b))
	}
	return nil
}

func verified(b *ci.Baseline) string {
	if b.Verified {
		return "verified"
	}
	return "not verified"
}

func (o *baselineOptions) read(name string) (*ci.Baseline, error) {
	b, err := ci.ReadBaseline(o.dir, name)
	if err != nil {
		return nil, failure{exitNoData, err}
	}
	return b, nil
}

func (o *baselineOptions) show(s streams, name string) error {
	b, err := o.read(name)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s, saved %s, %s\nrevision %s\nmachine  %s\n", b.Name, b.Saved.Format(time.RFC3339), verified(b), b.Revision, b.Machine)
	for _, t := range b.Trials {
		fmt.Fprintln(s.out, "trial    "+t)
	}
	return nil
}

// verify holds runs against a baseline: where nothing is better or worse, and so many
// runs would have told, the baseline is known to repeat.
func (o *baselineOptions) verify(s streams, name, file string) error {
	b, err := o.read(name)
	if err != nil {
		return err
	}
	runs, err := readResults(file)
	if err != nil {
		return err
	}
	c, problem := compare.Files(b.Kept, runs, compare.Options{Base: name, Other: file})
	if err := errors.Join(comparisonFailure(problem), unverified(c)); err != nil {
		return err
	}
	if err := b.SaveVerified(o.dir); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: verified by %s\n", name, file)
	return nil
}

func (o *baselineOptions) diff(s streams, name, other string) error {
	a, errA := o.read(name)
	b, errB := o.read(other)
	if err := errors.Join(errA, errB); err != nil {
		return err
	}
	c, problem := compare.Files(a.Kept, b.Kept, compare.Options{Base: name, Other: other})
	var err error
	if len(c.Pairs) > 0 {
		err = writeComparisonTable(s.out, c)
	}
	return errors.Join(comparisonFailure(problem), err)
}
