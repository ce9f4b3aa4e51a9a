package gating

import (
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"github.com/fcbench/fcbench/ci"
)

// Plan says what a gate will do.
type Plan struct {
	gate *Gate
	text ci.Plan
}

// Plan is what the gate would do for a case; an earlier verdict, if there is one, knows
// how much the claims vary.
func (g *Gate) Plan(c ci.Case, before *ci.Verdict) Plan {
	c.Units = g.units
	if g.policy.Capacity != nil {
		c.Ahead, _ = g.searching()
		c.Units = g.foreseen()
	}
	return Plan{g, c.Plan(g.perPair(), before)}
}

// perPair is how long a pair of all units takes at least.
func (g *Gate) perPair() (t time.Duration) {
	if g.policy.Capacity != nil {
		_, t = g.searching()
		return t
	}
	w, ok := g.b.(interface{ length() time.Duration })
	if !ok {
		return 0
	}
	return 2 * w.length()
}

// foreseen is the units with what is to be expected of pairs of estimates: that capacities are
// about the rates of the scenarios.
func (g *Gate) foreseen() []ci.Unit {
	all := slices.Clone(g.units)
	s, ok := g.b.(seeker)
	for i := range all {
		if !ok || g.policy.Bounded() {
			break
		}
		one := s.searchOf(i)
		all[i].Expected = ci.Expected{
			PairSD: math.Sqrt2 * one.plan.EstimateSD(one.nominal),
			As:     fmt.Sprintf("a queue at its knee at %.6g/s, the rate of the scenario", one.nominal),
		}
	}
	return all
}

// searching is how long it takes to find all capacities, and then a pair of estimates of each, or a
// search of each.
func (g *Gate) searching() (ahead, each time.Duration) {
	s, ok := g.b.(seeker)
	if !ok {
		return 0, 0
	}
	for i := range g.asB {
		p := s.searchOf(i).plan
		if g.policy.Bounded() {
			each += p.Expect()
			continue
		}
		ahead, each = ahead+2*p.Finding(), each+2*p.Estimating()
	}
	return ahead, each
}

// length is of one run of each subject.
func (w *inWorld) length() (t time.Duration) {
	for _, j := range w.jobs {
		t += j.plan.Scenario.Warmup + j.plan.Scenario.Window
	}
	return t
}

// Write prints the plan.
func (p Plan) Write(w io.Writer) error {
	a, b := p.gate.Sides()
	fmt.Fprintf(w, "a is %s\nb is %s\n", a, b)
	return p.text.Write(w)
}
