package capacity

import (
	"fmt"
	"math"
)

// local is the part of a search around the estimate.
type local struct {
	*search
	at     float64 // the estimate
	trials []made  // around it
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
	for len(l.trials) < coarse {
		if err := l.spread(); err != nil {
			return err
		}
	}
	for len(l.trials) < least {
		if err := l.spread(); err != nil {
			return err
		}
	}
	for round := 0; ; round++ {
		e, ok := l.estimate()
		if !ok {
			return l.end(Inconclusive, "the goals do not change with the load between %.6g and %s", l.answer.Passed, upTo(l.answer.Failed))
		}
		if round > 0 && e.HalfWidth() <= l.Precision {
			break
		}
		if round > 0 && !l.affords(2*atEachEnd) {
			return l.end(Inconclusive, "the budget of %v is used up at ±%.2g %%, not ±%.2g %%", l.Budget, 100*e.HalfWidth(), 100*l.Precision)
		}
		if err := l.ends(e); err != nil {
			return err
		}
	}
	return l.settle()
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
		l.at = l.value(l.at * clamp(e.Value/l.at, 0.97, 1.03))
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
	rest := l.Budget - l.answer.Took - descents*(short+l.Overhead)
	return durations(trials, l.Length+l.Overhead) <= rest
}

// ends makes trials at both ends of the interval.
func (l *local) ends(e Estimate) error {
	for range atEachEnd {
		for _, value := range [...]float64{e.Low, e.High} {
			if _, err := l.add(Verify, clamp(value, 0.95*e.Value, 1.05*e.Value)); err != nil {
				return err
			}
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

// smooth is the estimate by a curve through what one goal counted.
func (l *local) smooth(goal int, g Goal) (Estimate, bool) {
	if g.Hard() {
		return Estimate{}, false
	}
	at, within := l.at, 0.15
	if l.slope > 0 {
		within = min(within, reliable/l.slope)
	}
	var points []point
	for _, m := range l.trials {
		z := m.Value/at - 1
		if m.Phase != Centre && math.Abs(z) <= within { // what ended the search for the middle was no chance
			points = append(points, point{z, float64(m.Goals[goal].Bad), float64(m.Goals[goal].Of)})
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
	e, ok := l.estimate()
	if !ok {
		return
	}
	l.answer.Estimate, l.answer.Others = e, nil
	for _, other := range l.estimates() {
		if other.Goal != e.Goal {
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
