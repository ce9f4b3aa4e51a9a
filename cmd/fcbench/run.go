package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results"
)

// runOptions are the flags of run.
type runOptions struct {
	quick
	virtual   bool
	dryRun    bool
	again     string
	redis     string
	onInvalid string
	outputs   []string
	quiet     bool
}

func newRun(s streams) *cobra.Command {
	o := &runOptions{}
	c := &cobra.Command{
		Use:   "run [FILE…]",
		Short: "Run scenarios and print a comparison table",
		Long: `Run sends a reproducible workload to every subject of a scenario and prints a
comparison table. Without a file it compares the built-in limiters; with
--limiter, --target or --http it needs no file either. Flags change what a file says.`,
		Example: `  fcbench run
  fcbench run --limiter gcra --limiter redis-gcra --arrivals burst -r 2k/s --keys zipf:1.1:10000 -d 5s
  fcbench run --http http://127.0.0.1:8080/ -r 1000/s -d 20s --threshold 'response.ok.p99 < 50ms'
  fcbench run scenarios/compare-limiters.yaml --repeats 5 -o result.jsonl -o markdown=table.md`,
		RunE: func(c *cobra.Command, args []string) error { return o.run(c.Context(), s, args) },
	}
	f := c.Flags()
	o.addLoad(f)
	o.addSubjects(f)
	f.BoolVar(&o.virtual, "virtual", false, "virtual time: no waiting, the same decisions every time")
	f.BoolVar(&o.dryRun, "dry-run", false, "print what would be run, and send nothing")
	f.StringVar(&o.again, "again", "", "run a stored run again: FILE, or FILE:N for its N-th line")
	f.StringVar(&o.redis, "redis", "", "Redis to use, host:port, socket path or URL (default: one of fcbench's own)")
	f.StringVar(&o.onInvalid, "on-invalid", "fail", "what an invalid run does to the exit code: fail (12) or warn")
	f.StringArrayVarP(&o.outputs, "output", "o", nil, "result file, or KIND=FILE for another format; - is stdout (repeatable)")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "no progress on stderr")
	return c
}

func (o *runOptions) run(ctx context.Context, s streams, files []string) error {
	if o.onInvalid != "fail" && o.onInvalid != "warn" {
		return usage(fmt.Errorf("--on-invalid is %q; want fail or warn", o.onInvalid))
	}
	all, err := o.scenarios(files)
	if err != nil {
		return err
	}
	if o.dryRun {
		return dryRun(s.out, all, o)
	}
	out, err := openOutputs(s, o.outputs)
	if err != nil {
		return err
	}
	ctx, stop := interruptible(ctx, s.err)
	defer stop()
	for _, sc := range all {
		err = errors.Join(err, o.one(ctx, s, sc, out))
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(err, out.close(), interrupted(ctx))
}

// interrupted is the error of a run that a signal stopped.
func interrupted(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return fail(exitInterrupted, "interrupted; what was measured until then is reported as partial")
}

// scenarios builds every scenario before the first is run.
func (o *runOptions) scenarios(files []string) ([]*scenario.Scenario, error) {
	docs, err := o.documents(files)
	if err != nil {
		return nil, err
	}
	var all []*scenario.Scenario
	var problems strictyaml.Problems
	for _, doc := range docs {
		sc, err := scenario.New(doc, false)
		var more strictyaml.Problems
		switch {
		case errors.As(err, &more):
			problems = append(problems, more...)
		case err != nil:
			return nil, err
		default:
			all = append(all, sc)
		}
	}
	return all, problems.Err()
}

func (o *runOptions) documents(files []string) ([]*strictyaml.Node, error) {
	if o.again != "" {
		if len(files) > 0 {
			return nil, usage(errors.New("--again stands beside a scenario file; want one of the two"))
		}
		doc, err := o.stored()
		return []*strictyaml.Node{doc}, err
	}
	if len(files) == 0 {
		files = []string{""}
	}
	var docs []*strictyaml.Node
	for _, file := range files {
		doc, err := o.document(file, true)
		if err != nil {
			return nil, err
		}
		docs = append(docs, doc)
	}
	return docs, nil
}

// one runs one scenario and reports it.
func (o *runOptions) one(ctx context.Context, s streams, sc *scenario.Scenario, out *outputs) error {
	plan, closePlan, err := o.plan(ctx, s, sc)
	if err != nil {
		return err
	}
	watch := newProgress(s.err, o.quiet)
	rec := &collector{out: out, progress: watch}
	err = plan.Run(ctx, rec)
	watch.close()
	err = errors.Join(err, closePlan())
	if errors.Is(err, experiment.ErrInterrupted) {
		err = nil // said once, at the end
	}
	if len(rec.runs) == 0 {
		return errors.Join(err, noData(ctx))
	}
	sc.Sort(rec.runs)
	checks := check(sc.Thresholds, rec.runs)
	return errors.Join(err, rec.err, out.report(rec.runs, sc.Thresholds), silent(rec.runs), judge(rec.runs, checks, o.onInvalid))
}

func noData(ctx context.Context) error {
	if ctx.Err() != nil {
		return nil
	}
	return fail(exitNoData, "no run was made")
}

// collector writes each run as it ends, so that a crash loses nothing.
type collector struct {
	*progress
	out  *outputs
	runs []results.Run
	err  error
}

func (c *collector) End(run *results.Run) {
	c.progress.End(run)
	c.runs = append(c.runs, *run)
	c.err = errors.Join(c.err, c.out.write(run))
}

// check holds every run against every threshold.
func check(thresholds []results.Threshold, runs []results.Run) []results.Check {
	var all []results.Check
	for i := range runs {
		for _, t := range thresholds {
			all = append(all, t.Check(&runs[i]))
		}
	}
	return all
}

// judge turns verdicts and thresholds into the exit code. An invalid run is
// never a pass, and comes before its thresholds, which mean nothing then.
func judge(runs []results.Run, checks []results.Check, onInvalid string) error {
	for _, r := range runs {
		if r.Validity.Verdict == results.Invalid && onInvalid == "fail" {
			return fail(exitInvalid, "trial %s, repeat %d is invalid: %s (--on-invalid=warn to go on)",
				r.Trial, r.Repeat, strings.Join(r.Validity.Reasons, "; "))
		}
	}
	missed, empty := 0, 0
	for _, c := range checks {
		switch {
		case c.NoData:
			empty++
		case !c.OK:
			missed++
		}
	}
	switch {
	case missed > 0:
		return fail(exitMissed, "%d of %d thresholds missed", missed, len(checks))
	case empty > 0:
		return fail(exitNoData, "%d of %d thresholds have no data", empty, len(checks))
	}
	return nil
}

// silent reports subjects that gave no answer at all.
func silent(runs []results.Run) (err error) {
	for i := range runs {
		r := &runs[i]
		lost := r.Outcomes["failed"] + r.Outcomes["timed_out"]
		if lost > 0 && lost == r.Offered-r.Outcomes["unsent"] {
			err = errors.Join(err, fail(exitError, "trial %s, repeat %d: no request was answered (%s)", r.Trial, r.Repeat, worstCause(r)))
		}
	}
	return err
}

func worstCause(r *results.Run) (worst string) {
	for cause, n := range r.Causes {
		if worst == "" || n > r.Causes[worst] || n == r.Causes[worst] && cause < worst {
			worst = cause
		}
	}
	return fmt.Sprintf("%s, %d times", worst, r.Causes[worst])
}
