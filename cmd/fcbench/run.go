package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/report"
)

// runOptions are the flags of run.
type runOptions struct {
	quick
	sweeps    []string
	only      []string
	short     bool
	shortens  bool // a file says what is quick, and it was not asked for
	pareto    string
	virtual   bool
	dryRun    bool
	again     string
	redis     string
	onInvalid string
	outputs   []string
	quiet     bool
	progress  string

	cpuProfile string

	without   []report.LeftOut // workloads that are not run, though nobody said so
	keepEvery time.Duration    // how often the run in progress is written beside the result file
}

func newRun(s streams, keepEvery time.Duration) *cobra.Command {
	o := &runOptions{keepEvery: keepEvery}
	c := &cobra.Command{
		Use:   "run [SCENARIO…]",
		Short: "Run scenarios and print a comparison table",
		Long: `Run sends a reproducible workload to every subject of a scenario and prints a
comparison table. A SCENARIO is a file, or the name of one that comes with fcbench
(see fcbench list scenarios). Without any it compares the built-in limiters; with
--limiter, --target or --http it needs none either. Flags change what a file says.

-o FILE grows with every run. One that takes longer than 10 s is written to
FILE.partial as far as it got, every 10 s, until its line is in FILE: that is what a
program that is killed leaves, and it reads like any result file.

A table is as wide as the terminal; elsewhere as $COLUMNS says, or 120 columns.`,
		Example: `  fcbench run
  fcbench run --limiter gcra --limiter redis-gcra --arrivals burst -r 2k/s --keys zipf:1.1:10000 -d 5s
  fcbench run --http http://127.0.0.1:8080/ -r 1000/s -d 20s --threshold 'response.ok.p99 < 50ms'
  fcbench run api-gateway
  fcbench run --virtual --limiter gcra --sweep limiter.rate=50/s,100/s,200/s --sweep limiter.burst=10,20
  fcbench run scenarios/compare-limiters.yaml --repeats 5 -o result.jsonl -o markdown=table.md`,
		ValidArgsFunction: completeScenario,
		RunE:              func(c *cobra.Command, args []string) error { return o.run(c.Context(), s, args) },
	}
	f := c.Flags()
	o.addLoad(f)
	o.addValues(f, runFlags())
	o.addSubjects(f)
	f.StringArrayVar(&o.sweeps, "sweep", nil, "values that a path takes in turn, path=value,value; several are combined (repeatable)")
	f.StringSliceVar(&o.only, "only", nil, "subjects and workloads of the scenario to run, SUBJECT,WORKLOAD… (default all)")
	f.BoolVar(&o.short, "quick", false, "run what the scenario itself names as enough for a first look")
	f.StringVar(&o.pareto, "pareto", "", "two metrics, A,B, of whose Pareto front the trials are listed (see fcbench list metrics)")
	f.BoolVar(&o.virtual, "virtual", false, "virtual time: no waiting, the same decisions every time")
	f.BoolVar(&o.dryRun, "dry-run", false, "print what would be run, and send nothing")
	f.StringVar(&o.again, "again", "", "run a stored run again: FILE, or FILE:N for its N-th line")
	f.StringVar(&o.redis, "redis", "", "Redis to use, host:port, socket path or URL (default: one of fcbench's own)")
	f.StringVar(&o.onInvalid, "on-invalid", "fail", "what an invalid run does to the exit code: fail (12) or warn")
	f.StringArrayVarP(&o.outputs, "output", "o", nil, "result file, or KIND=FILE for another format; - is stdout (repeatable)")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "nothing on stderr but what is wrong, as --progress none")
	f.StringVar(&o.cpuProfile, "cpuprofile", "", "file for a CPU profile of this process, as go tool pprof reads it")
	f.StringVar(&o.progress, "progress", "auto", "how stderr says how runs go: auto, json (an object a line) or none")
	return c
}

func (o *runOptions) run(ctx context.Context, s streams, files []string) error {
	if o.onInvalid != "fail" && o.onInvalid != "warn" {
		return usage(fmt.Errorf("--on-invalid is %q; want fail or warn", o.onInvalid))
	}
	if o.flags.Changed("only") && len(o.only) == 0 {
		return usage(errors.New("--only is empty; want subjects and workloads, such as codel,R2, or the flag left out"))
	}
	if err := o.checkProgress(); err != nil {
		return err
	}
	if err := checkRedis(o.flags, o.redis); err != nil {
		return err
	}
	all, err := o.scenarios(files)
	if err != nil {
		return err
	}
	outputs, outputErr := parseOutputs(o.outputs)
	_, paretoErr := o.front()
	if o.pareto != "" && slices.ContainsFunc(outputs, func(out output) bool { return out.path == "-" }) {
		paretoErr = errors.Join(paretoErr, errors.New("--pareto adds to the table, and an --output of - leaves it out; want one of the two"))
	}
	if err := errors.Join(outputErr, paretoErr); err != nil {
		return usage(err)
	}
	for _, out := range o.without {
		fmt.Fprintln(s.err, "fcbench: note:", out)
	}
	profiled, err := profileCPU(s, o.cpuProfile)
	if err != nil {
		return usage(err)
	}
	w := newWorld(s, o.redis)
	ctx, stop := interruptible(ctx, s.err, func() { _ = w.Close() })
	defer stop()
	err = o.perform(ctx, s, w, all)
	return errors.Join(err, profiled(), w.Close(), interrupted(ctx))
}

// perform checks and prepares everything before it opens the first output, and
// opens every output before it sends the first request.
func (o *runOptions) perform(ctx context.Context, s streams, w *experiment.World, all []sweep) error {
	if o.progress != "none" && !o.virtual && !o.dryRun {
		o.warnOfLength(s.err, all)
	}
	sets, err := prepare(ctx, w, all, o.time(), s.err)
	if err != nil {
		return err
	}
	if o.dryRun {
		return dryRun(s.out, sets, o.redis)
	}
	if err := w.Ready(ctx, slices.Concat(sets...)...); err != nil {
		return err
	}
	out, err := openOutputs(s, o.outputs)
	if err != nil {
		return err
	}
	out.leaveOut(o.without)
	for _, plans := range sets {
		for _, p := range plans {
			p.Events, p.Keep, p.KeepEvery = out.events, out.keeper(), o.keepEvery
		}
		err = errors.Join(err, o.one(ctx, s, plans, out))
		if !o.virtual && aborted(out.runs) != nil {
			break
		}
	}
	err = errors.Join(err, out.leagues())
	err = errors.Join(err, out.close())
	if err == nil && o.progress == "auto" {
		o.suggest(s.err, out.runs)
	}
	return err
}

// checkProgress settles how stderr says how runs go.
func (o *runOptions) checkProgress() error {
	switch {
	case !slices.Contains([]string{"auto", "json", "none"}, o.progress):
		return usage(fmt.Errorf("--progress is %q; want auto, json or none", o.progress))
	case o.quiet && o.progress == "json":
		return usage(errors.New("--quiet stands beside --progress json; want one of the two"))
	case o.quiet:
		o.progress = "none"
	}
	return nil
}

// time is the kind of time that was asked for.
func (o *runOptions) time() results.Time {
	if o.virtual {
		return results.Virtual
	}
	return results.Real
}

// interrupted is the error of a run that a signal stopped.
func interrupted(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return fail(exitInterrupted, "interrupted; what was measured until then is reported")
}

func (o *runOptions) documents(files []string) ([]written, error) {
	if o.again != "" {
		if len(files) > 0 {
			return nil, usage(errors.New("--again stands beside a scenario file; want one of the two"))
		}
		if o.short || len(o.only) > 0 {
			return nil, usage(errors.New("--again stands beside --quick or --only; want it alone, as a stored run is one"))
		}
		doc, err := o.stored()
		return []written{{Node: doc}}, err
	}
	if len(files) == 0 {
		files = []string{""}
	}
	var docs []written
	for _, file := range files {
		doc, err := o.base(file, true)
		if err != nil {
			return nil, err
		}
		chosen, err := o.chosen(doc)
		if err != nil {
			return nil, err
		}
		for _, one := range chosen {
			name := one.Get("name")
			if err := o.change(one.Node); err != nil {
				return nil, err
			}
			if one.of != nil {
				one.Put("name", name)
			}
			docs = append(docs, one)
		}
	}
	return docs, nil
}

// one runs one scenario, or all combinations of one, and reports it.
func (o *runOptions) one(ctx context.Context, s streams, plans []*experiment.Plan, out *outputs) error {
	sc := plans[0].Scenario
	rec := &collector{out: out, teller: newTeller(s.err, o.progress)}
	err := experiment.Run(ctx, plans, rec)
	rec.close()
	err = errors.Join(err, rec.err)
	gaveUp := aborted(rec.runs)
	err = errors.Join(err, gaveUp)
	if made, planned := len(rec.runs), len(experiment.Order(plans)); made < planned && gaveUp == nil {
		err = errors.Join(err, fail(exitError, "%s: %d of %d runs were made", sc.Name, made, planned))
	}
	if len(rec.runs) == 0 {
		return err
	}
	results.Sort(rec.runs)
	if sc.League {
		return errors.Join(err, out.leave(rec.runs), judge(rec.runs, sc.Thresholds, o.onInvalid))
	}
	pareto, _ := o.front() // it was checked before anything was sent
	if gaveUp == nil {
		err = errors.Join(err, lost(rec.runs))
	}
	return errors.Join(err, out.report(rec.runs, sc.Thresholds, pareto), judge(rec.runs, sc.Thresholds, o.onInvalid))
}

// collector writes each run as it ends, so that a crash loses nothing.
type collector struct {
	teller
	out  *outputs
	runs []results.Run
	err  error
}

func (c *collector) End(run *results.Run) {
	c.teller.End(run)
	c.runs = append(c.runs, *run)
	c.err = errors.Join(c.err, c.out.write(run))
}

// standings is how each threshold stands over all runs: as in the worst of them.
func standings(thresholds []results.Threshold, runs []results.Run) (kept, unknown, missed int) {
	for _, t := range thresholds {
		worst := results.Kept
		for i := range runs {
			worst = max(worst, t.Check(&runs[i]).Standing())
		}
		switch worst {
		case results.Missed:
			missed++
		case results.Unknown:
			unknown++
		default:
			kept++
		}
	}
	return kept, unknown, missed
}

// judge turns verdicts and thresholds into the exit code. An invalid run is
// never a pass, and comes before its thresholds, which mean nothing then.
func judge(runs []results.Run, thresholds []results.Threshold, onInvalid string) error {
	for _, r := range runs {
		if r.Validity.Verdict == results.Invalid && onInvalid == "fail" {
			return fail(exitInvalid, "trial %s, repeat %d is invalid: %s (--on-invalid=warn to go on)",
				r.Trial, r.Repeat, strings.Join(r.Validity.Reasons, "; "))
		}
	}
	_, unknown, missed := standings(thresholds, runs)
	var err error
	if missed > 0 {
		err = fail(exitMissed, "%d of %d thresholds missed", missed, len(thresholds))
	}
	if unknown > 0 {
		err = errors.Join(err, fail(exitNoData, "%d of %d thresholds have no data", unknown, len(thresholds)))
	}
	return err
}

// aborted reports runs that were given up.
func aborted(runs []results.Run) (err error) {
	for _, r := range runs {
		if r.Aborted != "" {
			err = errors.Join(err, fail(exitMissed, "trial %s, repeat %d was given up: %s", r.Trial, r.Repeat, r.Aborted))
		}
	}
	return err
}

// lost reports subjects of which every request was lost, and those that
// answered until they died.
func lost(runs []results.Run) (err error) {
	for i := range runs {
		r := &runs[i]
		if why, lost := results.Lost(r); lost {
			err = errors.Join(err, fail(exitError, "trial %s, repeat %d: %s", r.Trial, r.Repeat, why))
		}
	}
	return err
}
