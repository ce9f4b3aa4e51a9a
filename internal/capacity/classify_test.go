package capacity

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

func mlrPlan() Plan {
	p := testPlan()
	p.Strategy, p.Terms = MLRsearch, Terms{Exceed: 0.5}
	p.Fit()
	return p
}

// TestClassificationOfWhatHasNoChance: the bounds are on both sides of the capacity, as near
// as was asked for, and the result is regular.
func TestClassificationOfWhatHasNoChance(t *testing.T) {
	for _, most := range []float64{0, 5000} {
		p := mlrPlan()
		p.Most = most
		a, err := Search(context.Background(), p, ideal(steep))
		if err != nil || a.Verdict != Capacity || a.Strategy != MLRsearch || a.Low > 1000 || a.High <= 1000 || a.High/a.Low > 1+2*p.Precision || a.Value != a.Low {
			t.Fatalf("answer is %+v, %v; want CAPACITY with bounds around 1000", a, err)
		}
		want := GoalResult{"slow", true, a.Low, a.High, a.Low * (1 - 0.01*math.Exp(40*(a.Low/1000-1)))}
		if got := a.Goals[0]; len(a.Goals) != 1 || math.Abs(got.Throughput-want.Throughput) > 1 || got.Lower != want.Lower || got.Upper != want.Upper || !got.Regular || a.Recovery == 0 {
			t.Errorf("results are %+v, recovery %v; want %+v", a.Goals, a.Recovery, want)
		}
		if a.Took > p.Expect()*5/4 {
			t.Errorf("it took %v; %v were expected", a.Took, p.Expect())
		}
	}
}

// TestClassificationVerdicts are those of searches that end otherwise, with what is irregular
// about them.
func TestClassificationVerdicts(t *testing.T) {
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
		value   float64
		result  GoalResult // but its throughput
	}{
		"the lowest misses":          {ideal(always(0.5)), nil, NoCapacity, "misses the goals already: slow", 0, GoalResult{}},
		"the lowest misses a little": {ideal(func(r float64) float64 { return max(0.012, min(1, steep(r))) }), nil, NoCapacity, "the lowest value, 100, is an upper bound: it misses slow", 0, GoalResult{Upper: 100}},
		"the highest keeps":          {ideal(steep), func(p *Plan) { p.Most = 800 }, AtLeast, "the highest value that is allowed, 800, is a lower bound", 800, GoalResult{Lower: 800}},
		"the highest misses":         {ideal(steep), func(p *Plan) { p.Most = 1010 }, Capacity, "", 984, GoalResult{Regular: true, Lower: 984, Upper: 1004}},
		"limited":                    {spoil(func(o *Observation, t Trial) { o.Limited = when(t.Value > 500, "late") }), nil, GeneratorLimited, "late", 0, GoalResult{}},
		"down":                       {spoil(func(o *Observation, t Trial) { o.Down = when(t.Value > 900, "refused") }), nil, UnstableTarget, "down: refused", 0, GoalResult{}},
		"no time":                    {ideal(steep), func(p *Plan) { p.Budget = 90 * time.Second }, Inconclusive, "budget", 0, GoalResult{}},
		"grows with time":            {growing(), nil, UnstableTarget, "falls", -1, GoalResult{}},
		"falls fast":                 {moving(-0.3), nil, UnstableTarget, "", -1, GoalResult{}},
	} {
		p := mlrPlan()
		if c.change != nil {
			c.change(&p)
		}
		a, err := Search(context.Background(), p, c.measure)
		if err != nil || a.Verdict != c.want || !strings.Contains(strings.Join(a.Reasons, " "), c.why) || c.value >= 0 && math.Abs(a.Value-c.value) > 0.02*c.value {
			t.Errorf("%s: %s %.6g %q, %v; want %s %.6g because of %q", name, a.Verdict, a.Value, a.Reasons, err, c.want, c.value, c.why)
		}
		if c.result == (GoalResult{}) {
			continue
		}
		r := a.Goals[0]
		if r.Regular != c.result.Regular || math.Abs(r.Lower-c.result.Lower) > 0.02*c.result.Lower || math.Abs(r.Upper-c.result.Upper) > 0.02*c.result.Upper {
			t.Errorf("%s: result is %+v; want about %+v", name, r, c.result)
		}
	}
}

// TestClassificationOfSeveralGoals: the answer is by that whose upper bound is the lowest,
// and the result of the other one, for which nothing was looked for, is irregular.
func TestClassificationOfSeveralGoals(t *testing.T) {
	later := func(r float64) float64 { return steep(r / 1.5) }
	p := mlrPlan()
	p.Goals = []Goal{{Name: "failed", Budget: 0.01}, {Name: "slow", Budget: 0.01}, {Name: "cpu"}}
	a, err := Search(context.Background(), p, several(later, steep, always(0)))
	if err != nil || a.Verdict != Capacity || a.Goal != "slow" || a.Low > 1000 || a.High <= 1000 {
		t.Fatalf("answer is %+v, %v; want CAPACITY 1000 by slow", a, err)
	}
	if !a.Goals[1].Regular || a.Goals[0].Regular || a.Goals[2].Regular || a.Goals[2].Lower == 0 || a.Goals[2].Upper != 0 {
		t.Errorf("results are %+v; want that of slow regular, and the others not", a.Goals)
	}
}

// TestClassificationOfWholeValues ends where nothing is between them.
func TestClassificationOfWholeValues(t *testing.T) {
	for _, edge := range []float64{1.5, 2.5, 7.5, 63.5} {
		p := mlrPlan()
		p.Over, p.Whole, p.From = "lanes", true, 1
		a, err := Search(context.Background(), p, ideal(func(v float64) float64 {
			if v > edge {
				return 0.5
			}
			return 0
		}))
		if err != nil || a.Verdict != Capacity || a.Low > edge || a.High < edge || a.High/a.Low > 1+2*p.Precision && a.High != a.Low+1 || !a.Goals[0].Regular {
			t.Errorf("edge %g: %+v, %v; want whole values around it", edge, a, err)
		}
	}
}

// TestLossInversionIsConservative: a lower bound above an upper one is not relevant.
func TestLossInversionIsConservative(t *testing.T) {
	s := &search{Plan: mlrPlan()}
	for _, c := range []struct {
		value float64
		bad   uint64
	}{{100, 0}, {200, 0}, {300, 900}, {400, 0}, {500, 900}} {
		for range 5 {
			s.made = append(s.made, made{Trial{Value: c.value, Length: s.Resolved().Final}, Observation{Goals: []Count{{c.bad, 1000}}}})
		}
	}
	if low, high := s.bounds(func(v float64) bound { return s.of(s.Resolved(), v) }); low != 200 || high != 300 {
		t.Errorf("relevant bounds are %g and %g; want 200 and 300", low, high)
	}
}

// TestClassificationResumes from its journal, as every search does, to the same answer.
func TestClassificationResumes(t *testing.T) {
	p := mlrPlan()
	random := func(_ context.Context, t Trial) (Observation, error) {
		r := rand.New(rand.NewPCG(t.Seed, 3))
		return ideal(func(v float64) float64 { return steep(v) * math.Exp(r.NormFloat64()/2) })(context.Background(), t)
	}
	var j Journal
	want, err := Search(context.Background(), p, func(ctx context.Context, t Trial) (Observation, error) {
		o, err := random(ctx, t)
		j.entries = append(j.entries, entry{t, o})
		return o, err
	})
	if err != nil {
		t.Fatal(err)
	}
	for cut := 0; cut <= len(j.entries); cut += 3 {
		some := Journal{entries: j.entries[:cut]}
		if got, err := Search(context.Background(), p, some.Measure(random)); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("after %d trials: %+v, %v; want %+v", cut, got, err, want)
		}
	}
	j.next = 0
	p.Strategy = Guarded
	if _, err := Search(context.Background(), p, j.Measure(nil)); !errors.Is(err, ErrOther) && !errors.Is(err, ErrOver) {
		t.Errorf("by the other strategy: %v; want that the trials are others", err)
	}
}

// TestTermsAreChecked, all problems at once, and are chosen by the budget where nothing is said.
func TestTermsAreChecked(t *testing.T) {
	for name, c := range map[string]struct {
		terms Terms
		want  string
	}{
		"all miss":       {Terms{Exceed: 1}, "the exceed ratio is 100 %; want 0 % to less than 100 %"},
		"negative":       {Terms{Exceed: -0.1}, "the exceed ratio is -10 %"},
		"short":          {Terms{Final: time.Second / 2}, "the final trial is 500ms; want at least 1s"},
		"short at first": {Terms{Initial: time.Second / 2}, "the initial trial is 500ms; want at least 2s"},
		"long at first":  {Terms{Initial: 9 * time.Second, Final: 3 * time.Second}, "the initial trial is 9s; want at most the final one, 3s"},
		"a small sum":    {Terms{Final: 9 * time.Second, Sum: 8 * time.Second}, "the duration sum is 8s; want at least the final trial, 9s"},
	} {
		p := mlrPlan()
		p.Terms = c.terms
		p.Budget = time.Hour
		p.Fit()
		if err := p.Check(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", name, err, c.want)
		}
	}
	p := mlrPlan()
	p.Strategy = "bisect"
	if err := p.Check(); err == nil || !strings.Contains(err.Error(), `the strategy is "bisect"; want guarded or mlrsearch`) {
		t.Errorf("%v; want that there is no such strategy", err)
	}
	p = mlrPlan()
	p.Terms = Terms{Exceed: 0.5, Final: 20 * time.Second}
	p.Fit()
	if err := p.Check(); err == nil || !strings.Contains(err.Error(), "a budget of 5m0s is too short for ±2 %; want at least ") {
		t.Errorf("%v; want what budget trials of 20s need", err)
	}
	p.Budget = p.Needs()
	p.Fit()
	if r := p.Resolved(); p.Check() != nil || r.Final != 20*time.Second || r.Sum != 100*time.Second || r.Initial != 2*time.Second || p.Expect() > p.Budget {
		t.Errorf("with %v: %v, %+v, %v", p.Budget, p.Check(), r, p.Expect())
	}
	p = mlrPlan()
	p.Goals = []Goal{slowGoal(200 * time.Millisecond)}
	p.Fit()
	if err := p.Check(); err == nil || !strings.Contains(err.Error(), "a load that is 2 % too high takes 10s to bring responses over 200ms") {
		t.Errorf("%v; want why trials have to be long", err)
	}
}
