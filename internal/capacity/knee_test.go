package capacity

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// TestKnee: the size of clumps, and what requests count beside others, by hand.
func TestKnee(t *testing.T) {
	k := knee{0.01, 5e-3 * 9079}
	if got := k.clump(45.4); math.Abs(got/282-1) > 0.01 { // sizes·λ·x·b/ln² 100
		t.Errorf("clumps of M/M/1 at 91 %% are %.1f; want 282", got)
	}
	if got := k.weight(0); math.Abs(got-1) > 1e-9 {
		t.Errorf("a request at the capacity counts %g; want 1", got)
	}
	far, near := k.weight(2.6), k.weight(-2.6)
	if math.Abs(far-0.19) > 0.01 || math.Abs(near-2.45) > 0.01 {
		t.Errorf("far over the capacity a request counts %.3g, below it %.3g; want 0.19 and 2.45", far, near)
	}
	if got := k.weight(100); got != lightest && !(got > 0 && got < 0.05) {
		t.Errorf("where all are slow a request counts %g; want little, and more than nothing", got)
	}
	if none := (knee{}); none.clump(1000) != 1 || none.weight(5) != 1 {
		t.Errorf("of a goal about no queue requests clump by %g and count %g; want 1", none.clump(1000), none.weight(5))
	}
}

// TestKneesAreOfQueues: not of goals without a bound, nor where much may be slow, nor
// where what is searched is no rate.
func TestKneesAreOfQueues(t *testing.T) {
	for name, c := range map[string]struct {
		goal Goal
		over string
		want bool
	}{
		"p99":            {Goal{Budget: 0.01, Within: 5e6}, "rate", true},
		"no bound":       {Goal{Budget: 0.01}, "rate", false},
		"hard":           {Goal{Within: 5e6}, "rate", false},
		"median":         {Goal{Budget: 0.5, Within: 5e6}, "rate", false},
		"closed clients": {Goal{Budget: 0.01, Within: 5e6}, "clients", false},
	} {
		p := testPlan()
		p.Goals, p.Over = []Goal{c.goal}, c.over
		l := &local{search: &search{Plan: p}, at: 1000, trials: []made{
			{Trial{Length: time.Second}, Observation{Goals: []Count{{1, 900}}}},
			{Trial{Length: 2 * time.Second}, Observation{Goals: []Count{{1, 2100}}}},
		}}
		if got := l.knee(0); (got != knee{}) != c.want || c.want && math.Abs(got.inside-5) > 1e-9 {
			t.Errorf("%s: %+v; want one: %t, with 5 arrivals inside the bound", name, got, c.want)
		}
	}
}

// TestFewClumpsAreSaid beside an answer that stands on less of them than an interval needs.
func TestFewClumpsAreSaid(t *testing.T) {
	for _, c := range []struct {
		within time.Duration
		over   string
		want   string
	}{
		{5 * time.Millisecond, "rate", ""},
		{50 * time.Millisecond, "rate", ""},
		{200 * time.Millisecond, "rate", "come in clumps of about 1919, of which 22 trials have about 1.7 at the capacity"},
		{200 * time.Millisecond, "clients", ""},
	} {
		p := testPlan()
		p.Goals, p.Over, p.Budget = []Goal{slowGoal(c.within)}, c.over, 15*time.Minute
		p.Fit()
		a, err := Search(context.Background(), p, ideal(steep))
		if why := strings.Join(a.Reasons, " "); err != nil || a.Verdict != Capacity || !strings.Contains(why, c.want) || c.want == "" && why != "" {
			t.Errorf("within %v over %s: %s %q, %v; want CAPACITY, and %q", c.within, c.over, a.Verdict, why, err, c.want)
		}
	}
}

// TestSteepCurvesAreNotLost: a curve that a few trials make too steep still goes through
// ten, so that further ones can mend it.
func TestSteepCurvesAreNotLost(t *testing.T) {
	l := &local{search: &search{Plan: testPlan()}, at: 1000, slope: steepest}
	for i := range 12 {
		bad := uint64(0)
		if i >= 8 {
			bad = 300
		}
		l.trials = append(l.trials, made{Trial{Number: i + 1, Phase: Local, Value: 980 + 4*float64(i), Length: time.Second}, Observation{Goals: []Count{{bad, 1000}}}})
	}
	if e, ok := l.estimate(); !ok || e.Trials < curveThrough {
		t.Errorf("of 12 trials within 2.5 %% the estimate is %+v, %t; want one through %d at least", e, ok, curveThrough)
	}
	if l.slope = 0; l.within() != widestReach {
		t.Errorf("before there is a curve trials count within %g; want %g", l.within(), widestReach)
	}
}

// TestClumpsOfTheLengthOfATrial: most trials near the capacity have no slow request, and
// the others many times what is allowed. That is no cliff, and not beyond a search.
func TestClumpsOfTheLengthOfATrial(t *testing.T) {
	p := testPlan()
	p.Goals = []Goal{{Name: "slow", Budget: 0.01, Within: 20e6}}
	found := 0
	for seed := range uint64(10) {
		p.Seed = seed
		a, err := Search(context.Background(), p, func(_ context.Context, t Trial) (Observation, error) {
			r := rand.New(rand.NewPCG(t.Seed, 7))
			n, share := t.Value*t.Length.Seconds(), min(1, 0.01*math.Exp(110*(t.Value/1000-1)))
			size := 150.0 // on average, of what is slow together: more than a trial may have
			bad := 0.0
			for at := r.ExpFloat64(); at < n*share/size; at += r.ExpFloat64() {
				bad += size * r.ExpFloat64()
			}
			return Observation{Goals: []Count{{uint64(min(bad, n)), uint64(n)}}, Took: t.Warmup + t.Length, Busy: 5}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if a.Verdict == Capacity && a.Low <= 1000 && 1000 <= a.High && a.HalfWidth() <= 0.02 {
			found++
		}
	}
	if found < 8 {
		t.Errorf("of 10 searches %d found 1000; want 8 at least", found)
	}
}
