package capacity

import (
	"fmt"
	"math"
	"slices"
)

// local is the part of a search around the estimate.
type local struct {
	*search
	at     float64 // the estimate
	trials []made  // around it
	lower  []made  // at the lower end of the last interval, when its ends were looked at
	slope  float64 // the last one fitted; 0 before
	apart  float64 // how far from the middle trials are made, as a share
	turns  int
}

// How trials find the middle: by steps that halve at every turn.
const (
	firstStep = 0.04
	lastStep  = 0.005
	nearby    = 3.0 // times the budget, or a part of it: then the middle is found
	manyTurns = 5   // nothing is between passing and failing
	lost      = 40  // trials without finding it
)

func (l *local) run() error {
	if err := l.centre(); err != nil {
		return err
	}
	for len(l.trials) < least {
		if err := l.spread(); err != nil {
			return err
		}
	}
	for round := 0; ; round++ {
		e, why := l.found()
		if why != "" {
			return end(Inconclusive, "%s", why)
		}
		open := l.open(e)
		if round > 0 && open == "" {
			break
		}
		if round > 0 && !l.affords(2*atEachEnd) {
			return l.end(Inconclusive, "the budget of %v is used up %s", l.Budget, open)
		}
		if err := l.ends(e); err != nil {
			return err
		}
	}
	return l.settle()
}

// open is what is wrong with an estimate yet; "" for nothing.
func (l *local) open(e Estimate) string {
	if e.HalfWidth() > l.Precision {
		return fmt.Sprintf("at ±%.2g %%, not ±%.2g %%", 100*e.HalfWidth(), 100*l.Precision)
	}
	missed := func(m made) bool { return l.clearly(m, clear) }
	if len(l.lower) > 0 && !slices.ContainsFunc(l.lower, func(m made) bool { return !missed(m) }) {
		return fmt.Sprintf("when all of %d trials near %.6g, the lower end of an interval, clearly missed the goals", len(l.lower), l.lower[0].Value)
	}
	return ""
}

// centre goes up and down until a trial uses about its budget, or until it is
// certain that none does.
func (l *local) centre() error {
	step, last := firstStep, 0.0
	for n := 0; n < lost; n++ {
		m, err := l.add(Centre, l.at)
		if err != nil {
			return err
		}
		level := l.level(m)
		if level >= 1/nearby && level <= nearby {
			return nil
		}
		direction := 1.0
		if level > 1 {
			direction = -1
		}
		if last != 0 && direction != last {
			step = max(step/2, lastStep)
			if l.turns++; l.turns == manyTurns {
				return nil
			}
		}
		last = direction
		l.at = l.value(l.at * (1 + direction*step))
	}
	return end(Inconclusive, "no trial came near the edge of the goals")
}

// add makes a trial that counts for the estimate.
func (l *local) add(phase Phase, value float64) (made, error) {
	m, err := l.try(phase, value, whole)
	if err == nil {
		l.trials = append(l.trials, m)
	}
	return m, err
}

// The loads of local trials, in units of what changes the share of bad ones by a
// factor e; cycled through.
var pattern = [...]float64{1, -1, 0, 0.5, -0.5}

// spread makes one trial near the middle, and moves the middle.
func (l *local) spread() error {
	defer l.move()
	if l.cliff() {
		return l.step()
	}
	_, err := l.add(Local, l.at*(1+l.apart*pattern[len(l.trials)%len(pattern)]))
	return err
}

// How far from the middle trials are made at first, at least and at most; and by
// how much that changes from one to the next.
const (
	apartAtFirst = 0.02
	leastApart   = 0.002
	mostApart    = 0.05
	change       = 1.4
)

// move takes the middle to the last estimate, by not more than 3 %, and the trials
// as far from it as changes the share of bad ones by a factor e.
func (l *local) move() {
	if e, ok := l.estimate(); ok && e.Slope > 0 {
		l.slope = e.Slope
		l.apart = clamp(clamp(1.4/l.slope, l.apart/change, l.apart*change), leastApart, mostApart)
		if e.Slope > leastSlope { // else it leads nowhere
			l.at = l.value(l.at * clamp(e.Value/l.at, 0.97, 1.03))
		}
	}
}

// step goes up where the last trial passed, and down where it failed, by 1 %.
func (l *local) step() error {
	last := l.trials[len(l.trials)-1]
	next := last.Value * (1 + 0.01)
	switch {
	case math.Abs(last.Value/l.at-1) > 0.03: // it was no step yet
		next = l.at
	case l.level(last) > 1:
		next = last.Value * (1 - 0.01)
	}
	_, err := l.add(Local, next)
	return err
}

// A response is a cliff where trials pass easily or fail terribly: so many of each,
// as a share, by how much more their odds to be bad are than what the budget allows.
// Near the knee of a queue some trials have no slow request at all, and others ten
// times what is allowed: that is no cliff.
const (
	mostly   = 0.6
	easily   = 0.05
	terribly = 20.0
)

// cliff reports whether trials pass or fail and nothing is between.
func (l *local) cliff() bool {
	if len(l.trials) < 4 {
		return false
	}
	var passed, failed, clearly, hopelessly float64
	for _, m := range l.trials {
		switch odds := l.odds(m); {
		case odds > terribly:
			failed, hopelessly = failed+1, hopelessly+1
		case odds > 1:
			failed++
		case odds < easily:
			passed, clearly = passed+1, clearly+1
		default:
			passed++
		}
	}
	return failed > 0 && passed > 0 && hopelessly >= mostly*failed && clearly >= mostly*passed
}

// odds is the level of a trial where shares near 1 count for what they are.
func (l *local) odds(m made) (worst float64) {
	for i, g := range l.Goals {
		c := m.Goals[i]
		if g.Hard() || c.Of == 0 {
			worst = max(worst, g.level(c))
			continue
		}
		share := float64(c.Bad) / float64(c.Of)
		worst = max(worst, share/max(1-share, 1e-9)/(g.Budget/(1-g.Budget)))
	}
	return worst
}

// affords reports whether the budget has room for so many more trials.
func (l *local) affords(trials int) bool {
	rest := l.Budget - l.answer.Took - l.afterwards()
	return durations(trials, l.Length+l.Overhead) <= rest
}

// ends makes trials at both ends of the interval.
func (l *local) ends(e Estimate) error {
	l.lower = nil
	for range atEachEnd {
		low, err := l.add(Verify, max(e.Low, 0.95*e.Value))
		if err != nil {
			return err
		}
		l.lower = append(l.lower, low)
		if _, err := l.add(Verify, min(e.High, 1.05*e.Value)); err != nil {
			return err
		}
	}
	return nil
}

// estimate is the capacity by the goal that binds.
func (l *local) estimate() (binding Estimate, ok bool) {
	all := l.estimates()
	for _, e := range all {
		if !ok || e.Value < binding.Value {
			binding, ok = e, true
		}
	}
	return binding, ok
}

// found is the estimate, or why the trials do not tell one.
func (l *local) found() (e Estimate, why string) {
	e, ok := l.estimate()
	switch {
	case !ok:
		why = fmt.Sprintf("the goals do not change with the load between %.6g and %s", l.answer.Passed, upTo(l.answer.Failed))
	case e.Shape == "smooth" && e.Slope <= leastSlope:
		why = fmt.Sprintf("near %.6g the load hardly changes how %s fares: it is kept or missed whatever the load is", l.at, e.Goal)
	case !l.reaches(e):
		why = fmt.Sprintf("the trials near %.6g are too far from where %s would be at its edge", l.at, e.Goal)
	}
	return e, why
}

// reaches reports whether an estimate is of what the load changes, and where trials
// were made: a curve says nothing of what is far from them.
func (l *local) reaches(e Estimate) bool {
	return e.Shape == "cliff" || e.Slope > leastSlope && math.Abs(e.Value/l.at-1) <= max(l.within(), l.Precision)
}

func (l *local) estimates() (all []Estimate) {
	if l.cliff() {
		return []Estimate{l.edge()}
	}
	for i, g := range l.Goals {
		if e, ok := l.smooth(i, g); ok {
			all = append(all, e)
		}
	}
	return all
}

// edge is the estimate of a cliff, by all goals together.
func (l *local) edge() Estimate {
	steps := make([]step, len(l.trials))
	for i, m := range l.trials {
		steps[i] = step{m.Value/l.at - 1, l.level(m) > 1}
	}
	c, low, high := fitCliff(steps, l.Confidence)
	return Estimate{
		Goal: l.binding(), Shape: "cliff", Spread: c.spread, Trials: len(steps),
		Value: l.at * (1 + c.middle), Low: l.at * (1 + low), High: l.at * (1 + high),
	}
}

// binding is the goal that most trials missed.
func (l *local) binding() (name string) {
	most := -1
	for i, g := range l.Goals {
		var misses int
		for _, m := range l.trials {
			if g.level(m.Goals[i]) > 1 {
				misses++
			}
		}
		if misses > most {
			most, name = misses, g.Name
		}
	}
	return name
}

// Trials beyond this many factors of e from the budget, by the curve, are too far
// away for its form to hold.
const reliable = 2.6

// within is how far from the middle that is, as a share.
func (l *local) within() float64 {
	if l.slope > 0 {
		return min(0.15, reliable/l.slope)
	}
	return 0.15
}

// point is a trial for the curve of a goal. Where more arrived than was served the
// goal was missed, even if the trial ended before most requests had to wait for long.
func (l *local) point(m made, goal int) point {
	c := m.Goals[goal]
	p := point{m.Value/l.at - 1, float64(c.Bad), float64(c.Of)}
	if m.Backlog {
		p.bad = max(p.bad, min(1, nearby*l.Goals[goal].Budget)*p.n)
	}
	return p
}

// smooth is the estimate by a curve through what one goal counted.
func (l *local) smooth(goal int, g Goal) (Estimate, bool) {
	if g.Hard() {
		return Estimate{}, false
	}
	at, within := l.at, l.within()
	var points []point
	for _, m := range l.trials {
		p := l.point(m, goal)
		if m.Phase != Centre && math.Abs(p.z) <= within { // what ended the search for the middle was no chance
			points = append(points, p)
		}
	}
	c, ok := fit(points)
	if !ok {
		return Estimate{}, false
	}
	low, high := c.interval(points, g.Budget, l.Confidence)
	return Estimate{
		Goal: g.Name, Shape: "smooth", Slope: c.b, Phi: c.phi, Trials: len(points),
		Value: at * (1 + c.at(g.Budget)), Low: at * (1 + low), High: at * (1 + high),
	}, true
}

// end ends the search with what is known.
func (l *local) end(v Verdict, format string, args ...any) error {
	l.keep()
	if why, drifts := l.drift(); drifts {
		return end(UnstableTarget, "%s", why)
	}
	return &ended{v, fmt.Sprintf(format, args...)}
}

// keep writes the estimates into the answer.
func (l *local) keep() {
	e, why := l.found()
	if why != "" {
		return
	}
	l.answer.Estimate, l.answer.Others = e, nil
	for _, other := range l.estimates() {
		if other.Goal != e.Goal && l.reaches(other) {
			l.answer.Others = append(l.answer.Others, other)
		}
	}
}

// settle is the end of a search that found something: whether it stood still
// meanwhile, and what its ends did.
func (l *local) settle() error {
	l.keep()
	if why, drifts := l.drift(); drifts {
		return end(UnstableTarget, "%s", why)
	}
	l.answer.Verdict = Capacity
	l.answer.Verified = l.verified()
	return nil
}

// verified is how the trials near both ends went.
func (l *local) verified() []End {
	e := l.answer.Estimate
	low, high := End{Value: e.Low}, End{Value: e.High}
	for _, m := range l.trials {
		at := &low
		if m.Value > e.Value {
			at = &high
		}
		if m.Phase != Verify {
			continue
		}
		at.Trials++
		if l.level(m) <= 1 {
			at.Passed++
		}
	}
	return []End{low, high}
}
