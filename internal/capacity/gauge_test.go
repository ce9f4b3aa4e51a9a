package capacity

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

// gaugePlan is a plan of 20 estimates.
func gaugePlan() Plan {
	p := testPlan()
	p.Budget = 10 * time.Minute
	p.FitEstimates(20)
	return p
}

// TestGauge: of what has no chance every estimate is the capacity, and follows it where it moves.
func TestGauge(t *testing.T) {
	at := 1000.0
	target := func(ctx context.Context, t Trial) (Observation, error) {
		return ideal(func(r float64) float64 { return steep(r / at * 1000) })(ctx, t)
	}
	g := NewGauge(gaugePlan())
	a, err := g.Find(context.Background(), target)
	if err != nil || a.Verdict != Capacity || math.Abs(a.Value-1000) > 5 || !(a.Low < 1000 && a.High > 1000) {
		t.Fatalf("found %+v, %v; want 1000, between what passed and what failed", a, err)
	}
	for _, at = range []float64{1000, 1000, 1000, 950, 950, 950, 1040} {
		e, err := g.Estimate(context.Background(), target)
		if err != nil || e.Verdict != Capacity || math.Abs(e.Value/at-1) > 0.005 {
			t.Errorf("estimate is %+v, %v; want %g", e, err, at)
		}
	}
}

// TestGaugeOfACliff: what passes or fails as a whole has trials on both sides of its edge.
func TestGaugeOfACliff(t *testing.T) {
	at := 1000.0
	cliff := func(_ context.Context, t Trial) (Observation, error) {
		c := Count{0, 1}
		if t.Value > at {
			c.Bad = 1
		}
		return Observation{Goals: []Count{c}, Took: t.Warmup + t.Length, Busy: 5}, nil
	}
	p := gaugePlan()
	p.Goals = []Goal{{Name: "cpu"}}
	g := NewGauge(p)
	if a, err := g.Find(context.Background(), cliff); err != nil || a.Verdict != Capacity {
		t.Fatalf("found %+v, %v; want a cliff", a, err)
	}
	for _, at = range []float64{1000, 1000, 950, 1010} {
		if e, err := g.Estimate(context.Background(), cliff); err != nil || e.Verdict != Capacity || math.Abs(e.Value/at-1) > 0.02 {
			t.Errorf("estimate is %+v, %v; want %g", e, err, at)
		}
	}
}

// TestGaugesThatFindNothing say why, and keep what is known.
func TestGaugesThatFindNothing(t *testing.T) {
	for name, c := range map[string]struct {
		measure Measure
		change  func(*Plan)
		want    Verdict
		why     string
	}{
		"the lowest misses": {ideal(func(float64) float64 { return 0.5 }), nil, NoCapacity, "the lowest value"},
		"the highest keeps": {ideal(steep), func(p *Plan) { p.Most = 800 }, AtLeast, "800"},
		"limited":           {limitedFrom(500), nil, GeneratorLimited, "late"},
		"no time":           {ideal(steep), func(p *Plan) { p.Budget = 30 * time.Second }, Inconclusive, "budget"},
		"not by the load":   {ideal(func(r float64) float64 { return 0.015 + math.Floor(min(r/1000, 1)) }), nil, Inconclusive, ""},
	} {
		p := gaugePlan()
		if c.change != nil {
			c.change(&p)
		}
		a, err := NewGauge(p).Find(context.Background(), c.measure)
		if err != nil || a.Verdict != c.want || !strings.Contains(strings.Join(a.Reasons, " "), c.why) {
			t.Errorf("%s: %s %q, %v; want %s because of %q", name, a.Verdict, a.Reasons, err, c.want, c.why)
		}
	}
}

func limitedFrom(rate float64) Measure {
	return func(ctx context.Context, t Trial) (Observation, error) {
		o, err := ideal(steep)(ctx, t)
		o.Limited = when(t.Value > rate, "late")
		return o, err
	}
}

// TestGaugesThatLoseIt: a capacity that is gone is no estimate, and a trial that cannot be made an error.
func TestGaugesThatLoseIt(t *testing.T) {
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		later Measure
		want  Verdict
		err   error
	}{
		"never bad":  {ideal(func(float64) float64 { return 0 }), Inconclusive, nil},
		"limited":    {limitedFrom(0), GeneratorLimited, nil},
		"impossible": {func(context.Context, Trial) (Observation, error) { return Observation{}, broken }, "", broken},
	} {
		g := NewGauge(gaugePlan())
		if _, err := g.Find(context.Background(), ideal(steep)); err != nil {
			t.Fatal(err)
		}
		a, err := g.Estimate(context.Background(), c.later)
		if !errors.Is(err, c.err) || c.err == nil && (a.Verdict != c.want || len(a.Reasons) != 1) {
			t.Errorf("%s: %+v, %v; want %s, %v", name, a, err, c.want, c.err)
		}
	}
}

// TestSeedsOfGauges: those of two sides are the same in the same estimate, and never again.
func TestSeedsOfGauges(t *testing.T) {
	seeds := func(capacity float64) (all [][]uint64) {
		g := NewGauge(gaugePlan())
		noted := func(ctx context.Context, t Trial) (Observation, error) {
			all[len(all)-1] = append(all[len(all)-1], t.Seed)
			return ideal(func(r float64) float64 { return steep(r / capacity * 1000) })(ctx, t)
		}
		for _, do := range []func(context.Context, Measure) (Answer, error){g.Find, g.Estimate, g.Estimate} {
			all = append(all, nil)
			if _, err := do(context.Background(), noted); err != nil {
				t.Fatal(err)
			}
		}
		return all
	}
	a, b := seeds(1000), seeds(3000)
	if fmt.Sprint(a[1:]) != fmt.Sprint(b[1:]) || len(a[1]) != gaugeTrials {
		t.Errorf("seeds of estimates are %v and %v; want the same on both sides", a[1:], b[1:])
	}
	seen := map[uint64]bool{}
	for _, s := range append(append(a[0], a[1]...), a[2]...) {
		if seen[s] {
			t.Errorf("seed %d is there twice", s)
		}
		seen[s] = true
	}
}

// TestPlansOfEstimates: the trials are as long as the budget has time for, or it is too short.
func TestPlansOfEstimates(t *testing.T) {
	p := gaugePlan()
	if took := p.Finding() + 20*p.Estimating(); took > p.Budget || took < p.Budget*9/10 || p.CheckEstimates(20) != nil {
		t.Errorf("trials of %v take %v of %v, %v", p.Length, took, p.Budget, p.CheckEstimates(20))
	}
	p.Budget = time.Minute
	if err := p.CheckEstimates(20); err == nil || !strings.Contains(err.Error(), "a budget of 1m0s is too short for 20 estimates; want at least ") {
		t.Errorf("%v; want what budget is needed", err)
	}
	p.Goals = nil
	if err := p.CheckEstimates(20); err == nil || !strings.Contains(err.Error(), "there are no goals") {
		t.Errorf("%v; want that there are no goals", err)
	}
}

// TestEstimatesDiffer about as is foretold, of M/M/1 as simulated gates have it: by 1.31 % over √2.
func TestEstimatesDiffer(t *testing.T) {
	p := testPlan()
	p.Goals[0].Within, p.Overhead, p.Budget = 5*time.Millisecond, 200*time.Millisecond, 10*time.Minute
	p.FitEstimates(20)
	if got, want := p.EstimateSD(9079), 0.0131/math.Sqrt2; math.Abs(got/want-1) > 0.1 {
		t.Errorf("estimates differ by %.3g %%; want about %.3g %%", 100*got, 100*want)
	}
	if a, b := p.EstimateSD(90.79), p.EstimateSD(9079); math.Abs(a/b-10) > 1e-9 {
		t.Errorf("of a hundredth of the rate they differ by %g after %g; want ten times", a, b)
	}
	for name, change := range map[string]func(*Plan){
		"hard": func(p *Plan) { p.Goals = []Goal{{Name: "cpu"}} }, "no queue": func(p *Plan) { p.Goals = []Goal{{Name: "failed", Budget: 0.01}} }, "clients": func(p *Plan) { p.Over = "clients" },
	} {
		q := p
		if change(&q); q.EstimateSD(1000) != 0 {
			t.Errorf("%s: estimates differ by %g; want that nobody knows", name, q.EstimateSD(1000))
		}
	}
}

// TestInTurn: who comes first does once, and then each twice; where one is done the other goes on.
func TestInTurn(t *testing.T) {
	for _, c := range []struct {
		aFirst bool
		a, b   int
		want   string
	}{{true, 4, 4, "abbaabba"}, {false, 4, 4, "baabbaab"}, {true, 5, 2, "abbaaaa"}, {false, 0, 3, "bbb"}, {true, 0, 0, ""}} {
		order := ""
		asks := func(name string, n int) Asks {
			return Asks{
				Do: func(m Measure) error {
					for k := range n {
						if o, err := m(context.Background(), Trial{Number: k}); err != nil || o.Busy != float64(k) {
							return fmt.Errorf("%v, %v", o, err)
						}
					}
					return nil
				},
				Make: func(_ context.Context, t Trial) (Observation, error) {
					order += name
					return Observation{Busy: float64(t.Number)}, nil
				},
			}
		}
		if err := InTurn(context.Background(), c.aFirst, asks("a", c.a), asks("b", c.b)); err != nil || order != c.want {
			t.Errorf("%d and %d trials, a first %t: %s, %v; want %s", c.a, c.b, c.aFirst, order, err, c.want)
		}
	}
}

// TestInTurnEnds both where a trial cannot be made, and says why.
func TestInTurnEnds(t *testing.T) {
	broken, after := errors.New("broken"), 0
	endless := func(fails int) Asks {
		n := 0
		return Asks{
			Do: func(m Measure) error {
				for {
					if _, err := m(context.Background(), Trial{}); err != nil {
						return err
					}
				}
			},
			Make: func(context.Context, Trial) (Observation, error) {
				n++
				if n == fails {
					return Observation{}, broken
				}
				after++
				return Observation{}, nil
			},
		}
	}
	if err := InTurn(context.Background(), true, endless(3), endless(-1)); !errors.Is(err, broken) || after > 6 {
		t.Errorf("%v after %d further trials; want the error at once", err, after)
	}
}

// TestAgree: two gauges take their curves for equally steep, and what is a cliff on one side
// alone, which chance makes of a steep curve, for a curve on both.
func TestAgree(t *testing.T) {
	gauge := func(slope, apart float64, steep ...float64) *Gauge {
		g := NewGauge(gaugePlan())
		g.slope, g.apart, g.steep = slope, apart, steep
		return g
	}
	for name, c := range map[string]struct {
		a, b, want *Gauge
	}{
		"two curves":          {gauge(10, 0.01, 20, 0), gauge(40, 0.04, 80, 7), gauge(20, 0.02, 40, 7)},
		"a cliff and a curve": {gauge(0, 0.02), gauge(40, 0.02, 80), gauge(40, 0.02, 80)},
		"two cliffs":          {gauge(0, 0.02), gauge(0, 0.02), gauge(0, 0.02)},
	} {
		for _, sides := range [][2]*Gauge{{c.a, c.b}, {c.b, c.a}} {
			Agree(sides[0], sides[1])
			for _, g := range sides {
				if got, want := fmt.Sprintf("%.6g %.6g %.6g", g.slope, g.apart, g.steep), fmt.Sprintf("%.6g %.6g %.6g", c.want.slope, c.want.apart, c.want.steep); got != want {
					t.Errorf("%s: %s; want %s", name, got, want)
				}
			}
		}
	}
}
