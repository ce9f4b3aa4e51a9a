package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"time"

	"github.com/fcbench/fcbench/internal/capacity"
	"github.com/fcbench/fcbench/internal/capacity/trials"
	"github.com/fcbench/fcbench/internal/guards"
	"github.com/fcbench/fcbench/results"
)

// search makes the trials that the file does not have yet.
func (o *capacityOptions) search(ctx context.Context, s streams, m *trials.Maker, h capacity.Header) error {
	w := newWorld(s, o.redis)
	ctx, stop := interruptible(ctx, s.err, func() { _ = w.Close() })
	defer stop()
	m.World, m.Time = w, results.Real
	if o.virtual {
		m.Time = results.Virtual
	}
	m.Guards, m.Reset = o.staging.watch(s.in), o.staging.resetting()
	made := 0
	answer, err := o.perform(ctx, s, m, h, &made)
	err = errors.Join(err, w.Close())
	switch {
	case err != nil:
		return o.gaveUp(ctx, s, answer, err)
	case made == 0:
		return o.ended(answer)
	}
	return printAnswer(s.out, h.Plan, answer, o.json)
}

// perform checks everything before it opens the file, and opens that before it sends
// anything.
func (o *capacityOptions) perform(ctx context.Context, s streams, m *trials.Maker, h capacity.Header, made *int) (answer capacity.Answer, err error) {
	prepared, err := m.Prepare(ctx, h.Plan)
	if err != nil {
		return answer, err
	}
	journal, file, err := o.journal(s, h)
	if err != nil {
		return answer, err
	}
	measure := func(ctx context.Context, t capacity.Trial) (capacity.Observation, error) {
		seen, err := m.Measure(ctx, t)
		if err == nil {
			*made++
			err = capacity.WriteTrial(file, t, seen)
			tellTrial(s.err, h.Plan, t, seen)
		}
		return seen, err
	}
	err = prepared.Around(ctx, func(ctx context.Context) (err error) {
		answer, err = capacity.Search(ctx, h.Plan, journal.Measure(measure))
		return err
	})
	return answer, errors.Join(err, file.Close())
}

// gaveUp is the error of a search that ended early, and says how it goes on.
func (o *capacityOptions) gaveUp(ctx context.Context, s streams, a capacity.Answer, err error) error {
	var no *guards.Tripped
	var aborted *trials.AbortedError
	var reset *resetError
	var file *fs.PathError
	why, code := "given up", exitError
	switch {
	case ctx.Err() != nil:
		why, code = "interrupted", exitInterrupted
	case errors.As(err, &no), errors.As(err, &aborted):
		code = exitMissed
	case errors.As(err, &reset), a.Trials > 0 && errors.As(err, &file):
	case errors.Is(err, capacity.ErrOther):
		return usage(fmt.Errorf("%s: %w", o.file, err))
	case guards.WrongQuery(err):
		return usage(err)
	default:
		return unfit(ctx, err)
	}
	if a.Trials == 0 {
		return fail(code, "%s before the first trial: %w", why, err)
	}
	s.say("the same flags go on from " + o.file)
	if code == exitInterrupted {
		return fail(code, "%s after %d trials%s", why, a.Trials-1, soFar(a))
	}
	return fail(code, "%s after %d trials%s: %w", why, a.Trials-1, soFar(a), err)
}

// soFar is what a search that ended early says of the capacity.
func soFar(a capacity.Answer) string {
	switch {
	case a.Passed == 0:
		return ""
	case a.Failed == 0:
		return fmt.Sprintf(", of which one kept the goals at %.6g", a.Passed)
	}
	return fmt.Sprintf(", of which one kept the goals at %.6g and two missed them at %.6g", a.Passed, a.Failed)
}

// journal opens the file of trials: a new one, or one of the same plan. No other
// search may write to it meanwhile.
func (o *capacityOptions) journal(s streams, h capacity.Header) (*capacity.Journal, *os.File, error) {
	if o.file == "" || o.file == "-" {
		return nil, nil, usage(fmt.Errorf("--trials is %q; want a file", o.file))
	}
	f, err := os.OpenFile(o.file, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, nil, err
	}
	if err = o.claim(f); err == nil && o.again {
		f, err = o.setAside(s, f)
	}
	var j *capacity.Journal
	if err == nil {
		j, err = o.resume(s, f, h)
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return j, f, nil
}

// resume reads what is in the file, or begins it.
func (o *capacityOptions) resume(s streams, f *os.File, h capacity.Header) (*capacity.Journal, error) {
	if info, err := f.Stat(); err == nil && info.Size() == 0 {
		if err := capacity.WriteHeader(f, h); err != nil {
			return nil, errors.Join(err, f.Truncate(0))
		}
		return &capacity.Journal{Header: h}, nil
	}
	j, length, err := capacity.ReadJournal(f)
	if err != nil {
		return nil, usage(fmt.Errorf("%s: %w", o.file, err))
	}
	if !j.Same(h) {
		return nil, usage(fmt.Errorf("%s has the trials of another plan; want %s, another file with --trials, or the flags of that plan", o.file, howAgain(o.file)))
	}
	s.say(fmt.Sprintf("the first %d trials are those in %s", j.Trials(), o.file))
	return j, f.Truncate(length)
}

func openJournal(path string) (*capacity.Journal, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err == nil && info.Mode()&os.ModeDevice != 0 {
		return nil, 0, fmt.Errorf("%s is a device; want a file of trials", path)
	}
	j, length, err := capacity.ReadJournal(f)
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", path, err)
	}
	return j, length, nil
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
	announceCalibration(w, p)
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

// tellTrial prints a trial that ended, or a calibration.
func tellTrial(w io.Writer, p capacity.Plan, t capacity.Trial, o capacity.Observation) {
	if t.Phase == capacity.Calibrate {
		tellCalibration(w, p, o)
		return
	}
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
	writeGenerator(w, a.Generator)
	if a.Passed > 0 {
		fmt.Fprintf(w, "  bracket    passed at %.6g", a.Passed)
		if a.Failed > 0 {
			fmt.Fprintf(w, ", failed at %.6g", a.Failed)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "  took       %v, %d trials\n", a.Took.Round(time.Second), a.Trials)
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
