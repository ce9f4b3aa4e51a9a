package gating

import (
	"fmt"
	"io"
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
	return Plan{g, c.Plan(g.perPair(), before)}
}

// perPair is how long a pair of all units takes at least.
func (g *Gate) perPair() (t time.Duration) {
	if s, ok := g.b.(seeker); ok && g.policy.Capacity != nil {
		for i := range g.asB {
			t += s.searchOf(i).plan.Expect()
		}
		return t
	}
	w, ok := g.b.(interface{ length() time.Duration })
	if !ok {
		return 0
	}
	return 2 * w.length()
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
