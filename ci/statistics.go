package ci

import (
	"math"
	"slices"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/paired"
)

// Design is when the gate looks, and what it spends at each look: of an attempt after
// others less, so that nothing is repeated until it is green.
func (p *Policy) Design(attempt int) paired.Design {
	n := float64(max(1, attempt))
	return paired.Spend(p.Pairs, p.Alpha/n, p.PassAlpha/n)
}

// Check says what is wrong with judging these units at all, such as that no look could
// find anything.
func (c Case) Check() error {
	if len(c.Policy.Pairs) == 0 {
		return nil
	}
	var claims []paired.Claim
	for _, f := range c.findings() {
		claims = append(claims, c.claim(&f))
	}
	if len(claims) == 0 {
		return nil // which the lockfile tells, and in other words
	}
	_, err := paired.NewJudge(c.Policy.Design(c.Attempt), claims)
	return err
}

// statistics decides what is sampled. family is how many claims there are in all.
func (c Case) statistics(all []*Finding, family int) {
	if len(all) == 0 {
		return
	}
	design := c.Policy.Design(c.Attempt)
	design.Family = family
	var claims []paired.Claim
	var samples []paired.Sample
	for _, f := range all {
		claims = append(claims, c.claim(f))
		var s paired.Sample
		for _, one := range f.Samples {
			s.A, s.B = append(s.A, one.A), append(s.B, one.B)
		}
		samples = append(samples, s)
	}
	judge, err := paired.NewJudge(design, claims)
	if err != nil {
		for _, f := range all {
			f.undecided(Invalid, err.Error())
		}
		return
	}
	judged := judge.Look(c.Look, samples, design.Orders(c.Policy.Seed))
	for i, f := range all {
		f.take(&judged.Claims[i], claims[i].Scale == paired.Exact)
	}
}

// claim is a finding as the statistics want it.
func (c Case) claim(f *Finding) paired.Claim {
	one := paired.Claim{
		Name: f.ID, Better: f.metric.Better, Scale: paired.Additive, Margin: f.margin.Absolute,
		Steady: f.metric.Unit != results.UnitNS || isBench(f.Metric) && f.Metric != "ns/op",
	}
	if f.Relative {
		one.Scale, one.Margin, one.Floor = paired.Ratio, f.margin.Relative, f.floor
		if one.Floor == 0 && paired.Stamped(f.Metric) {
			one.Floor = paired.FloorReadings * c.clockRead()
		}
		f.Floor = one.Floor
	}
	if counted(f.Metric) && f.constant() {
		one.Scale, one.Margin, one.Floor = paired.Exact, f.margin.Relative*f.A+f.margin.Absolute, 0
	}
	return one
}

// counted reports whether a metric is a count that may repeat exactly.
func counted(path string) bool { return path == "allocs/op" || path == "B/op" }

// constant reports whether each side has one value.
func (f *Finding) constant() bool {
	return len(f.Samples) > 0 && !slices.ContainsFunc(f.Samples, func(s Sample) bool { return s.A != f.Samples[0].A || s.B != f.Samples[0].B })
}

// clockRead is what one look at the clock costs, in ns.
func (c Case) clockRead() (ns float64) {
	for _, u := range c.Units {
		for _, p := range u.Pairs {
			if p.B.Run != nil {
				ns = max(ns, p.B.Run.Environment.ClockRead)
			}
		}
	}
	return ns
}

// take writes down what the statistics say.
func (f *Finding) take(r *paired.Result, exact bool) {
	f.Verdict, f.Reason, f.N = outcomes[r.Verdict], r.Reason, r.N
	f.A, f.B, f.PairSD, f.P, f.Exact, f.OrderEffect = r.MedianA, r.MedianB, r.PairSD, r.Holm, exact, r.OrderEffect
	f.uneven = math.Abs(r.OrderEffect) > r.Margin/2
	if f.Verdict == NoData || f.Verdict == Invalid {
		return
	}
	if exact {
		f.Change = change(f.A, f.B, f.Relative)
		f.Low, f.High = bound(f.Change), bound(f.Change)
		return
	}
	f.Change = r.Change(r.Estimate)
	f.Low, f.High = bound(r.Change(r.Lower)), bound(r.Change(r.Upper))
	if f.metric.Better == results.Higher {
		f.Low, f.High = f.High, f.Low
	}
	if r.Implausible {
		f.implausible()
	}
}

// outcomes are those of claims.
var outcomes = map[paired.Verdict]Outcome{
	paired.Improved: Improved, paired.Pass: Pass, paired.Inconclusive: Inconclusive,
	paired.Regressed: Regressed, paired.NoData: NoData, paired.Invalid: Invalid,
}

// Settled reports whether more pairs would not change anything: something got worse,
// or all is decided.
func (v *Verdict) Settled() bool { return v.Verdict != Inconclusive }
