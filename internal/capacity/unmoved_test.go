package capacity

import (
	"context"
	"math"
	"strings"
	"testing"
)

// several are targets of which every goal has a share of its own.
func several(shares ...func(float64) float64) Measure {
	return func(ctx context.Context, t Trial) (o Observation, err error) {
		var goals []Count
		for _, share := range shares {
			if o, err = ideal(share)(ctx, t); err != nil {
				return o, err
			}
			goals = append(goals, o.Goals...)
		}
		o.Goals = goals
		return o, nil
	}
}

func always(share float64) func(float64) float64 { return func(float64) float64 { return share } }

// TestSharesThatLoadDoesNotMove have no capacity, and are not given one.
func TestSharesThatLoadDoesNotMove(t *testing.T) {
	collapses := func(share float64) func(float64) float64 {
		return func(r float64) float64 {
			if r > 1000 {
				return 1
			}
			return share
		}
	}
	two := []Goal{{Name: "slow", Budget: 0.01}, {Name: "failed", Budget: 0.01}}
	for name, c := range map[string]struct {
		goals   []Goal
		measure Measure
	}{
		"15 % of 10 %":                 {[]Goal{{Name: "slow", Budget: 0.1}}, several(collapses(0.15))},
		"1.5 % of 1 %":                 {[]Goal{{Name: "slow", Budget: 0.01}}, several(collapses(0.015))},
		"a little too much":            {[]Goal{{Name: "slow", Budget: 0.01}}, several(collapses(0.0101))},
		"falls with the load":          {[]Goal{{Name: "slow", Budget: 0.01}}, several(func(r float64) float64 { return min(collapses(1)(r), 0.03*math.Exp(-r/1000)) + collapses(0)(r) })},
		"beside one that the load has": {two, several(steep, collapses(0.02))},
	} {
		p := testPlan()
		p.Goals = c.goals
		a, err := Search(context.Background(), p, c.measure)
		if err != nil || a.Verdict != Inconclusive || a.Value != 0 || len(a.Reasons) != 1 {
			t.Errorf("%s: %+v, %v; want INCONCLUSIVE without a value", name, a, err)
		}
	}
	p := testPlan()
	p.Goals = two
	a, err := Search(context.Background(), p, several(steep, always(0.002)))
	if err != nil || a.Verdict != Capacity || math.Abs(a.Value-1000) > 1 || len(a.Others) != 0 {
		t.Errorf("beside a share that is always kept: %+v, %v; want CAPACITY 1000, and nothing of the other", a, err)
	}
}

// TestMissedLowerEndsVeto: an interval of which no trial at the lower end came near
// keeping the goals is no answer.
func TestMissedLowerEndsVeto(t *testing.T) {
	low := func(all ...uint64) (trials []made) {
		for _, bad := range all {
			trials = append(trials, made{Trial{Phase: Verify, Value: 985}, Observation{Goals: []Count{{bad, 1000}}}})
		}
		return trials
	}
	for name, c := range map[string]struct {
		lower []made
		veto  bool
	}{"all missed": {low(40, 45, 50), true}, "two by chance": {low(40, 400, 2), false}, "kept": {low(3, 4, 5), false}, "not yet": {nil, false}} {
		l := &local{search: &search{Plan: testPlan()}, at: 1000, lower: c.lower}
		if why := l.open(Estimate{Value: 1000, Low: 990, High: 1010}); strings.Contains(why, "985") != c.veto {
			t.Errorf("%s: %q; want a veto: %t", name, why, c.veto)
		}
	}
	l := &local{search: &search{Plan: testPlan()}, at: 1000}
	if why := l.open(Estimate{Value: 1000, Low: 950, High: 1050}); !strings.Contains(why, "±5 %") {
		t.Errorf("an interval that is too wide: %q", why)
	}
}
