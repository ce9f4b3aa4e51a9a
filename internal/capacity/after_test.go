package capacity

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"
)

// TestWhatEndsAfterTheAnswer leaves it as it is, unless it is the target's doing.
func TestWhatEndsAfterTheAnswer(t *testing.T) {
	relief := func(t Trial) bool { return t.Phase == Descent && t.Value < 1000 }
	for name, c := range map[string]struct {
		change func(*Observation, Trial)
		budget time.Duration
		soak   time.Duration
		want   Verdict
		why    string
	}{
		"generator at the overload": {func(o *Observation, t Trial) { o.Limited = when(t.Phase == Descent, "late") }, 0, 0, Capacity, "late"},
		"invalid at the overload":   {func(o *Observation, t Trial) { o.Invalid = when(t.Phase == Descent, "clock") }, 0, 0, Capacity, "clock"},
		"invalid at the relief":     {func(o *Observation, t Trial) { o.Invalid = when(relief(t), "clock") }, 0, 0, Capacity, "clock"},
		"down at the overload":      {func(o *Observation, t Trial) { o.Down = when(t.Phase == Descent, "refused") }, 0, 0, UnstableTarget, "refused"},
		"time at the overload": {func(o *Observation, t Trial) {
			if t.Phase == Descent {
				o.Took = time.Hour
			}
		}, 0, 0, Capacity, "the budget of 5m0s is used up"},
		"time before it recovered": {func(o *Observation, t Trial) {
			if relief(t) {
				o.Goals[0].Bad, o.Took = o.Goals[0].Of, 50*time.Second
			}
		}, 0, 0, Capacity, "50s after an overload of 1.2 times its capacity it did not yet take 0.8"},
		"never recovers": {func(o *Observation, t Trial) {
			if relief(t) {
				o.Goals[0].Bad = o.Goals[0].Of
			}
		}, time.Hour, 0, UnstableTarget, "1m0s after an overload"},
		"generator at the soak": {func(o *Observation, t Trial) { o.Limited = when(t.Phase == Soak, "late") }, 0, time.Minute, Capacity, "late"},
		"missed in the soak": {func(o *Observation, t Trial) {
			if t.Phase == Soak {
				o.Goals[0].Bad = o.Goals[0].Of
			}
		}, 0, time.Minute, UnstableTarget, "for 1m0s at "},
		"the soak after a spoiled overload": {func(o *Observation, t Trial) {
			o.Limited = when(t.Phase == Descent, "late")
			if t.Phase == Soak {
				o.Goals[0].Bad = o.Goals[0].Of
			}
		}, 0, time.Minute, UnstableTarget, "for 1m0s at "},
	} {
		p := testPlan()
		p.Soak = c.soak
		p.Fit()
		p.Budget = max(p.Budget, c.budget)
		inner := ideal(steep)
		a, err := Search(context.Background(), p, func(ctx context.Context, t Trial) (Observation, error) {
			o, err := inner(ctx, t)
			c.change(&o, t)
			return o, err
		})
		if err != nil || a.Verdict != c.want || !strings.Contains(strings.Join(a.Reasons, " "), c.why) || math.Abs(a.Value-1000) > 1 {
			t.Errorf("%s: %s %.6g %q, %v; want %s because of %q", name, a.Verdict, a.Value, a.Reasons, err, c.want, c.why)
		}
	}
}

// TestTimeIsLeftForTheSoak: a search that does not get narrow enough does not use up
// what is kept for the recovery and the soak.
func TestTimeIsLeftForTheSoak(t *testing.T) {
	p := testPlan()
	p.Soak, p.Precision = time.Minute, 0.02
	p.Fit()
	a, err := Search(context.Background(), p, func(ctx context.Context, t Trial) (Observation, error) {
		noise := 3 * (float64(t.Seed>>11)/(1<<53) - 0.5)
		return ideal(func(r float64) float64 { return steep(r) * math.Exp(noise) })(ctx, t)
	})
	if err != nil || a.Verdict != Inconclusive || a.Took+p.afterwards() > p.Budget || p.afterwards() < p.Soak {
		t.Errorf("answer is %+v, %v, with %v kept of %v; want INCONCLUSIVE before that", a, err, p.afterwards(), p.Budget)
	}
}

// TestNeverMoreThanMost: not on the way up, nor around the estimate, nor in the overload
// at the end.
func TestNeverMoreThanMost(t *testing.T) {
	for _, most := range []float64{900, 1001, 1100, 1199, 1500} {
		p := testPlan()
		p.Most, p.Soak = most, time.Minute
		p.Fit()
		inner, highest := ideal(steep), 0.0
		_, err := Search(context.Background(), p, func(ctx context.Context, t Trial) (Observation, error) {
			highest = max(highest, t.Value)
			return inner(ctx, t)
		})
		if err != nil || highest > most {
			t.Errorf("at most %g: a trial of %g, %v", most, highest, err)
		}
	}
}
