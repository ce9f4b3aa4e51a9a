package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fcbench/fcbench/internal/capacity"
	"github.com/fcbench/fcbench/internal/capacity/trials"
	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/internal/units"
)

// capacityOptions are the flags of capacity.
type capacityOptions struct {
	quick
	goals                 []string
	strategy              strategyOptions
	over                  string
	from, most            string
	budget, soak          string
	precision, confidence string
	virtual, json         bool
	redis, file           string
	staging               stagingOptions
	dryRun, again         bool
	outputs               []string
}

func newCapacity(s streams) *cobra.Command {
	o := &capacityOptions{}
	c := &cobra.Command{
		Use:   "capacity [SCENARIO]",
		Short: "Find the largest rate at which every goal still holds, with an interval",
		Long: `Capacity makes many short trials of one subject, each with a seed of its own, and
says what the largest offered rate is at which every goal still holds, and how sure
that is. Goals are thresholds as of run. For response goals whatever is not ok counts
as too slow; what is rejected does not where a goal bounds outcomes.rejected.share.

--strategy mlrsearch searches as RFC 9971 does instead: it classifies loads by whole trials,
and ends with two of them, the higher one of which misses a goal. They are no interval of
confidence.

It prints its plan before it starts. A search over the rate first finds how fast this
generator goes with the same work and a target that does nothing, for about 2 s, and
ends with GENERATOR-LIMITED where the target takes 70 % of that. Every trial is appended
to --trials as it ends: a search that was interrupted goes on from there, capacity replay
computes the answer again, without a target, and --again searches again, and keeps what
the file has under another name.

It ends with CAPACITY or AT-LEAST (exit status 0), NO-CAPACITY (10), INCONCLUSIVE (11),
GENERATOR-LIMITED or UNSTABLE-TARGET (12).`,
		Example: `  fcbench capacity --http http://127.0.0.1:8080/ --arrivals poisson --goal 'response.ok.p99 < 20ms' --from 500/s
  fcbench capacity --virtual --pipeline drop-newest --goal 'response.ok.p99 < 200ms' --from 50/s --budget 15m
  fcbench capacity replay trials.jsonl -o plot -o curve.svg -o html=report.html`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return o.run(c.Context(), s, args) },
	}
	f := c.Flags()
	o.addLoad(f)
	o.addValues(f, runFlags())
	o.addSubjects(f)
	f.StringArrayVar(&o.goals, "goal", nil, "goal that has to hold, such as 'response.ok.p99 < 5ms' (repeatable; beside the scenario's thresholds)")
	f.StringVar(&o.over, "over", "rate", "what is searched: rate, clients, lanes, limiter.rate, or the path of any value")
	f.StringVar(&o.from, "from", "", "lowest value, which has to keep the goals (default 100/s, or 1, or of a share a hundredth of the highest)")
	f.StringVar(&o.most, "most", "", "highest value that is tried (default none, or the highest that the scenario takes, such as 1 for a share)")
	o.strategy.addFlags(f)
	f.StringVar(&o.budget, "budget", "5m", "time that all trials may take")
	f.StringVar(&o.precision, "precision", "2%", "half-width of the interval to be reached")
	f.StringVar(&o.confidence, "confidence", "95%", "confidence of the interval")
	f.StringVar(&o.soak, "soak", "", "how long to load the target just below the interval in the end (default not at all)")
	f.StringVar(&o.file, "trials", "trials.jsonl", "file that trials are appended to, and read from where a search goes on")
	f.BoolVar(&o.again, "again", false, "begin a new search, whatever the file of trials has, which is kept under another name")
	f.BoolVar(&o.virtual, "virtual", false, "virtual time: no waiting, the same trials every time")
	f.StringVar(&o.redis, "redis", "", "Redis to use, host:port, socket path or URL (default: one of fcbench's own)")
	o.staging.declare(f)
	f.BoolVar(&o.json, "json", false, "the answer as JSON")
	addCurves(f, &o.outputs)
	f.BoolVar(&o.dryRun, "dry-run", false, "print the plan, and send nothing")
	c.AddCommand(newReplay(s))
	return c
}

// newReplay computes an answer again.
func newReplay(s streams) *cobra.Command {
	asJSON, outputs := false, []string(nil)
	c := &cobra.Command{
		Use:   "replay FILE",
		Short: "Compute the answer of a search again from its trials, and draw its curves",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			drawn, err := openCurves(s, outputs, asJSON, args[0])
			if err != nil {
				return err
			}
			return drawn.finish(args[0], replay(c.Context(), drawn.answers(), args[0], asJSON))
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "the answer as JSON")
	addCurves(c.Flags(), &outputs)
	return c
}

// replay prints what a search found, computed again.
func replay(ctx context.Context, s streams, path string, asJSON bool) error {
	if j, _, err := openJournal(path); err == nil && j.Side != "" {
		return replayEstimates(ctx, s, path, j, asJSON)
	}
	j, answer, err := replayed(ctx, path)
	if err != nil {
		return err
	}
	return printAnswer(s.out, j.Plan, answer, asJSON)
}

// replayed is a file of trials and what its search found, computed again.
func replayed(ctx context.Context, path string) (*capacity.Journal, capacity.Answer, error) {
	j, _, err := openJournal(path)
	if err == nil && j.Side != "" {
		err = fmt.Errorf("%s has the trials of %s, whose capacity a gate estimated again and again; want those of one search", path, j.Side)
	}
	if err != nil {
		return nil, capacity.Answer{}, usage(err)
	}
	answer, err := capacity.Search(ctx, j.Plan, j.Measure(nil))
	switch {
	case errors.Is(err, capacity.ErrOver):
		err = fail(exitNoData, "%s: %v, after %d of them; capacity with the same flags goes on", path, err, j.Trials())
	case err != nil:
		err = usage(fmt.Errorf("%s: %w", path, err))
	}
	return j, answer, err
}

func (o *capacityOptions) run(ctx context.Context, s streams, args []string) error {
	if err := checkRedis(o.flags, o.redis); err != nil {
		return err
	}
	if o.over == "rate" && o.rate == "" && o.arrivals != "" && !strings.Contains(o.arrivals, ":") {
		o.rate = "1k/s" // which every trial replaces
	}
	doc, err := o.document(strings.Join(args, ""), true)
	if err != nil {
		return err
	}
	for _, flag := range []string{"repeats", "duration", "count", "warmup"} {
		if o.flags.Changed(flag) {
			err = errors.Join(err, fmt.Errorf("--%s has no effect here; want it left out, since the plan says what trials are like", flag))
		}
	}
	if f := o.flags.Lookup(o.over); (o.over == "rate" || o.over == "lanes") && f.Changed {
		err = errors.Join(err, fmt.Errorf("--%s has no effect here; want it left out, or --from and --most, since every trial has another with --over %s", o.over, o.over))
	}
	appendTexts(doc, "thresholds", "--goal", o.goals)
	most, mostErr := o.ceiling(doc)
	maker, makeErr := trials.New(doc, o.over)
	if makeErr == nil && mostErr == nil {
		most, mostErr = o.naturally(maker, most)
	}
	err = errors.Join(err, mostErr, makeErr, o.staging.check(o.flags, doc))
	var plan capacity.Plan
	_, outputErr := parseCurves(o.outputs, o.json, o.file)
	err = errors.Join(err, outputErr)
	if makeErr == nil {
		var problem error
		plan, problem = o.plan(maker, most)
		err = errors.Join(err, problem)
	}
	if err != nil {
		return asUsage(err)
	}
	maker.Precision, maker.Fade = plan.Precision, plan.Fade
	h := capacity.Header{
		Schema: capacity.Schema, Plan: plan, Scenario: maker.Shown(), Digest: o.digest(doc),
		Redis: redisproc.Shown(o.redis), Virtual: o.virtual,
	}
	announce(s.err, plan, o.virtual)
	o.staging.announce(s.err)
	if o.dryRun {
		return nil
	}
	drawn, err := openCurves(s, o.outputs, o.json, o.file)
	if err != nil {
		return err
	}
	return drawn.finish(o.file, o.search(ctx, drawn.answers(), maker, h))
}

// digest is of all that trials depend on and the plan does not say, with what files
// do not show.
func (o *capacityOptions) digest(doc *strictyaml.Node) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s", doc.ToJSON(), o.staging.reset))
	return hex.EncodeToString(sum[:])
}

// asUsage leaves errors alone that know their code.
func asUsage(err error) error {
	if code := exitCode(err); code == exitUsage {
		return err
	}
	return usage(err)
}

// ceiling is the highest value: --most, or a rate so far below max_rate that no
// second brings more than that.
func (o *capacityOptions) ceiling(doc *strictyaml.Node) (most float64, err error) {
	if o.most != "" {
		if most, err = number("--most", o.most); err != nil {
			return 0, err
		}
	}
	r, err := units.ParseRate(doc.Get("max_rate").String())
	if err != nil || doc.Get("max_rate") == nil || r.Unlimited {
		return most, nil // what is wrong with it the scenario says, with its place
	}
	o.staging.bound = r.String()
	switch safe := trials.Calm(r.PerSecond()); {
	case o.over == "rate" && (most == 0 || safe < most):
		most = safe
	case o.over != "rate" && most == 0 && strings.HasPrefix(o.over, "workload."):
		return 0, fmt.Errorf("--max-rate stands beside --over %s, of which it is not known what it adds up to; want --most as well", o.over)
	}
	return most, nil
}

// naturally is the highest value, where the one that is searched has an end by itself.
func (o *capacityOptions) naturally(m *trials.Maker, most float64) (float64, error) {
	highest, beyond := m.Highest()
	switch {
	case highest == 0:
		return most, nil
	case most > highest:
		return most, fmt.Errorf("--most is %s, and the highest that --over %s takes is %.6g: %w", o.most, o.over, highest, beyond)
	case most == 0:
		return highest, nil
	}
	return most, nil
}

// number reads a value: a rate, a count, or a share.
func number(flag, text string) (float64, error) {
	if v, err := units.ParseShare(text); err == nil && v > 0 && strings.HasSuffix(text, "%") {
		return v, nil
	}
	if r, err := units.ParseRate(text); err == nil && !r.Unlimited && !r.IsZero() {
		return r.PerSecond(), nil
	}
	if v, err := strconv.ParseFloat(text, 64); err == nil && v > 0 {
		return v, nil
	}
	return 0, fmt.Errorf("%s is %q; want a rate such as 500/s, or a number above 0", flag, text)
}

// plan reads the flags that make one.
func (o *capacityOptions) plan(m *trials.Maker, most float64) (p capacity.Plan, err error) {
	p = capacity.Plan{Over: o.over, From: m.Lowest(), Most: most, Overhead: time.Second / 2}
	if o.over == "rate" && !o.virtual {
		p.Calibration = capacity.Calibrating
	}
	p.Goals, p.Whole = m.Goals(), m.Whole()
	var problem error
	if o.from != "" {
		p.From, problem = number("--from", o.from)
		err = errors.Join(err, problem)
	}
	p.Precision, problem = percentOf("--precision", o.precision)
	err = errors.Join(err, problem)
	p.Confidence, problem = percentOf("--confidence", o.confidence)
	err = errors.Join(err, problem)
	p.Budget, problem = lengthOf("--budget", o.budget)
	err = errors.Join(err, problem)
	p.Fade = o.staging.fade
	if o.soak != "" {
		p.Soak, problem = lengthOf("--soak", o.soak)
		err = errors.Join(err, problem)
	}
	err = errors.Join(err, o.strategy.into(&p, o.flags))
	p.Seed = 1
	if f := o.flags.Lookup("seed"); f.Changed {
		p.Seed, problem = strconv.ParseUint(f.Value.String(), 10, 64)
		if problem != nil {
			err = errors.Join(err, fmt.Errorf("--seed is %q; want a whole number", f.Value))
		}
	}
	if err != nil {
		return p, err
	}
	p.Fit()
	if err = p.Check(); o.staging.bound != "" && o.over == "rate" && 0 < p.Most && p.Most <= p.From {
		err = errors.Join(err, fmt.Errorf("--max-rate %s leaves room for a mean of %.6g/s at most; want more, or a lower --from", o.staging.bound, p.Most))
	}
	return p, err
}

func lengthOf(flag, text string) (time.Duration, error) {
	d, err := units.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%s is %q; want a duration such as 5m", flag, text)
	}
	return d.Std(), nil
}

func percentOf(flag, text string) (float64, error) {
	v, err := units.ParseShare(text)
	if err != nil || !(v > 0 && v < 1) {
		return 0, fmt.Errorf("%s is %q; want a share such as 2%%", flag, text)
	}
	return v, nil
}
