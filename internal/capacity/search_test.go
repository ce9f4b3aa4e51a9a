package capacity

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

func testPlan() Plan {
	p := Plan{Over: "rate", Goals: []Goal{{Name: "slow", Budget: 0.01}}, From: 100, Precision: 0.02, Confidence: 0.95, Budget: 5 * time.Minute, Seed: 1}
	p.Fit()
	return p
}

// ideal is a target whose share of bad ones is a function of the load, exactly.
func ideal(share func(float64) float64) Measure {
	return func(_ context.Context, t Trial) (Observation, error) {
		n := t.Value * t.Length.Seconds()
		return Observation{Goals: []Count{{uint64(n * min(1, share(t.Value))), uint64(n)}}, Took: t.Warmup + t.Length, Busy: 5}, nil
	}
}

func steep(r float64) float64 { return 0.01 * math.Exp(40*(r/1000-1)) }

func TestStudent(t *testing.T) { // from tables
	for _, c := range []struct {
		p    float64
		free int
		want float64
	}{{0.975, 1, 12.7062}, {0.975, 10, 2.22814}, {0.95, 5, 2.01505}, {0.995, 30, 2.75}, {0.975, 1000, 1.96234}} {
		if got := student(c.p, c.free); math.Abs(got/c.want-1) > 1e-5 {
			t.Errorf("student(%g, %d) = %.6g; want %.6g", c.p, c.free, got, c.want)
		}
	}
}

// TestSearchOfWhatHasNoChance finds the capacity to a per mille.
func TestSearchOfWhatHasNoChance(t *testing.T) {
	a, err := Search(context.Background(), testPlan(), ideal(steep))
	if err != nil || a.Verdict != Capacity || math.Abs(a.Value-1000) > 1 || a.Low > 1000 || a.High < 1000 {
		t.Errorf("answer is %+v, %v; want CAPACITY 1000", a, err)
	}
	if a.Recovery == 0 || len(a.Verified) != 2 || a.Verified[0].Passed < a.Verified[0].Trials || a.Verified[1].Passed > 0 {
		t.Errorf("recovery %v, ends %+v; want one, and the ends on their sides", a.Recovery, a.Verified)
	}
}

// TestSeedsDiffer: every trial has its own, and another plan has others.
func TestSeedsDiffer(t *testing.T) {
	seen := map[uint64]bool{}
	trials := 0
	for _, s := range []uint64{1, 2} {
		p := testPlan()
		p.Seed = s
		inner := ideal(steep)
		_, _ = Search(context.Background(), p, func(ctx context.Context, t Trial) (Observation, error) {
			seen[t.Seed], trials = true, trials+1
			return inner(ctx, t)
		})
	}
	if len(seen) != trials {
		t.Errorf("%d trials have %d seeds", trials, len(seen))
	}
}

// TestVerdicts are those of searches that end early.
func TestVerdicts(t *testing.T) {
	spoil := func(change func(*Observation, Trial)) Measure {
		inner := ideal(steep)
		return func(ctx context.Context, t Trial) (Observation, error) {
			o, err := inner(ctx, t)
			change(&o, t)
			return o, err
		}
	}
	for name, c := range map[string]struct {
		measure Measure
		change  func(*Plan)
		want    Verdict
		why     string
	}{
		"the lowest misses": {ideal(func(float64) float64 { return 0.5 }), nil, NoCapacity, "the lowest value, 100, misses the goals already: slow"},
		"the highest keeps": {ideal(steep), func(p *Plan) { p.Most = 800 }, AtLeast, "800"},
		"limited":           {spoil(func(o *Observation, t Trial) { o.Limited = when(t.Value > 500, "late") }), nil, GeneratorLimited, "late"},
		"down":              {spoil(func(o *Observation, t Trial) { o.Down = when(t.Value > 900, "refused") }), nil, UnstableTarget, "down: refused"},
		"invalid":           {spoil(func(o *Observation, _ Trial) { o.Invalid = "clock" }), nil, Inconclusive, "clock"},
		"no time":           {ideal(steep), func(p *Plan) { p.Budget = 30 * time.Second }, Inconclusive, "budget"},
		"grows with time":   {growing(), nil, UnstableTarget, "falls"},
		"scales up":         {growing2(), nil, UnstableTarget, "rises"},
		"falls fast":        {moving(-0.3), nil, UnstableTarget, "falls"},
	} {
		p := testPlan()
		if c.change != nil {
			c.change(&p)
		}
		a, err := Search(context.Background(), p, c.measure)
		if err != nil || a.Verdict != c.want || !strings.Contains(strings.Join(a.Reasons, " "), c.why) {
			t.Errorf("%s: %s %q, %v; want %s because of %q", name, a.Verdict, a.Reasons, err, c.want, c.why)
		}
	}
}

func when(is bool, text string) string {
	if is {
		return text
	}
	return ""
}

// growing is a target whose capacity falls by a tenth in 300 seconds; growing2 one
// that is scaled up.
func growing() Measure  { return moving(-0.1) }
func growing2() Measure { return moving(0.1) }

func moving(by float64) Measure {
	var age time.Duration
	return func(ctx context.Context, t Trial) (Observation, error) {
		at := 1000 * (1 + by*age.Seconds()/300)
		o, err := ideal(func(r float64) float64 { return steep(r / at * 1000) })(ctx, t)
		age += o.Took
		return o, err
	}
}

// TestErrorsOfTrialsEndASearch keeps what is known.
func TestErrorsOfTrialsEndASearch(t *testing.T) {
	broken := errors.New("broken")
	n := 0
	inner := ideal(steep)
	a, err := Search(context.Background(), testPlan(), func(ctx context.Context, t Trial) (Observation, error) {
		if n++; n == 5 {
			return Observation{}, broken
		}
		return inner(ctx, t)
	})
	if !errors.Is(err, broken) || a.Passed == 0 || a.Verdict != "" {
		t.Errorf("%v with %+v; want the error, and how far it came", err, a)
	}
}

// TestCliffOfAHardGoal is found by up and down.
func TestCliffOfAHardGoal(t *testing.T) {
	p := testPlan()
	p.Goals = []Goal{{Name: "cpu"}}
	noise := uint64(1)
	a, err := Search(context.Background(), p, func(_ context.Context, t Trial) (Observation, error) {
		noise = noise*6364136223846793005 + 1442695040888963407
		edge := 1000 * (1 + 0.02*(float64(noise>>40)/(1<<24)-0.5))
		c := Count{0, 1}
		if t.Value > edge {
			c.Bad = 1
		}
		return Observation{Goals: []Count{c}, Took: t.Warmup + t.Length, Busy: 5}, nil
	})
	if err != nil || a.Verdict != Capacity || a.Shape != "cliff" || math.Abs(a.Value-1000) > 10 || a.HalfWidth() > 0.02 {
		t.Errorf("answer is %+v, %v; want a cliff at 1000", a, err)
	}
}

// TestPlansAreChecked, all problems at once.
func TestPlansAreChecked(t *testing.T) {
	p := testPlan()
	p.Goals, p.From, p.Precision, p.Confidence = nil, -1, 0.5, 1
	err := p.Check()
	for _, want := range []string{"there are no goals", "the lowest value is -1", "precision is 50 %", "confidence is 100 %"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
	p = testPlan()
	p.Budget, p.Precision = 20*time.Second, 0.01
	if err := p.Check(); err == nil || !strings.Contains(err.Error(), "a budget of 20s is too short for ±1 %; want at least ") {
		t.Errorf("%v; want what budget is needed", err)
	}
	p.Soak = 10 * time.Minute
	if err := p.Check(); err == nil || !strings.Contains(err.Error(), "is too short for ±1 % and a soak of 10m0s; want at least 1") {
		t.Errorf("%v; want the soak in it", err)
	}
	p.Budget = p.Needs()
	p.Fit()
	if err := p.Check(); err != nil || p.Width() > p.Precision || p.Expect() > p.Budget {
		t.Errorf("with what it needs, %v: %v, ±%.3g %%, %v", p.Budget, err, 100*p.Width(), p.Expect())
	}
}
