package ci

import (
	"fmt"
	"io"
	"math"
	"slices"
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
	if before != nil && before.Gate != c.Policy.Name {
		before = nil // which is of another gate
	}
	c = c.known()
	claims := c.findings()
	if c.Policy.Bench() && len(claims) == 0 {
		say("which benchmarks there are only a run tells, or a lockfile, as `fcbench gate --lock` writes it")
	}
	say("%d subjects, %d claims, seed %d", len(c.Units), len(claims), c.Policy.Seed)
	for _, f := range claims {
		say("claim %s, margin %s", f.ID, f.Margin)
	}
	if c.Policy.Bounded() {
		say("one search of each, about %v altogether and at most %v", perPair.Round(time.Second), time.Duration(len(c.Units))*c.Policy.Capacity.Budget)
		return p
	}
	if len(c.Policy.Pairs) == 0 {
		say("one run of each, in virtual time, compared exactly")
		return p
	}
	if perPair == 0 { // and nothing goes ahead
		perPair = before.perPair(c.Policy.NullPairs)
	}
	last := c.Policy.Pairs[len(c.Policy.Pairs)-1]
	takes := "how long they take is not known; want the gate run once, whose verdict file says"
	if perPair > 0 {
		takes = fmt.Sprintf("%v at least and %v at most", c.length(c.Policy.Pairs[0], perPair), c.length(last, perPair))
	}
	say("looks at %v pairs, alpha %g: %s", c.Policy.Pairs, c.Policy.Alpha, takes)
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
	unknown := 0
	for i := range claims {
		was := before.claim(claims[i].ID)
		switch {
		case was != nil && was.Exact: // in which chance has no part
		case was == nil && claims[i].expected.PairSD > 0:
			known, noise = append(known, c.ways(&claims[i])[0]), append(noise, paired.Normal(claims[i].expected.PairSD))
			lines = append(lines, fmt.Sprintf("claim %s: no verdict says how much it varies here; taken for %s", claims[i].ID, claims[i].expected.As))
		case was == nil || !was.Relative || !(was.PairSD > 0):
			unknown++
		default:
			one, note := c.planned(&claims[i], was)
			known, noise, lines = append(known, one), append(noise, paired.Normal(was.PairSD)), append(lines, note...)
		}
	}
	if unknown > 0 {
		lines = append(lines, fmt.Sprintf("how much %d of %d claims vary here is not known; want the gate run once, whose verdict file says", unknown, len(claims)))
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
		lines = append(lines, fmt.Sprintf("claim %s: pair SD %.1f%%, %.0f%% power at twice the margin; 95%% takes %d pairs; found nine times of ten: %s", one.Name, 100*one.PairSD, 100*one.Power, one.Enough, least(one)))
		if one.Warning != "" {
			lines = append(lines, "warning: "+one.Name+": "+one.Warning)
		}
	}
	return lines
}

// least is the least that is found nine times of ten.
func least(c paired.PlannedClaim) string {
	if math.IsInf(c.Detectable, 1) {
		return "nothing"
	}
	return fmt.Sprintf("%.2g%% worse", 100*c.Percent(c.Detectable))
}

// planned is a claim with the margin that its values leave it: its floor, where that was
// the larger share of them.
func (c Case) planned(f, was *Finding) (one paired.Claim, note []string) {
	one = c.ways(f)[0]
	if one.Floor == 0 {
		one.Floor = was.Floor
	}
	if a := math.Abs(was.A); one.Scale == paired.Ratio && a > 0 {
		if share := math.Expm1(2 * math.Asinh(one.Floor/(2*a))); share > one.Margin {
			note = []string{fmt.Sprintf("claim %s: its floor of %s is %.1f%% of what it was, and more than its margin", f.ID, f.Value(one.Floor), 100*share)}
			one.Margin = share
		}
	}
	return one, note
}

// length is how long so many pairs take, and those of the null control.
func (c Case) length(pairs int, perPair time.Duration) time.Duration {
	return (c.Ahead + time.Duration(pairs+c.Policy.NullPairs)*perPair).Round(time.Second)
}

// perPair is how long a pair took; 0 where that is not known.
func (v *Verdict) perPair(null int) time.Duration {
	if v == nil || v.Pairs == 0 {
		return 0
	}
	return time.Duration(v.TookNS) / time.Duration(v.Pairs+null)
}

// claim is what was found of a claim; nil where that is not known.
func (v *Verdict) claim(id string) *Finding {
	if v == nil {
		return nil
	}
	i := slices.IndexFunc(v.Claims, func(f Finding) bool { return f.ID == id })
	if i < 0 {
		return nil
	}
	return &v.Claims[i]
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
