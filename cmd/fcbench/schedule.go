package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/internal/scenario"
)

// scheduleOptions are the flags of schedule.
type scheduleOptions struct {
	quick
	digest string
	dump   bool
	diff   string
}

func newSchedule(s streams) *cobra.Command {
	o := &scheduleOptions{}
	c := &cobra.Command{
		Use:   "schedule [SCENARIO]",
		Short: "Print, dump, digest or diff the arrivals of a scenario",
		Long: `Schedule shows what would be sent, without sending it. By default it describes the
arrivals as they really are: their number, burstiness and skew.`,
		Example: `  fcbench schedule --arrivals poisson -r 1k/s --keys zipf:1.1:10000 -d 10s --digest
  fcbench schedule --arrivals burst -r 2k/s -d 1s --dump | head
  fcbench schedule scenarios/compare-limiters.yaml --diff other.yaml`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeScenario,
		RunE:              func(c *cobra.Command, args []string) error { return o.run(c.Context(), s, args) },
	}
	f := c.Flags()
	o.addLoad(f)
	f.StringVar(&o.digest, "digest", "", "print the digest alone; --digest=times or --digest=keys for a part")
	f.Lookup("digest").NoOptDefVal = "all"
	f.BoolVar(&o.dump, "dump", false, "print every arrival as CSV")
	f.StringVar(&o.diff, "diff", "", "compare with the schedule of another scenario file")
	return c
}

func (o *scheduleOptions) run(ctx context.Context, s streams, args []string) error {
	if err := o.alone(); err != nil {
		return usage(err)
	}
	file := ""
	if len(args) > 0 {
		file = args[0]
	}
	sc, err := o.scenario(file)
	if err != nil {
		return err
	}
	tell(s.err, sc)
	switch {
	case o.flags.Changed("digest"):
		return o.printDigest(ctx, s, sc)
	case o.dump:
		return dump(ctx, s, sc)
	case o.flags.Changed("diff"):
		return o.printDiff(s, sc)
	}
	return describe(ctx, s, sc)
}

// alone refuses more than one way to print.
func (o *scheduleOptions) alone() error {
	var given []string
	for _, flag := range []string{"digest", "dump", "diff"} {
		if o.flags.Changed(flag) {
			given = append(given, "--"+flag)
		}
	}
	if len(given) > 1 {
		return fmt.Errorf("%s stand beside each other; want one of them", strings.Join(given, " and "))
	}
	if o.flags.Changed("diff") && o.diff == "" {
		return errors.New("--diff is empty; want a scenario file")
	}
	return nil
}

func (o *scheduleOptions) scenario(file string) (*scenario.Scenario, error) {
	doc, err := o.document(file, false)
	if err != nil {
		return nil, err
	}
	return scenario.New(doc, true)
}

func (o *scheduleOptions) printDigest(ctx context.Context, s streams, sc *scenario.Scenario) error {
	part, ok := map[string]generators.DigestKind{"all": generators.DigestAll, "times": generators.DigestTimes, "keys": generators.DigestKeys}[o.digest]
	if !ok {
		return usage(fmt.Errorf("--digest is %q; want all, times or keys", o.digest))
	}
	found, err := experiment.Walk(ctx, sc, s.say, nil)
	if err != nil {
		return unfit(ctx, err)
	}
	_, err = fmt.Fprintln(s.out, found.Digest.Hex(part))
	return err
}

func dump(ctx context.Context, s streams, sc *scenario.Scenario) error {
	b := bufio.NewWriter(s.out)
	fmt.Fprintln(b, "seq,at_ns,key,cost,size,class")
	_, err := experiment.Walk(ctx, sc, s.say, func(a *generators.Arrival) error {
		_, err := fmt.Fprintln(b, csvArrival(a))
		return err
	})
	return errors.Join(unfit(ctx, err), b.Flush())
}

// describe prints what the arrivals are like as realised.
func describe(ctx context.Context, s streams, sc *scenario.Scenario) error {
	profile := generators.NewProfile(sc.Workload, sc.Horizon())
	found, err := experiment.Walk(ctx, sc, s.say, func(a *generators.Arrival) error { profile.Add(a); return nil })
	if err != nil {
		return unfit(ctx, err)
	}
	if sc.Window == 0 {
		profile.End()
	}
	r := profile.Realised()
	fmt.Fprintf(s.out, "digest       %s\nseed         %d\n", found.Digest.Hex(generators.DigestAll), sc.Seed)
	fmt.Fprintf(s.out, "arrivals     %d, %d of them in the measured window\n", r.Arrivals, found.Measured)
	if r.Arrivals == 0 {
		return nil // nothing to say of what there is none of
	}
	fmt.Fprintf(s.out, "mean rate    %s/s\nburstiness   CV %s of gaps, index of dispersion %s per 100 ms\n", known("%.6g", r.PerSecond), known("%.3f", r.GapCV), known("%.3f", r.Dispersion))
	fmt.Fprintf(s.out, "peaks        %d per 1 ms, %d per 10 ms, %d per 100 ms\n", r.Peak1ms, r.Peak10ms, r.Peak100ms)
	fmt.Fprintf(s.out, "keys         %d distinct; top 1 %.2f %%, top 10 %.2f %%, top 100 %.2f %%\n", r.DistinctKeys,
		100*r.Top1Share, 100*r.Top10Share, 100*r.Top100Share)
	for _, f := range r.Fits {
		fmt.Fprintf(s.out, "fit to law   chi-square %.1f, %d degrees of freedom, p = %.3f (stream %d)\n", f.ChiSquare, f.DegreesOfFreedom, f.P, f.Class+1)
	}
	return nil
}

// known writes a number, or that so few arrivals do not tell it.
func known(format string, v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	return fmt.Sprintf(format, v)
}

// printDiff says where two schedules part.
func (o *scheduleOptions) printDiff(s streams, sc *scenario.Scenario) error {
	other, err := o.scenario(o.diff)
	if err != nil {
		return err
	}
	tell(s.err, other)
	a, b := experiment.Arrivals(sc), experiment.Arrivals(other)
	var x, y generators.Arrival
	for n := 0; ; n++ {
		more, same := a.Next(&x), b.Next(&y)
		if err := errors.Join(a.Err(), b.Err()); err != nil {
			return err
		}
		x.KeyID, y.KeyID = 0, 0
		switch {
		case !more && !same:
			_, err := fmt.Fprintf(s.out, "same: %d arrivals\n", n)
			return err
		case more != same:
			fmt.Fprintf(s.out, "one schedule ends after %d arrivals, the other goes on\n", n)
			return failure{exitInvalid, errors.New("the schedules differ")}
		case x != y:
			fmt.Fprintf(s.out, "first difference at arrival %d\n- %s\n+ %s\n", n, csvArrival(&x), csvArrival(&y))
			return failure{exitInvalid, errors.New("the schedules differ")}
		}
	}
}

func csvArrival(a *generators.Arrival) string {
	return fmt.Sprintf("%d,%d,%s,%d,%d,%d", a.Seq, int64(a.At), csvField(a.Key), a.Cost, a.Size, a.Class)
}

// csvField quotes a field where CSV needs it.
func csvField(s string) string {
	if !strings.ContainsAny(s, ",\"\r\n") {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}
