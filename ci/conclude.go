package ci

import (
	"fmt"
	"math"
	"slices"

	"github.com/fcbench/fcbench/results/paired"
)

// conclude settles the gate's own verdict: the box first, then the claims.
func (c Case) conclude(v *Verdict) {
	v.Health.judge()
	for _, s := range strangers(c.Units) {
		v.Reasons = append(v.Reasons, "runs were made on different machines, one of them: "+s)
	}
	for _, why := range c.unsound() {
		v.Reasons = append(v.Reasons, "the box, not the code: "+why)
	}
	for _, why := range v.Health.Problems {
		v.Reasons = append(v.Reasons, "the box, not the code: "+why)
	}
	if note := v.Health.crowded(); note != "" {
		v.Warnings = append(v.Warnings, note)
	}
	v.Verdict = v.tally()
	varied, sampled := false, false
	for i := range v.Claims {
		f := &v.Claims[i]
		sampled = sampled || !f.Exact && f.N > 1
		varied = varied || f.Exact || f.N > 1 && !f.even()
		if !f.Gated {
			v.Warnings = append(v.Warnings, f.ID+" is not judged: "+f.Reason)
		}
		if f.uneven {
			v.Warnings = append(v.Warnings, fmt.Sprintf("%s: which run of a pair comes second matters by more than half the margin; want more warm-up, or a pause", f.ID))
		}
		if shift := f.restless(); shift != "" {
			v.Reasons = append(v.Reasons, "the box, not the code: "+shift)
		}
	}
	if len(v.Reasons) > 0 {
		v.Verdict = Invalid
	}
	if sampled && !varied { // which nothing may let pass, as it may what is invalid
		v.Verdict = NoData
		v.Reasons = append(v.Reasons, "no value of any claim differs between any two runs: it looks as if nothing was measured")
	}
	if v.gated() == 0 {
		v.Verdict = NoData
		v.Reasons = append(v.Reasons, "nothing was compared: no claim is about anything that was measured")
	}
	v.ExitCode = v.Verdict.Code()
}

// unsound says which runs are left that should have been replaced.
func (c Case) unsound() (all []string) {
	for _, u := range c.Units {
		for _, p := range slices.Concat(u.Pairs, u.Null) {
			for side, m := range map[string]Measured{"a": p.A, "b": p.B} {
				if why, ok := m.Sound(); !ok {
					all = append(all, fmt.Sprintf("%s/%s, pair %d, side %s: %s", u.Scenario, u.Subject, p.Number, side, why))
				}
			}
		}
	}
	slices.Sort(all)
	if most := 3; len(all) > most {
		all = append(all[:most], fmt.Sprintf("and %d more runs", len(all)-most))
	}
	return all
}

// nullAlpha is the chance to blame the box for what the code did: of fewer than six
// pairs no test says anything.
const nullAlpha = 0.05

// restless says that two runs of the same thing differed as much as what the gate
// would convict the code of, and more than by chance.
func (f *Finding) restless() string {
	if f.NullN == 0 || f.Verdict != Regressed {
		return ""
	}
	var a, b []float64
	for _, s := range f.null {
		a, b = append(a, s.A), append(b, s.B)
	}
	scale, limit := paired.Additive, f.absolute()
	if f.Relative {
		scale, limit = paired.Ratio, f.margin.Relative
	}
	if math.Abs(f.Null) <= limit || paired.Signed(paired.Differences(scale, a, b), nullAlpha).P > nullAlpha {
		return ""
	}
	return fmt.Sprintf("%s differs between runs of side a alone by %s, more than its margin of %s", f.ID, f.Text(f.Null), f.Margin)
}
