package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/capacity"
	"github.com/fcbench/fcbench/internal/capacity/trials"
	"github.com/fcbench/fcbench/results"
)

// search makes the trials that the file does not have yet.
func (o *capacityOptions) search(ctx context.Context, s streams, m *trials.Maker, h capacity.Header) error {
	journal, file, err := o.journal(s, h)
	if err != nil {
		return err
	}
	w := newWorld(s, o.redis)
	ctx, stop := interruptible(ctx, s.err, func() { _ = w.Close() })
	defer stop()
	m.World, m.Time = w, results.Real
	if o.virtual {
		m.Time = results.Virtual
	}
	m.Guard, m.Reset = command("--guard", o.guard), command("--reset-cmd", o.reset)
	fresh := 0
	measure := func(ctx context.Context, t capacity.Trial) (capacity.Observation, error) {
		seen, err := m.Measure(ctx, t)
		if err == nil {
			fresh++
			err = capacity.WriteTrial(file, t, seen)
			tellTrial(s.err, h.Plan, t, seen)
		}
		return seen, err
	}
	answer, err := capacity.Search(ctx, h.Plan, journal.Measure(measure))
	err = errors.Join(err, file.Close(), w.Close())
	if ctx.Err() != nil {
		return fail(exitInterrupted, "interrupted after %d trials; the same flags go on from %s", answer.Trials-1, o.file)
	}
	if errors.Is(err, capacity.ErrOther) {
		return usage(fmt.Errorf("%s: %w", o.file, err))
	}
	if err != nil {
		return unfit(ctx, err)
	}
	if fresh == 0 {
		return usage(fmt.Errorf("%s has all trials of this search already, and nothing was sent; want another file with --trials to search again, or fcbench capacity replay %s", o.file, o.file))
	}
	return printAnswer(s.out, h.Plan, answer, o.json)
}

// journal opens the file of trials: a new one, or one of the same plan.
func (o *capacityOptions) journal(s streams, h capacity.Header) (*capacity.Journal, *os.File, error) {
	if o.file == "" || o.file == "-" {
		return nil, nil, usage(fmt.Errorf("--trials is %q; want a file", o.file))
	}
	j, length, err := openJournal(o.file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		f, err := os.OpenFile(o.file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		if err == nil {
			err = capacity.WriteHeader(f, h)
		}
		return &capacity.Journal{Header: h}, f, err
	case err != nil:
		return nil, nil, usage(err)
	case !j.Same(h):
		return nil, nil, usage(fmt.Errorf("%s has the trials of another plan; want another file with --trials, or the flags of that plan", o.file))
	}
	f, err := os.OpenFile(o.file, os.O_WRONLY|os.O_APPEND, 0o644)
	if err == nil {
		err = f.Truncate(length)
	}
	s.say(fmt.Sprintf("the first %d trials are those in %s", j.Trials(), o.file))
	return j, f, err
}

func openJournal(path string) (*capacity.Journal, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = f.Close() }()
	j, length, err := capacity.ReadJournal(f)
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", path, err)
	}
	return j, length, nil
}

// command runs a line of the shell, whose failure is an error that names the flag.
func command(flag, line string) func(context.Context) error {
	if line == "" {
		return nil
	}
	return func(ctx context.Context) error {
		printed, err := exec.CommandContext(ctx, "sh", "-c", line).CombinedOutput()
		if err != nil && ctx.Err() == nil {
			return fail(exitMissed, "given up: %s %q: %w: %s", flag, line, err, strings.TrimSpace(string(printed)))
		}
		return err
	}
}

// announce prints the plan.
func announce(w io.Writer, p capacity.Plan, virtual bool) {
	fmt.Fprintf(w, "plan      %s from %.6g", p.Over, p.From)
	if p.Most > 0 {
		fmt.Fprintf(w, " to at most %.6g", p.Most)
	}
	fmt.Fprintln(w)
	for _, g := range p.Goals {
		if g.Hard() {
			fmt.Fprintf(w, "goal      %s, by whole trials\n", g.Name)
			continue
		}
		fmt.Fprintf(w, "goal      %s: at most %.3g %% are bad\n", g.Name, 100*g.Budget)
	}
	kind := "about"
	if virtual {
		kind = "in virtual time, about"
	}
	if p.Strategy == capacity.MLRsearch {
		announceClassification(w, p, kind)
		return
	}
	fmt.Fprintf(w, "expected  ±%.2g %% (as of a queue at its knee; ±%.3g %% is asked for), %s %v of at most %v, trials of %v\n",
		100*p.Width(), 100*p.Precision, kind, p.Expect().Round(time.Second), p.Budget, p.Length)
}

// tellTrial prints a trial that ended.
func tellTrial(w io.Writer, p capacity.Plan, t capacity.Trial, o capacity.Observation) {
	fmt.Fprintf(w, "%3d %-8s %10.6g  %5v", t.Number, t.Phase, t.Value, t.Length)
	for i, g := range p.Goals {
		c := o.Goals[i]
		if g.Hard() {
			fmt.Fprintf(w, "  %s", [...]string{"kept", "missed"}[c.Bad])
			continue
		}
		fmt.Fprintf(w, "  %.3g %% bad", 100*float64(c.Bad)/math.Max(1, float64(c.Of)))
	}
	for _, why := range []string{o.Limited, o.Down, o.Invalid} {
		if why != "" {
			fmt.Fprint(w, "  does not count: ", why)
		}
	}
	if o.Backlog {
		fmt.Fprint(w, "  more arrived than was served")
	}
	fmt.Fprintln(w)
}

// verdictCodes are the exit codes.
var verdictCodes = map[capacity.Verdict]int{
	capacity.Capacity: exitPass, capacity.AtLeast: exitPass, capacity.NoCapacity: exitMissed,
	capacity.Inconclusive: exitInconclusive, capacity.GeneratorLimited: exitInvalid, capacity.UnstableTarget: exitInvalid,
}

// printAnswer prints it and is the error that has the exit code of its verdict.
func printAnswer(w io.Writer, p capacity.Plan, a capacity.Answer, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		_ = e.Encode(a) // stdout remembers
	} else {
		writeAnswer(w, p, a)
	}
	if code := verdictCodes[a.Verdict]; code != exitPass {
		return fail(code, "%s", a.Verdict)
	}
	return nil
}

func writeAnswer(w io.Writer, p capacity.Plan, a capacity.Answer) {
	fmt.Fprintln(w, a.Verdict)
	fmt.Fprintf(w, "  strategy   %s\n", a.Strategy)
	if a.Strategy == capacity.MLRsearch {
		writeResults(w, p, a)
	} else if a.Value > 0 && a.High > 0 {
		fmt.Fprintf(w, "  %-10s %.6g   %.3g %% interval [%.6g, %.6g]   ±%.2g %%\n", p.Over, a.Value, 100*p.Confidence, a.Low, a.High, 100*a.HalfWidth())
		fmt.Fprintf(w, "  binding    %s   %s\n", a.Goal, shapeWords(a.Estimate))
	}
	for _, e := range a.Verified {
		fmt.Fprintf(w, "  verified   %d of %d trials near %.6g kept the goals\n", e.Passed, e.Trials, e.Value)
	}
	for _, e := range a.Others {
		fmt.Fprintf(w, "  also       %s at %.6g [%.6g, %.6g]\n", e.Goal, e.Value, e.Low, e.High)
	}
	if a.Recovery > 0 {
		fmt.Fprintf(w, "  recovery   within %v after 1.2 times the capacity\n", a.Recovery.Round(100*time.Millisecond))
	}
	fmt.Fprintf(w, "  bracket    passed at %.6g", a.Passed)
	if a.Failed > 0 {
		fmt.Fprintf(w, ", failed at %.6g", a.Failed)
	}
	fmt.Fprintf(w, "\n  took       %v, %d trials\n", a.Took.Round(time.Second), a.Trials)
	for _, why := range a.Reasons {
		fmt.Fprintf(w, "  because    %s\n", why)
	}
}

// shapeWords say what the response is like.
func shapeWords(e capacity.Estimate) string {
	if e.Shape == "cliff" {
		return fmt.Sprintf("a cliff, whose edge moves by %.2g %% between trials", 100*e.Spread)
	}
	return fmt.Sprintf("smooth: 1 %% more load, %.3g %% more bad ones; trials differ %.0f times more than independent requests", 100*(math.Exp(e.Slope/100)-1), e.Phi)
}
