package ci

import (
	"fmt"
	"io"
	"time"

	"github.com/fcbench/fcbench/results/paired"
)

// Plan is what a gate will do and can find.
type Plan struct {
	lines []string
}

// Plan of a case whose pairs take so long each. An earlier verdict about the same claims
// knows how much they vary here; nil where there is none.
func (c Case) Plan(perPair time.Duration, before *Verdict) (p Plan) {
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
	p.lines = append(p.lines, c.power(claims, perPair, before)...)
	return p
}

// power says what the looks can do, and what they will find of claims whose noise is
// known.
func (c Case) power(claims []Finding, perPair time.Duration, before *Verdict) (lines []string) {
	design := c.Policy.Design(c.Attempt)
	design.Family = len(claims)
	var known []paired.Claim
	var noise []paired.Noise
	for i := range claims {
		if sd := before.pairSD(claims[i].ID); sd > 0 {
			known, noise = append(known, c.claim(&claims[i])), append(noise, paired.Normal(sd))
		}
	}
	if len(known) < len(claims) {
		lines = append(lines, fmt.Sprintf("how much %d of %d claims vary here is not known; want the gate run once, whose verdict file says", len(claims)-len(known), len(claims)))
	}
	if len(known) == 0 {
		return lines
	}
	plan, err := design.Plan(known, noise, perPair)
	if err != nil {
		return append(lines, err.Error())
	}
	for i, l := range plan.Looks {
		can := "can pass only"
		if l.CanFail {
			can = "can fail"
		}
		lines = append(lines, fmt.Sprintf("look %d, %d pairs: the least p-value is %.2g, one claim needs %.2g: %s", i+1, l.Pairs, l.LeastP, l.NeedP, can))
	}
	for _, one := range plan.Claims {
		lines = append(lines, fmt.Sprintf("claim %s: pair SD %.1f%%, %.0f%% power at twice the margin; 95%% takes %d pairs", one.Name, 100*one.PairSD, 100*one.Power, one.Enough))
		if one.Warning != "" {
			lines = append(lines, "warning: "+one.Name+": "+one.Warning)
		}
	}
	return lines
}

// pairSD is how much the differences of a claim varied; 0 where that is not known.
func (v *Verdict) pairSD(id string) float64 {
	if v == nil {
		return 0
	}
	for _, f := range v.Claims {
		if f.ID == id && f.Relative {
			return f.PairSD
		}
	}
	return 0
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
