package capacity

import (
	"context"
	"math"

	"github.com/fcbench/fcbench/internal/seed"
)

// Trace is a search with all that its answer was found from.
type Trace struct {
	Answer Answer
	Trials []Made // in their order, with those that did not count
	Fit    *Fit   // that the estimate stands on; nil where it stands on none
}

// Made is a trial that was made, and what became of it.
type Made struct {
	Trial
	Observation
	Counts bool // nothing spoiled it
	Kept   bool // it kept every goal
	Fitted bool // the fit is through it
}

// Follow is [Search] with all that the answer was found from. Where a trial could not be
// made, the trace is that of the search so far.
func Follow(ctx context.Context, p Plan, measure Measure) (Trace, error) {
	var t Trace
	s := &search{Plan: p, ctx: ctx, seeds: seed.New(p.Seed).Sub("capacity")}
	s.measure = func(ctx context.Context, trial Trial) (Observation, error) {
		o, err := measure(ctx, trial)
		if err == nil && trial.Phase != Calibrate {
			counts := o.Limited == "" && o.Down == "" && o.Invalid == ""
			t.Trials = append(t.Trials, Made{Trial: trial, Observation: o, Counts: counts, Kept: counts && s.level(made{trial, o}) <= 1})
		}
		return o, err
	}
	var err error
	t.Answer, err = s.answered()
	t.fit(s.around)
	return t, err
}

// fit is that of the estimate, by the goal that binds.
func (t *Trace) fit(l *local) {
	e := t.Answer.Estimate
	if l == nil || e.Shape != "smooth" || !(e.Value > 0) {
		return
	}
	for i, g := range l.Goals {
		c, points, ok := l.through(i)
		if g.Name != e.Goal || !ok || t.Fit != nil {
			continue
		}
		t.Fit = &Fit{Goal: i, From: math.Inf(1), To: math.Inf(-1), goal: g, at: l.at, knee: l.knee(i), curve: c, points: points, allowed: c.allowed(points, l.Confidence)}
		t.cover(l)
	}
}

// cover marks the trials that the fit is through, which it is known between.
func (t *Trace) cover(l *local) {
	within := l.within()
	for _, m := range l.trials {
		if l.tells(m) && math.Abs(m.Value/l.at-1) <= within {
			t.Trials[m.Number-1].Fitted = true
			t.Fit.From, t.Fit.To = min(t.Fit.From, m.Value), max(t.Fit.To, m.Value)
		}
	}
}

// Fit is the curve that an estimate stands on: the share of bad ones over the value.
type Fit struct {
	Goal     int     // which one of the plan
	From, To float64 // the values of the trials that it is through, between which it is known

	goal    Goal
	at      float64
	knee    knee
	curve   curve
	points  []point
	allowed float64
}

// At is the share of bad ones at a value, and between what it may be, as sure as the
// plan says. It is of the same likelihood as the interval of the estimate: at the ends
// of that, an end of this is the budget.
func (f *Fit) At(value float64) (share, low, high float64) {
	z := value/f.at - 1
	middle := f.curve.a + f.curve.b*z
	best := f.knee.likelihood(f.points, f.curve.a, f.curve.b)
	worse := func(eta float64) bool { return best-f.knee.profile(f.points, eta, z, f.curve.b) > f.allowed }
	return math.Exp(middle), math.Exp(brink(middle, -1, 0.01, unknown, worse)), math.Exp(brink(middle, 1, 0.01, unknown, worse))
}

// unknown is how many factors of e the share may be from the middle; farther is as
// good as not known.
const unknown = 12.0

// Response is how long a response takes that is the last to keep the goal, in
// nanoseconds, where the share over its bound is known: above it is the budget. The times
// that requests wait in a queue near its capacity are distributed exponentially. It is
// not known of a goal that is about no queue, and where most are over the bound.
func (f *Fit) Response(share float64) (ns float64, known bool) {
	if f.knee == (knee{}) || !(share > 0 && share < 0.5) {
		return 0, false
	}
	return float64(f.goal.Within) * math.Log(f.goal.Budget) / math.Log(share), true
}
