package capacity

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"
)

// fluid serves so many a second, and no more: what is too much waits, and more and
// more so. Trials begin with nothing waiting, a warm-up before they count.
func fluid(most float64, within time.Duration) Measure {
	return func(ctx context.Context, t Trial) (Observation, error) {
		length, excess := t.Length.Seconds(), max(t.Value/most-1, 1e-9)
		late := clamp((length+t.Warmup.Seconds()-within.Seconds()/excess)/length, 0, 1)
		o, err := ideal(func(float64) float64 { return late })(ctx, t)
		o.Backlog = excess > 0.01 && excess*t.Value*length/2 > 20
		return o, err
	}
}

func slowGoal(within time.Duration) Goal {
	return Goal{Name: "response.ok.p99", Budget: 0.01, Within: within}
}

// TestTrialsAreLongEnoughForTheirBound: what is served only because the trial ends
// before the queue is long is no capacity.
func TestTrialsAreLongEnoughForTheirBound(t *testing.T) {
	for _, c := range []struct {
		within    time.Duration
		precision float64
	}{{5 * time.Millisecond, 0.02}, {200 * time.Millisecond, 0.02}, {200 * time.Millisecond, 0.05}, {time.Second, 0.1}, {50 * time.Millisecond, 0.005}} {
		p := testPlan()
		p.Goals, p.Precision = append(p.Goals, slowGoal(c.within)), c.precision
		p.Budget = p.Needs()
		p.Fit()
		if err := p.Check(); err != nil || p.Length.Seconds() < 1.49*c.within.Seconds()/c.precision || p.Expect() > p.Budget {
			t.Errorf("%v, ±%g: %v for trials of %v, which take %v of %v", c.within, c.precision, err, p.Length, p.Expect(), p.Budget)
		}
		p.Goals = p.Goals[1:]
		a, err := Search(context.Background(), p, fluid(1000, c.within))
		if err != nil || a.Verdict != Capacity || math.Abs(a.Value/1000-1) > c.precision || a.Passed > 1100 {
			t.Errorf("%v, ±%g: answer is %+v, %v; want CAPACITY 1000", c.within, c.precision, a, err)
		}
	}
}

// TestBudgetsTooShortForABound are refused, with the time that is needed and why.
func TestBudgetsTooShortForABound(t *testing.T) {
	p := testPlan()
	p.Goals, p.Budget = []Goal{slowGoal(200 * time.Millisecond)}, 2*time.Minute
	p.Fit()
	err := p.Check()
	const want = "a budget of 2m0s is too short for ±2 %; want at least "
	const why = " (for trials of 15s after a warm-up of 10s: a load that is 2 % too high takes 10s to bring responses over 200ms)"
	if err == nil || !strings.HasPrefix(err.Error(), want) || !strings.HasSuffix(err.Error(), why) {
		t.Errorf("%v; want %q… and %q", err, want, why)
	}
}

// TestBacklogsMissTheGoals in the curve as well, where most requests of a trial had
// not yet to wait for long.
func TestBacklogsMissTheGoals(t *testing.T) {
	inner := ideal(func(r float64) float64 { return steep(r) / 2 })
	a, err := Search(context.Background(), testPlan(), func(ctx context.Context, t Trial) (Observation, error) {
		o, err := inner(ctx, t)
		o.Backlog = t.Value > 1000
		return o, err
	})
	if err != nil || a.Verdict != Capacity || a.Value > 1010 {
		t.Errorf("answer is %+v, %v; want CAPACITY 1000, from where on more arrives than is served", a, err)
	}
}
