package ci

import (
	"fmt"
	"io"
	"time"
)

// Plan is what a gate will do and can find.
type Plan struct {
	lines []string
}

// Plan of a case whose pairs take so long each.
func (c Case) Plan(perPair time.Duration) (p Plan) {
	say := func(format string, args ...any) { p.lines = append(p.lines, fmt.Sprintf(format, args...)) }
	claims := c.findings()
	say("%d subjects, %d claims, seed %d", len(c.Units), len(claims), c.Policy.Seed)
	for _, f := range claims {
		say("claim %s, margin %s", f.ID, f.Margin)
	}
	if len(c.Policy.Pairs) == 0 {
		say("one run of each, in virtual time, compared exactly")
		return p
	}
	last := c.Policy.Pairs[len(c.Policy.Pairs)-1]
	say("looks at %v pairs, alpha %g: %v at least and %v at most", c.Policy.Pairs, c.Policy.Alpha,
		(time.Duration(c.Policy.Pairs[0]) * perPair).Round(time.Second), (time.Duration(last+c.Policy.NullPairs) * perPair).Round(time.Second))
	return p
}

// Write prints the plan.
func (p Plan) Write(w io.Writer) error {
	for _, line := range p.lines {
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}
