package capacity

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// scaled is a target whose capacity is scaled by what it has seen so far, with trials that
// differ by chance.
type scaled struct {
	age, busy time.Duration // since the search began, and under a load of 80 % and more
	factor    func(age, busy time.Duration) float64
	least     float64 // the least capacity in a trial that decides
}

func (s *scaled) measure(ctx context.Context, t Trial) (Observation, error) {
	at := 1000 * s.factor(s.age, s.busy)
	r := rand.New(rand.NewPCG(t.Seed, 11))
	o, err := ideal(func(v float64) float64 { return steep(1000*v/at) * math.Exp(r.NormFloat64()/2-0.125) })(ctx, t)
	s.age += o.Took
	if t.Value > 0.8*at {
		s.busy += o.Took
	}
	if t.Phase == Local || t.Phase == Verify || t.Phase == Classify && t.Length > briefest {
		s.least = min(s.least, at)
	}
	return o, err
}

// atCliff is a trial that passes as a whole or not, at an edge that differs by 1 %.
func (s *scaled) atCliff(_ context.Context, t Trial) (Observation, error) {
	edge := 1000 * s.factor(s.age, s.busy) * (1 + 0.01*rand.New(rand.NewPCG(t.Seed, 11)).NormFloat64())
	o := Observation{Goals: []Count{{0, 1}}, Took: t.Warmup + t.Length, Busy: 5}
	if t.Value > edge {
		o.Goals[0].Bad = 1
	}
	s.age += o.Took
	return o, nil
}

// TestTargetsThatAreScaledUp meanwhile have no capacity that is above what they once took,
// wherever in the search that is, and however it is done.
func TestTargetsThatAreScaledUp(t *testing.T) {
	step := func(at time.Duration, by float64) func(age, busy time.Duration) float64 {
		return func(age, _ time.Duration) float64 {
			if age < at {
				return 1
			}
			return by
		}
	}
	targets := map[string]func(age, busy time.Duration) float64{
		"more and more under load": func(_, busy time.Duration) float64 { return 1 + 0.2*float64(busy/(30*time.Second)) },
		"once under load": func(_, busy time.Duration) float64 {
			if busy > 45*time.Second {
				return 2
			}
			return 1
		},
		"slowly": func(age, _ time.Duration) float64 { return 1 + age.Minutes()/20 },
	}
	for at := 20 * time.Second; at < 5*time.Minute; at += 40 * time.Second {
		for _, by := range []float64{1.1, 1.5, 4} {
			targets[fmt.Sprintf("%g times after %v", by, at)] = step(at, by)
		}
	}
	for name, factor := range targets {
		for _, by := range []Strategy{Guarded, MLRsearch} {
			for seed := range uint64(3) {
				p := mlrPlan()
				p.Strategy, p.Seed = by, seed
				p.Fit()
				s := &scaled{factor: factor, least: math.Inf(1)}
				a, err := Search(context.Background(), p, s.measure)
				if err != nil {
					t.Fatal(err)
				}
				if a.Verdict == AtLeast || a.Verdict == Capacity && a.Low > s.least*(1+p.Precision) {
					t.Errorf("%s, %s, seed %d: %s %.6g [%.6g, %.6g] after %v; it took %.6g once; %q", name, by, seed, a.Verdict, a.Value, a.Low, a.High, a.Took, s.least, a.Reasons)
				}
			}
		}
	}
}

// TestCapacitiesBelowTheLowestValue are none, however little the lowest value misses the goals.
func TestCapacitiesBelowTheLowestValue(t *testing.T) {
	for _, from := range []float64{1010, 1030, 1050, 1200, 3000} {
		for _, by := range []Strategy{Guarded, MLRsearch} {
			p := mlrPlan()
			p.Strategy, p.From = by, from
			p.Fit()
			a, err := Search(context.Background(), p, ideal(steep))
			if err != nil || a.Verdict != NoCapacity || len(a.Reasons) == 0 {
				t.Errorf("%s from %g: %s %.6g [%.6g, %.6g] %q, %v; want NO-CAPACITY", by, from, a.Verdict, a.Value, a.Low, a.High, a.Reasons, err)
			}
		}
	}
}

// TestRareGoalsTakeLongTrials, which is said before the search where its highest value is
// known, and as soon as it is known where not.
func TestRareGoalsTakeLongTrials(t *testing.T) {
	p := testPlan()
	p.Goals, p.Most, p.Precision = []Goal{{Name: "slow", Budget: 1e-5}}, 2000, 0.05
	p.Fit()
	const why = " (for trials of 45.5s: in shorter ones of at most 2000 a second the goals let fewer than 20 requests be bad in all, which tell nothing)"
	if err := p.Check(); err == nil || !strings.HasSuffix(err.Error(), why) || !strings.HasPrefix(err.Error(), "a budget of 5m0s is too short for ±5 %; want at least ") {
		t.Errorf("%v; want …%q", err, why)
	}
	rare := func(_ context.Context, t Trial) (Observation, error) {
		r := rand.New(rand.NewPCG(t.Seed, 5))
		n, bad := t.Value*t.Length.Seconds(), uint64(0)
		for at := r.ExpFloat64(); at < n*steep(t.Value)/1000; at += r.ExpFloat64() {
			bad++
		}
		return Observation{Goals: []Count{{min(bad, uint64(n)), uint64(n)}}, Took: t.Warmup + t.Length, Busy: 5}, nil
	}
	p.Budget = p.Needs()
	p.Fit()
	if a, err := Search(context.Background(), p, rare); p.Check() != nil || err != nil || a.Verdict != Capacity || math.Abs(a.Value-1000) > 50 {
		t.Errorf("with %v: %v, %+v, %v; want CAPACITY 1000", p.Budget, p.Check(), a, err)
	}
	p.Most, p.Budget = 0, 5*time.Minute
	p.Fit()
	a, err := Search(context.Background(), p, rare)
	if err != nil || a.Verdict != Inconclusive || a.Took > 2*time.Minute || !strings.Contains(strings.Join(a.Reasons, ""), "; want --most ") {
		t.Errorf("answer is %+v, %v; want INCONCLUSIVE soon, and what budget is needed", a, err)
	}
	p.Goals = append(p.Goals, Goal{Name: "failed", Budget: 0.01})
	if p.Most = 2000; p.seeing() > time.Second {
		t.Errorf("beside a goal that is not rare trials have to be %v long", p.seeing())
	}
	p.Goals = []Goal{{Name: "slow", Budget: 1e-300, Within: 1 << 62}}
	if need := p.Needs(); need < 24*time.Hour {
		t.Errorf("of a goal beyond all measure a budget of %v is asked for", need)
	}
}
