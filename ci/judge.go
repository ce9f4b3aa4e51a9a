package ci

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/paired"
)

// Case is what a gate is judged on.
type Case struct {
	Policy   *Policy
	Units    []Unit
	Lock     *Lockfile
	Accepted *Acceptances // nil for none
	Health   Health
	Look     int // the latest, from 0
	Attempt  int // how often these two were compared so far, this time included
	Now      time.Time

	Ahead time.Duration // of a plan: how long it takes until the first pair
}

// Judge decides every claim, and the gate. It says the same of the same case.
func (c Case) Judge() *Verdict {
	p := c.Policy
	v := &Verdict{
		Gate: p.Name, Policy: p.File, Finished: true, Seed: p.Seed, Alpha: p.Alpha, Attempt: max(1, c.Attempt), Health: c.Health,
	}
	if len(p.Pairs) > 0 {
		v.Of = p.Pairs[len(p.Pairs)-1]
	}
	v.Claims = c.findings()
	c.decide(v.Claims)
	for i := range v.Claims {
		c.accept(&v.Claims[i])
		v.Pairs = max(v.Pairs, v.Claims[i].N)
	}
	v.Claims = append(v.Claims, c.missing(v.Claims)...)
	v.Shifts = c.shifts()
	c.conclude(v)
	return v
}

// findings is every claim about every unit, with what was measured of it.
func (c Case) findings() (all []Finding) {
	for i := range c.Units {
		u := &c.Units[i]
		for _, claim := range c.Policy.Claims {
			if (claim.Subject == "" || claim.Subject == u.Subject) && !c.removed(u, claim) {
				all = append(all, c.finding(u, claim))
			}
		}
	}
	return all
}

func (c Case) finding(u *Unit, claim Claim) Finding {
	m, _ := c.Policy.metricOf(claim.Metric) // which was checked with the policy
	f := Finding{
		ID: u.id(claim.Metric), Scenario: u.Scenario, Subject: u.Subject, Metric: m.Path, Unit: m.Unit, Better: m.Better.String(),
		Margin: claim.Margin.String(), Line: claim.Pos.Line, Gated: true, P: 1, Relative: !claim.Margin.IsAbsolute() || claim.AtLeast > 0,
		floor: claim.Floor, margin: claim.Margin, metric: m, expected: u.Expected,
	}
	if limits(u) && m.Better == results.Higher && admits(m.Path) {
		f.metric.Better = results.Neither // to admit more is no virtue in a limiter
		f.Better = f.metric.Better.String()
	}
	locked, known := c.Lock.of(f.ID)
	var problem string
	f.Samples, problem = c.samples(u.Pairs, claim, locked)
	f.null, _ = c.samples(u.Null, claim, locked)
	f.N = len(f.Samples)
	f.A, f.B = median(f.Samples, func(s Sample) float64 { return s.A }), median(f.Samples, func(s Sample) float64 { return s.B })
	if counted(f.Metric) && f.N > 0 && !f.constant() {
		f.Relative = false // a count that varies does so by steps
	}
	f.nullify()
	a, b := c.unpaired(u, claim)
	switch {
	case !known:
		f.undecided(NoData, "it is not in the lockfile; want `fcbench gate --lock`, and the change of the lockfile reviewed")
	case locked.Digest != u.Digest:
		f.undecided(Invalid, fmt.Sprintf("its %s %s and the lockfile has %s: the work is not the same; want `fcbench gate --lock` if that is meant", c.Policy.work(), short(u.Digest), short(locked.Digest)))
	case locked.Floor != claim.Floor:
		f.undecided(NoData, fmt.Sprintf("its floor is %s and the lockfile has %s; want `fcbench gate --lock` if that is meant", f.Value(claim.Floor), f.Value(locked.Floor)))
	case locked.Margin != f.Margin:
		f.undecided(NoData, fmt.Sprintf("its margin is %s and the lockfile has %s; want `fcbench gate --lock` if that is meant", f.Margin, locked.Margin))
	case c.Policy.Exact() && locked.Value == nil:
		f.undecided(NoData, "the lockfile has no value for it; want `fcbench gate --lock`")
	case c.added(u, claim):
		f.Gated = false
		f.undecided(Pass, "it is new: side a has none that it could be compared with")
	case b != nil:
		f.apart(a, b)
	case problem != "":
		f.undecided(NoData, problem)
	case !c.Policy.Virtual && c.scarce(u, claim.Metric) != nil:
		f.undecided(NoData, c.scarce(u, claim.Metric).Error())
	case f.N == 0:
		f.undecided(NoData, "nothing was measured")
	}
	return f
}

// work is what of the units a digest is of, in words.
func (p *Policy) work() string {
	if p.Capacity != nil {
		return "workload and goals are"
	}
	return "schedule is"
}

// scarce is an error where a percentile rests on too few values of some run.
func (c Case) scarce(u *Unit, path string) error {
	for _, p := range u.Pairs {
		for _, m := range []Measured{p.A, p.B} {
			if m.Run == nil {
				continue
			}
			if err := paired.CheckSamples(path, m.Run); err != nil {
				return err
			}
		}
	}
	return nil
}

// limits reports whether a unit was judged as a limiter.
func limits(u *Unit) bool {
	return slices.ContainsFunc(u.Pairs, func(p Pair) bool { return p.B.Run != nil && p.B.Run.Accuracy != nil })
}

// admits reports whether a metric grows with every admission.
func admits(path string) bool { return path == "goodput" || strings.HasPrefix(path, "outcomes.ok") }

func short(digest string) string {
	if digest == "" {
		return "none"
	}
	return digest[:min(12, len(digest))]
}

// undecided gives a finding an outcome that no statistics lead to.
func (f *Finding) undecided(o Outcome, reason string) { f.Verdict, f.Reason = o, reason }

// samples reads a metric from both sides of every pair. A value that is missing on
// either side leaves the claim without data: of which runs there is none is no chance.
func (c Case) samples(pairs []Pair, claim Claim, locked Locked) (all []Sample, problem string) {
	lacking := map[string]int{}
	var why string
	read := func(side string, m Measured) float64 {
		v, err := m.Value(claim.Metric)
		if err != nil {
			lacking[side]++
			if !errors.Is(err, results.ErrNoData) {
				why = ": " + err.Error()
			}
		}
		return v
	}
	for _, p := range pairs {
		s := Sample{Pair: p.Number, Order: p.Order, B: read("b", p.B)}
		switch {
		case claim.AtLeast > 0:
			s.A = claim.AtLeast
		case !c.Policy.Exact():
			s.A = read("a", p.A)
		case locked.Value != nil:
			s.A = *locked.Value
		}
		all = append(all, s)
	}
	var parts []string
	for _, side := range []string{"a", "b"} {
		if n := lacking[side]; n > 0 {
			parts = append(parts, fmt.Sprintf("side %s produced %d of %d values", side, len(pairs)-n, len(pairs)))
		}
	}
	if len(parts) == 0 {
		return all, ""
	}
	return nil, strings.Join(parts, ", ") + why
}

func median(all []Sample, of func(Sample) float64) float64 {
	if len(all) == 0 {
		return 0
	}
	var values []float64
	for _, s := range all {
		values = append(values, of(s))
	}
	slices.Sort(values)
	n := len(values)
	if n%2 == 1 || values[n/2-1] == values[n/2] {
		return values[n/2]
	}
	return (values[n/2-1] + values[n/2]) / 2
}

// missing is a finding for every claim of the lockfile that nothing was measured of.
func (c Case) missing(found []Finding) (all []Finding) {
	if c.Lock == nil {
		return nil
	}
	for _, l := range c.Lock.Claims {
		if slices.ContainsFunc(found, func(f Finding) bool { return f.ID == l.ID }) {
			continue
		}
		f := Finding{ID: l.ID, Margin: l.Margin, Gated: true, P: 1, Line: 1}
		parts := strings.Split(l.ID, "/")
		f.Metric = parts[len(parts)-1]
		if m, err := metricOfID(l.ID); err == nil {
			f.Metric, f.Unit, f.Better = m.Path, m.Unit, m.Better.String()
		}
		f.Subject = strings.TrimSuffix(l.ID, "/"+f.Metric)
		if at := strings.LastIndex(f.Subject, "/"); at >= 0 {
			f.Scenario, f.Subject = f.Subject[:at], f.Subject[at+1:]
		}
		f.undecided(NoData, "the lockfile expects it, and nothing of that name was measured; was a scenario, a subject or a metric renamed?")
		all = append(all, f)
	}
	return all
}

// decide gives every finding that has data its outcome.
func (c Case) decide(all []Finding) {
	var sampled []*Finding
	for i := range all {
		f := &all[i]
		switch {
		case f.Verdict != "":
		case c.Policy.Single():
			f.exactly()
		default:
			sampled = append(sampled, f)
		}
	}
	c.statistics(sampled, len(all))
}

// exactly decides where a run can only repeat itself: any difference is one.
func (f *Finding) exactly() {
	f.Exact = true
	f.Change = change(f.A, f.B, f.Relative)
	f.Low, f.High = bound(f.Change), bound(f.Change)
	worse, limit := f.worse(), f.margin.Relative*math.Abs(f.A)+f.margin.Absolute
	switch {
	case f.metric.Better == results.Neither && worse > limit:
		f.undecided(Regressed, "it is another, and neither way is better")
	case worse > limit:
		f.Verdict = Regressed
	case worse < -limit && worse < 0:
		f.undecided(Improved, "want `fcbench gate --lock`, so that it stays so")
	default:
		f.Verdict = Pass
	}
}

// worse is by how much B is worse than A, in the metric's unit; of a metric of which
// neither way is better any difference is.
func (f *Finding) worse() float64 {
	switch f.metric.Better {
	case results.Neither:
		return math.Abs(f.B - f.A)
	case results.Higher:
		return f.A - f.B
	case results.NearZero:
		return math.Abs(f.B) - math.Abs(f.A)
	}
	return f.B - f.A
}

// nullify is the change between two runs of A.
func (f *Finding) nullify() {
	f.NullN = len(f.null)
	var all []Sample
	for _, s := range f.null {
		all = append(all, Sample{B: change(s.A, s.B, f.Relative)})
	}
	f.Null = median(all, func(s Sample) float64 { return s.B })
}

// bound is the end of an interval, which may be none.
func bound(v float64) *float64 {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return nil
	}
	return &v
}

// change is that from a to b.
func change(a, b float64, relative bool) float64 {
	switch {
	case a == b:
		return 0
	case relative && a != 0 && !math.IsInf(a, 0):
		return b/a - 1
	}
	return b - a
}

// implausible takes back what is too good to be true.
func (f *Finding) implausible() {
	f.undecided(Invalid, fmt.Sprintf("it changed by %s, to less than half of what it took: more likely something stopped working; want a look at it, and another a if it is true", f.Text(f.Change)))
}

// even reports whether all values are one.
func (f *Finding) even() bool {
	return !slices.ContainsFunc(f.Samples, func(s Sample) bool { return s.A != f.Samples[0].A || s.B != f.Samples[0].A })
}

// accept lets a regression pass that a reviewed file allows.
func (c Case) accept(f *Finding) {
	a, ok := c.Accepted.of(f.ID)
	if !ok || f.Verdict != Regressed {
		return
	}
	most, _ := parseMargin(f.metric, a.Most) // which was checked with the file
	within := !f.bottomless && f.worse() <= most.Relative*math.Abs(f.A)+most.Absolute
	switch {
	case a.expired(c.Now):
		f.Reason = fmt.Sprintf("it was accepted until %s only (%s)", a.Until, a.Reason)
	case !within:
		f.Reason = fmt.Sprintf("it was accepted up to %s only (%s)", a.Most, a.Reason)
	default:
		f.Verdict, f.Accepted = Accepted, &a
		f.Reason = fmt.Sprintf("accepted by %s until %s: %s", a.By, a.Until, a.Reason)
	}
}
