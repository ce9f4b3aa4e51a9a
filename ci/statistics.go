package ci

import (
	"errors"
	"math"
	"slices"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/paired"
)

// Design is when the gate looks, and what it spends at each look: each attempt half of
// what the one before it had, so that however many there are, all together spend less than
// twice what one does.
func (p *Policy) Design(attempt int) paired.Design {
	spent := max(0, attempt-1)
	return paired.Spend(p.Pairs, math.Ldexp(p.Alpha, -spent), math.Ldexp(p.PassAlpha, -spent))
}

// Check says what is wrong with judging these units at all, such as that no look could
// find anything. Of benchmarks, which only a run tells, it goes by the lockfile.
func (c Case) Check() error {
	if len(c.Policy.Pairs) == 0 {
		return nil
	}
	var claims []paired.Claim
	for _, f := range c.known().findings() {
		claims = append(claims, c.claim(&f))
	}
	if len(claims) == 0 {
		return nil // which the lockfile tells, and in other words
	}
	_, err := paired.NewJudge(c.Policy.Design(c.Attempt), claims)
	return err
}

// known is the case with the units that the lockfile has, where none are known yet.
func (c Case) known() Case {
	if len(c.Units) > 0 || !c.Policy.Bench() || c.Lock == nil {
		return c
	}
	for _, l := range c.Lock.Claims {
		if u, ok := unitOfID(l.ID); ok && !slices.ContainsFunc(c.Units, func(other Unit) bool { return other.Scenario == u.Scenario && other.Subject == u.Subject }) {
			c.Units = append(c.Units, u)
		}
	}
	return c
}

// asked is a claim of the statistics, and the finding that it is about.
type asked struct {
	of *Finding
	paired.Claim
	paired.Result
}

// statistics decides what is sampled. family is how many claims there are in all.
func (c Case) statistics(all []*Finding, family int) {
	design := c.Policy.Design(c.Attempt)
	var questions []asked
	for _, f := range all {
		claims := c.ways(f)
		if _, err := paired.NewJudge(design, claims); err != nil && !errors.Is(err, paired.ErrUnreachable) {
			f.undecided(Invalid, err.Error()) // it alone
			continue
		}
		for _, one := range claims {
			questions = append(questions, asked{of: f, Claim: one})
		}
		family += len(claims) - 1
	}
	if len(questions) == 0 {
		return
	}
	design.Family = family
	if err := answer(questions, design, c.Look, c.Policy.Seed); err != nil {
		for _, f := range all {
			f.undecided(Invalid, err.Error())
		}
		return
	}
	for i := range questions {
		q := &questions[i]
		if i > 0 && questions[i-1].of == q.of {
			q.of.takeOther(&q.Result)
		} else {
			q.of.take(&q.Result, q.Scale == paired.Exact)
			q.of.balanced(&q.Claim, design)
		}
	}
}

// answer judges all claims together.
func answer(questions []asked, design paired.Design, look int, seed uint64) error {
	var claims []paired.Claim
	var samples []paired.Sample
	for _, q := range questions {
		claims = append(claims, q.Claim)
		var s paired.Sample
		for _, one := range q.of.Samples {
			s.A, s.B = append(s.A, one.A), append(s.B, one.B)
		}
		samples = append(samples, s)
	}
	judge, err := paired.NewJudge(design, claims)
	if err != nil {
		return err
	}
	for i, r := range judge.Look(look, samples, design.Orders(seed)).Claims {
		questions[i].Result = r
	}
	return nil
}

// ways are the claims by which a finding is decided: of a metric of which neither way is
// better, that it is not less by the margin, and that it is not more.
func (c Case) ways(f *Finding) []paired.Claim {
	one := c.claim(f)
	if f.metric.Better != results.Neither {
		return []paired.Claim{one}
	}
	more := one
	more.Name, more.Better = one.Name+" (more)", results.Lower
	return []paired.Claim{one, more}
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
	if f.metric.Better == results.Neither {
		one.Better = results.Higher
	}
	if counted(f.Metric) {
		one.Scale, one.Margin, one.Floor = paired.Additive, f.absolute(), 0
		switch {
		case f.constant():
			one.Scale = paired.Exact
		case f.N > 0:
			f.Floor = one.Margin
		}
	}
	return one
}

// absolute is the margin in the metric's unit. A count that varies has one step at least:
// one allocation, or a hundredth of the bytes.
func (f *Finding) absolute() float64 {
	limit := f.margin.Relative*math.Abs(f.A) + f.margin.Absolute
	if !counted(f.Metric) || f.constant() {
		return limit
	}
	step := 1.0
	if f.Metric == "B/op" {
		step = max(step, f.A/100)
	}
	return max(step, limit)
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
	if f.metric.Better == results.Higher || f.metric.Better == results.Neither {
		f.Low, f.High = f.High, f.Low
	}
	if r.Implausible {
		f.implausible()
	}
}

// mostBalanced is how many pairs the orders that could have been drawn are counted out for.
const mostBalanced = 20

// balanced counts out of how many orders that could have been drawn the runs would have
// looked at least as bad.
func (f *Finding) balanced(c *paired.Claim, d paired.Design) {
	if f.Exact || f.Low == nil && f.High == nil || f.N < leastPairs || f.N > mostBalanced || f.N > len(f.Samples) {
		return
	}
	var s paired.Sample
	var orders []paired.Order
	for _, one := range f.Samples[:f.N] {
		s.A, s.B = append(s.A, one.A), append(s.B, one.B)
		orders = append(orders, paired.Order(one.Order == paired.BA.String()))
	}
	var looks []int
	for _, l := range d.Looks {
		looks = append(looks, l.Pairs)
	}
	p := paired.BalancedP(c.Differences(s), orders, looks)
	f.PDesign = &p
}

// takeOther adds to what the statistics say of a fall what they say of a rise, of which
// neither is better: it is worse if either is, and passes if both do.
func (f *Finding) takeOther(r *paired.Result) {
	rise := outcomes[r.Verdict]
	f.P = min(f.P, r.Holm)
	switch {
	case rise == NoData, rise == Invalid: // as the fall is, of the same values
	case f.Verdict == Regressed || rise == Regressed:
		f.undecided(Regressed, "it is another, and neither way is better")
	case f.Verdict == Inconclusive || rise == Inconclusive:
		f.undecided(Inconclusive, "")
	default:
		f.Verdict = Pass
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
