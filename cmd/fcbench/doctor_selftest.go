package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"text/tabwriter"
	"time"

	"github.com/spf13/pflag"

	"github.com/fcbench/fcbench/internal/doctor/selftest"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/report"
)

// selfTest are the flags of doctor about the verdict.
type selfTest struct {
	asked bool
	runs  int
	only  []string
	json  bool
	out   string
}

func (o *selfTest) addFlags(f *pflag.FlagSet) {
	f.BoolVar(&o.asked, "self-test", false, "provoke each rule of the verdict that runs get, and count convictions, right and false")
	f.IntVar(&o.runs, "runs", 20, "runs of each case of --self-test")
	f.StringSliceVar(&o.only, "only", nil, "cases of --self-test to run, such as nice,files or quiet/noop (default all)")
	f.BoolVar(&o.json, "json", false, "what --self-test found as JSON")
	f.StringVarP(&o.out, "output", "o", "", "result file of the runs of --self-test, whose scenarios are the cases")
}

func (o *selfTest) check(f *pflag.FlagSet) (err error) {
	for _, name := range []string{"runs", "only", "json", "output"} {
		if f.Changed(name) && !o.asked {
			err = errors.Join(err, fmt.Errorf("--%s has no effect here; want it with --self-test", name))
		}
	}
	if o.out == "-" || f.Changed("output") && o.out == "" {
		err = errors.Join(err, fmt.Errorf("--output is %q; want a file, since what was found goes to stdout", o.out))
	}
	if f.Changed("only") && len(o.only) == 0 {
		err = errors.Join(err, errors.New("--only is empty; want cases such as nice,files, or the flag left out"))
	}
	if o.runs < 1 {
		err = errors.Join(err, fmt.Errorf("--runs is %d; want at least 1", o.runs))
	}
	return err
}

func (o *selfTest) run(ctx context.Context, s streams, length time.Duration) error {
	ctx, stop := signal.NotifyContext(ctx, ending[:]...)
	defer stop()
	keep, done, err := o.keep(s.err)
	if err != nil {
		return err
	}
	found, err := selftest.Run(ctx, selftest.Config{Runs: o.runs, Length: length, Only: o.only, Tell: s.say, Keep: keep})
	err = errors.Join(err, done())
	if len(found.Cases) > 0 {
		o.print(s.out, found)
	}
	missed, unclear := found.Missed()
	switch {
	case ctx.Err() != nil:
		return fail(exitInterrupted, "interrupted; what was found until then is above")
	case errors.Is(err, selftest.ErrCase):
		return usage(fmt.Errorf("--only: %w", err))
	case err != nil:
		return err
	case missed > 0:
		return fail(exitMissed, "the verdict is not what it has to be in %d of %d cases", missed, len(found.Cases))
	case unclear > 0:
		return fail(exitInconclusive, "in %d of %d cases this machine alone may make the difference", unclear, len(found.Cases))
	}
	return nil
}

// keep is what takes the runs that were made, and what is to be done when there
// are no more.
func (o *selfTest) keep(tell io.Writer) (take func(*results.Run) error, done func() error, err error) {
	if o.out == "" {
		return func(*results.Run) error { return nil }, func() error { return nil }, nil
	}
	d, err := openDestination(o.out, tell)
	if err != nil {
		return nil, nil, err
	}
	return func(run *results.Run) error { return results.WriteRun(d, run) }, d.Close, nil
}

func (o *selfTest) print(w io.Writer, found selftest.Report) {
	if o.json {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		_ = e.Encode(found) // stdout remembers
		return
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\tcase\truns\tconvicted\trightly\ttrue\trepeated\tp50\tundisturbed")
	for _, r := range found.Cases {
		fmt.Fprintln(t, cells(r))
	}
	_ = t.Flush()
	fmt.Fprintln(w)
	width := widthOf(w)
	for _, r := range found.Cases {
		fmt.Fprintln(w, report.Crop(fmt.Sprintf("%s: %s", r.Case, r.Provoked), width))
		for _, about := range r.About() {
			fmt.Fprintln(w, report.Crop("  "+about, width))
		}
	}
}

// cells are those of one row of the table.
func cells(r selftest.Row) string {
	if r.Impossible != "" {
		return fmt.Sprintf("–\t%s\t–\t–\t–\t–\t–\t–\t–", r.Case)
	}
	mark, rightly, isTrue := "✓", fmt.Sprint(r.Right), "–"
	switch {
	case r.Unclear:
		mark = "?"
	case !r.Kept:
		mark = "✗"
	}
	if r.Quiet {
		rightly = "–"
	}
	if r.UndisturbedP50NS > 0 {
		isTrue = fmt.Sprint(r.True)
	}
	return fmt.Sprintf("%s\t%s\t%d\t%d\t%s\t%s\t%d\t%s\t%s", mark, r.Case, r.Runs, r.Convicted, rightly, isTrue, r.Repeated,
		shortOf(r.P50NS), shortOf(r.UndisturbedP50NS))
}

func shortOf(ns int64) string {
	if ns == 0 {
		return "–"
	}
	return results.Short(time.Duration(ns))
}
