package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fcbench/fcbench/internal/capacity/whatif"
	"github.com/fcbench/fcbench/internal/scenario"
)

// whatifOptions are the flags of whatif.
type whatifOptions struct {
	quick
	sweeps     []string
	rejects    string
	confidence string
	validate   int
	virtual    bool
	redis      string
	json, csv  bool
	specs      []string

	outputs []outputOf[whatifFound]
}

func newWhatif(s streams) *cobra.Command {
	o := &whatifOptions{}
	c := &cobra.Command{
		Use:   "whatif [SCENARIO]",
		Short: "Say what other limits would reject of the same arrivals, without sending any",
		Long: `Whatif sends the arrivals of a scenario, generated or of a recorded log, through the
exact models of its limiters: how much each would reject, of how many keys, of which
key the most, and for how long nobody with one key gets anything. --sweep makes a grid
of limits. Nothing is sent, and limiters on Redis need none.

--rejects turns the question round: which rate of each limiter rejects no more than
that?

--validate runs so many points of the grid in real time, or with --virtual in virtual
time, and prints what was observed beside what was predicted.`,
		Example: `  fcbench whatif --arrivals trace:access.log.gz --limiter gcra --burst 10 --sweep limiter.rate=0.1/s,0.2/s,0.5/s,1/s
  fcbench whatif --arrivals trace:access.log.gz --limiter gcra --burst 10 --limiter fixed-window --rejects 0.5%
  fcbench whatif scenarios/noisy-neighbour.yaml --validate 3 --virtual -o markdown=limits.md -o csv=limits.csv`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return o.run(c.Context(), s, args) },
	}
	f := c.Flags()
	o.addLoad(f)
	o.addValues(f, runFlags())
	o.addSubjects(f)
	f.StringArrayVar(&o.sweeps, "sweep", nil, "values that a path takes in turn, path=value,value; several are combined (repeatable)")
	f.StringVar(&o.rejects, "rejects", "", "find the lowest rate of every limiter that rejects no more than this share, such as 0.5%")
	f.StringVar(&o.confidence, "confidence", "95%", "confidence of the intervals")
	f.IntVar(&o.validate, "validate", 0, "run so many points of the grid, and print what was observed beside what was predicted")
	f.BoolVar(&o.virtual, "virtual", false, "validate in virtual time")
	f.StringVar(&o.redis, "redis", "", "Redis to validate on, host:port, socket path or URL (default: one of fcbench's own)")
	f.BoolVar(&o.json, "json", false, "what was found as JSON, as -o json")
	f.BoolVar(&o.csv, "csv", false, "the points of the grid as CSV, as -o csv")
	addOutputsOf(f, &o.specs, whatifFormats(), "what was found")
	return c
}

// whatifFound is all that was found, as JSON has it.
type whatifFound struct {
	Schema     string          `json:"schema"`
	Scenario   string          `json:"scenario"`
	Confidence float64         `json:"confidence"`
	Points     []whatif.Point  `json:"points"`
	Answers    []whatif.Answer `json:"answers,omitempty"`
	Validated  []validated     `json:"validated,omitempty"`
}

func (o *whatifOptions) run(ctx context.Context, s streams, args []string) error {
	share, confidence, err := o.check(args)
	if err != nil {
		return usage(err)
	}
	all, err := o.scenarios(strings.Join(args, ""))
	if err != nil {
		return asUsage(err)
	}
	if err := reachable(o.outputs); err != nil {
		return err
	}
	found := whatifFound{Schema: "fcbench.whatif/v1", Scenario: all[0].Name, Confidence: confidence}
	tell(s.err, all...)
	w := newWorld(s, o.redis)
	ctx, stop := interruptible(ctx, s.err, func() { _ = w.Close() })
	defer stop()
	if found.Points, err = o.points(ctx, s, all, confidence); err == nil && share > 0 {
		found.Answers, err = o.answers(ctx, s, all, share)
	}
	if err != nil {
		return unfit(ctx, err)
	}
	var failed error
	if o.validate > 0 {
		found.Validated, failed = o.validatePoints(ctx, w, all, found.Points)
	}
	return errors.Join(failed, w.Close(), interrupted(ctx), writeAll(s, withTable(o.outputs, whatifFormats()), found))
}

// check reads the flags that are no part of the scenario.
func (o *whatifOptions) check(files []string) (share, confidence float64, err error) {
	if o.rejects != "" || o.flags.Changed("rejects") {
		share, err = percentOf("--rejects", o.rejects)
	}
	confidence, problem := percentOf("--confidence", o.confidence)
	err = errors.Join(err, problem, checkRedis(o.flags, o.redis))
	wrong := func(is bool, format string, args ...any) {
		if is {
			err = errors.Join(err, fmt.Errorf(format, args...))
		}
	}
	wrong(o.flags.Changed("validate") && o.validate < 1, "--validate is %d; want at least 1", o.validate)
	wrong(o.virtual && o.validate == 0, "--virtual has no effect here; want it with --validate")
	wrong(o.redis != "" && o.validate == 0, "--redis has no effect here; want it with --validate")
	wrong(o.json && o.csv, "--json stands beside --csv; want one of the two")
	o.outputs, problem = parseOutputsOf(o.kinds(), whatifFormats(), files...)
	tells := func(out outputOf[whatifFound]) bool { return out.Name != "csv" }
	wrong(o.rejects != "" && !slices.ContainsFunc(withTable(o.outputs, whatifFormats()), tells),
		"--rejects stands beside CSV alone, which has the points of the grid; want -o json or another format as well")
	return share, confidence, errors.Join(err, problem)
}

// kinds are the outputs, with those that have flags of their own.
func (o *whatifOptions) kinds() []string {
	all := o.specs
	if o.json {
		all = append(all, "json")
	}
	if o.csv && !o.json {
		all = append(all, "csv")
	}
	return all
}

// scenarios are one for every combination of the sweep, all of whose decisions are
// known without a run.
func (o *whatifOptions) scenarios(file string) ([]*scenario.Scenario, error) {
	axes, err := axesOf(o.sweeps, o.sets)
	if err != nil {
		return nil, usage(err)
	}
	doc, err := o.document(file, true)
	if err != nil {
		return nil, err
	}
	all, err := scenario.All(doc, axes)
	if err != nil {
		return nil, err
	}
	said := map[string]bool{}
	for _, sc := range all {
		problem := whatif.Check(sc)
		if problem == nil && o.virtual {
			problem = sc.CheckVirtual()
		}
		if problem != nil && !said[problem.Error()] {
			said[problem.Error()] = true
			err = errors.Join(err, problem)
		}
	}
	return all, err
}

// points are those of all scenarios, one after the other.
func (o *whatifOptions) points(ctx context.Context, s streams, all []*scenario.Scenario, confidence float64) (points []whatif.Point, err error) {
	for _, sc := range all {
		some, err := whatif.Look(ctx, sc, confidence, s.say)
		if err != nil {
			return points, err
		}
		points = append(points, some...)
	}
	return points, nil
}

// answers are the rates of every limiter. Combinations of a sweep that differ in the
// rate alone have one answer.
func (o *whatifOptions) answers(ctx context.Context, s streams, all []*scenario.Scenario, share float64) (answers []whatif.Answer, err error) {
	known := map[string]bool{}
	for _, sc := range all {
		for i := range sc.Subjects {
			same := whatif.ButForItsRate(sc, i)
			if known[same] {
				continue
			}
			known[same] = true
			a, err := whatif.Lowest(ctx, sc, i, share, s.say)
			if err != nil {
				return answers, usage(err)
			}
			answers = append(answers, a)
		}
	}
	return answers, nil
}
