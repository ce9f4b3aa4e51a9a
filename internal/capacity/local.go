package capacity

import (
	"fmt"
	"math"
	"slices"
	"time"
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
	middle int // the number of the trial that was taken for it
}

// How trials find the middle: by steps that halve at every turn.
const (
	firstStep = 0.04
	lastStep  = 0.005
	atTheEdge = 3.0 // times the budget, or a part of it: then the middle is found
	manyTurns = 5   // nothing is between passing and failing
	mostTries = 40  // without finding it
)

func (l *local) run() error {
	l.lengthen()
	if err := l.centre(); err != nil {
		return err
	}
	for len(l.trials) < localTrials {
		if err := l.spread(); err != nil {
			return err
		}
	}
	for round := 0; ; round++ {
		e, why := l.found()
		switch {
		case why != "" && e.Slope > flattest: // a target that changes leaves its trials behind
			return l.end(Inconclusive, "%s", why)
		case why != "":
			return end(Inconclusive, "%s", why)
		}
		open := l.open(e)
		if round > 0 && open == "" {
			break
		}
		pairs := atEachEnd
		for pairs > 0 && !l.affords(2*pairs) {
			pairs--
		}
		if round > 0 && pairs == 0 {
			return l.end(Inconclusive, "the budget of %v is used up %s", l.Budget, open)
		}
		if err := l.ends(e, max(pairs, 1)); err != nil {
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
	missed := func(m made) bool { return l.search.missed(m, clearMiss) }
	if len(l.lower) > 0 && !slices.ContainsFunc(l.lower, func(m made) bool { return !missed(m) }) {
		return fmt.Sprintf("when all of %d trials near %.6g, the lower end of an interval, clearly missed the goals", len(l.lower), l.lower[0].Value)
	}
	return ""
}

// centre goes up and down until a trial uses about its budget, or until it is
// certain that none does.
func (l *local) centre() error {
	step, last := firstStep, 0.0
	for n := 0; n < mostTries; n++ {
		m, err := l.add(Centre, l.at)
		if err != nil {
			return err
		}
		level := l.level(m)
		if level >= 1/atTheEdge && level <= atTheEdge {
			l.middle = m.Number
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
	apartAtFirst  = 0.02
	closest       = 0.002
	farthest      = 0.05
	apartByFactor = 1.4
)

// move takes the middle to the last estimate, by not more than 3 %, and the trials
// as far from it as changes the share of bad ones by a factor e.
func (l *local) move() {
	if e, ok := l.estimate(); ok && e.Slope > 0 {
		l.slope = e.Slope
		l.apart = clamp(clamp(1.8/l.slope, l.apart/apartByFactor, l.apart*apartByFactor), closest, farthest)
		if e.Slope > flattest { // else it leads nowhere
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

// affords reports whether the budget has room for so many more trials.
func (l *local) affords(trials int) bool {
	rest := l.Budget - l.answer.Took - l.afterwards()
	return time.Duration(trials)*l.takes(whole) <= rest
}

// lengthen makes the trials to come as long as the time allows that the ramp left.
func (l *local) lengthen() {
	const step = time.Second / 10
	for l.Length+step <= longest && l.affords(localTrials+2*atEachEnd+2) {
		l.Length += step
	}
}

// ends makes so many trials at either end of the interval.
func (l *local) ends(e Estimate, each int) error {
	l.lower = nil
	for range each {
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
	if err := l.moved(); err != nil {
		return err
	}
	l.answer.Verdict = Capacity
	l.answer.Verified = l.verified()
	if why := l.scarce(); why != "" {
		l.answer.Reasons = append(l.answer.Reasons, why)
	}
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
