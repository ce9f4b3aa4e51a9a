package main

import (
	"context"
	"slices"

	"github.com/fcbench/fcbench/ci"
	"github.com/fcbench/fcbench/internal/gating"
)

// mostProfiled is of how many subjects that regressed there are profiles.
const mostProfiled = 3

// profile keeps profiles of what regressed, and notes in the verdict what grew there.
func (j *judgement) profile(ctx context.Context, g *gating.Gate, v *ci.Verdict, dir string) {
	for n, i := range regressed(v, g.Units()) {
		if n == mostProfiled {
			v.Warnings = append(v.Warnings, "of further subjects that regressed there is no profile")
			return
		}
		p, err := g.Profile(ctx, i, dir)
		if err != nil {
			v.Warnings = append(v.Warnings, "there is no profile: "+err.Error())
			return
		}
		v.Warnings = append(v.Warnings, p.Text())
	}
}

// regressed are the places of units of which a claim regressed.
func regressed(v *ci.Verdict, units []ci.Unit) (all []int) {
	for _, f := range v.Claims {
		i := slices.IndexFunc(units, func(u ci.Unit) bool { return u.Scenario == f.Scenario && u.Subject == f.Subject })
		if i >= 0 && f.Gated && f.Verdict == ci.Regressed && !slices.Contains(all, i) {
			all = append(all, i)
		}
	}
	return all
}
