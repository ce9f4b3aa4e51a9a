package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fcbench/fcbench/internal/dial"
	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/internal/verify"
	"github.com/fcbench/fcbench/limiters"
)

// verifyOptions are the flags of verify.
type verifyOptions struct {
	all, deep  bool
	quiet      bool
	seed       uint64
	limit      string
	burst      string
	redis      string
	outputs    []string
	allowHosts []string
}

func newVerify(s streams) *cobra.Command {
	o := &verifyOptions{}
	c := &cobra.Command{
		Use:   "verify [LIMITER…|reference]",
		Short: "Hold limiters to the rules of their algorithms",
		Long: `Verify plays schedules to limiters: some whose outcome is known by hand, and many
at random, on which a limiter must agree with an exact model of the algorithm that
it claims to be, keep its bound, tell the truth about later requests, serve callers
at once as if one after the other, and bear a clock that steps. It prints what holds
and what is broken, the latter with the smallest history in which it shows.

A LIMITER is a kind, or KIND:ARGUMENT… (see fcbench list limiters); reference stands
for all of fcbench's own. ARGUMENTs that state a limit, as in gcra:100/s:20, make it
the only one to verify under; else it is that of --limit, or a few that are easy to
get wrong. The exit code is 10 when a rule is broken.`,
		Example: `  fcbench verify reference
  fcbench verify x-time-rate gcra --seed 7
  fcbench verify --all -o verify.json -o junit=verify.xml`,
		RunE: func(c *cobra.Command, args []string) error { return o.run(c.Context(), s, args) },
	}
	f := c.Flags()
	f.BoolVar(&o.all, "all", false, "every kind of limiter there is, known-bad specimens as well")
	f.BoolVar(&o.deep, "deep", false, "ten times as many decisions")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "no progress on stderr")
	f.Uint64Var(&o.seed, "seed", 1, "seed of every schedule")
	f.StringVar(&o.limit, "limit", "", "rate to verify under, such as 100/s (default: a few that are easy to get wrong)")
	f.StringVar(&o.burst, "burst", "", "burst beside --limit, of limiters that have one (default 1)")
	f.StringVar(&o.redis, "redis", "", "Redis to use, host:port, socket path or URL (default: one of fcbench's own)")
	f.StringArrayVar(&o.allowHosts, "allow-host", nil, "host beyond loopback that --redis may name (repeatable)")
	f.StringArrayVarP(&o.outputs, "output", "o", nil, "JSON file, or KIND=FILE with json, junit or text; - is stdout (repeatable)")
	return c
}

func (o *verifyOptions) run(ctx context.Context, s streams, names []string) error {
	limits, err := o.limits()
	if o.all && len(names) > 0 {
		err = errors.Join(err, fmt.Errorf("--all stands beside %s; want one or the other", strings.Join(names, " ")))
	}
	kinds, unknown := verify.Select(names, o.all, limits)
	sinks, badOutputs := parseSinks(o.outputs)
	dialer, badHost := dial.New(o.allowHosts)
	if err := errors.Join(err, unknown, badOutputs, badHost); err != nil {
		return usage(err)
	}
	w := newWorld(s, o.redis)
	ctx, stop := interruptible(ctx, s.err, func() { _ = w.Close() })
	defer stop()
	p := &verify.Plan{
		Kinds: kinds, Limits: limits, Seed: o.seed, Deep: o.deep,
		Prefix: fmt.Sprintf("fcbench:%d:%x", os.Getpid(), time.Now().UnixNano()),
	}
	err = o.perform(ctx, s, w, dialer, p, sinks)
	return errors.Join(err, w.Close(), interrupted(ctx))
}

// perform opens everything before it begins, and writes every report at the end.
func (o *verifyOptions) perform(ctx context.Context, s streams, w *experiment.World, dialer *dial.Dialer, p *verify.Plan, sinks []sink) error {
	if verify.NeedsRedis(p.Kinds) {
		server, err := w.StartRedis(ctx, dialer)
		if err != nil && ctx.Err() == nil {
			return err
		}
		p.Redis = server
	}
	for i := range sinks {
		if err := sinks[i].open(s); err != nil {
			return err
		}
	}
	progress := newExamination(s.err, o.quiet)
	p.Progress = progress.see
	report, err := p.Run(ctx)
	progress.close()
	for _, sink := range sinks {
		err = errors.Join(err, sink.write(report))
	}
	if !slices.ContainsFunc(report.Limiters, func(l verify.Limiter) bool { return !l.Unfit() }) {
		err = errors.Join(err, fail(exitNoData, "no rule applies to what was to be verified, under such a limit"))
	}
	if failed := report.Failed(); failed > 0 {
		err = errors.Join(err, fail(exitMissed, "%d of %d limiters break a rule", failed, len(report.Limiters)))
	}
	return err
}

// limits are those of the flags, none for the default ones.
func (o *verifyOptions) limits() ([]limiters.Limit, error) {
	if o.limit == "" {
		if o.burst != "" {
			return nil, fmt.Errorf("--burst has no effect here; want it with --limit")
		}
		return nil, nil
	}
	rate, err := units.ParseRate(o.limit)
	burst := units.Count(1)
	if o.burst != "" {
		var bad error
		burst, bad = units.ParseCount(o.burst)
		err = errors.Join(err, bad)
	}
	if err == nil && (rate.Unlimited || rate.Count < 1 || burst < 1) {
		err = fmt.Errorf("--limit is %s with a burst of %d; want a limit", o.limit, burst)
	}
	return []limiters.Limit{{Rate: rate.Count, Period: rate.Per, Burst: int64(burst)}}, err
}

// A sink is one form of the report and where it goes.
type sink struct {
	form func(*verify.Report, io.Writer) error
	path string // "-" for standard output
	file io.WriteCloser
}

// parseSinks reads every -o, FILE or KIND=FILE. Unless one of them is standard
// output, that gets the text.
func parseSinks(specs []string) (sinks []sink, err error) {
	forms := map[string]func(*verify.Report, io.Writer) error{
		"json": (*verify.Report).WriteJSON, "junit": (*verify.Report).WriteJUnit, "text": func(r *verify.Report, w io.Writer) error { return r.WriteWithin(w, tableOptions(w)) },
	}
	seen := map[string]bool{}
	for _, spec := range specs {
		kind, path, named := strings.Cut(spec, "=")
		if !named {
			kind, path = "json", spec
		}
		path = orStdout(path)
		switch {
		case forms[kind] == nil:
			err = errors.Join(err, fmt.Errorf("output format is %q; want one of json, junit, text", kind))
		case path == "":
			err = errors.Join(err, fmt.Errorf("--output is %q; want FILE or KIND=FILE", spec))
		case seen[path]:
			err = errors.Join(err, fmt.Errorf("--output names %s twice; want a file of its own for each", path))
		}
		seen[path] = true
		sinks = append(sinks, sink{form: forms[kind], path: path})
	}
	if !seen["-"] {
		sinks = append(sinks, sink{form: forms["text"], path: "-"})
	}
	return sinks, err
}

// open opens the file, so that a path that cannot be written costs no examination.
func (s *sink) open(std streams) error {
	if s.path == "-" {
		s.file = unclosed{std.out}
		return nil
	}
	f, err := openDestination(s.path, std.err)
	if err == nil {
		s.file = f
	}
	return err
}

func (s *sink) write(r *verify.Report) error { return errors.Join(s.form(r, s.file), s.file.Close()) }

// unclosed is a writer that others go on using.
type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }
