package gating

import (
	"fmt"
	"io"
	"math"
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
		c.Ahead, _, c.PairSD = g.searching()
	}
	return Plan{g, c.Plan(g.perPair(), before)}
}

// perPair is how long a pair of all units takes at least.
func (g *Gate) perPair() (t time.Duration) {
	if g.policy.Capacity != nil {
		_, t, _ = g.searching()
		return t
	}
	w, ok := g.b.(interface{ length() time.Duration })
	if !ok {
		return 0
	}
	return 2 * w.length()
}

// searching is how long it takes to find all capacities, and then a pair of estimates of each, or a
// search of each; and how much the estimates of a pair differ by chance, as those of a queue at its knee.
func (g *Gate) searching() (ahead, each time.Duration, sd float64) {
	s, ok := g.b.(seeker)
	if !ok {
		return 0, 0, 0
	}
	for i := range g.asB {
		p := s.searchOf(i).plan
		if g.policy.Bounded() {
			each += p.Expect()
			continue
		}
		ahead, each, sd = ahead+2*p.Finding(), each+2*p.Estimating(), math.Sqrt2*p.EstimateSD()
	}
	return ahead, each, sd
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
