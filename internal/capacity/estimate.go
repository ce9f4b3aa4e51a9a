package capacity

import (
	"fmt"
	"math"
	"slices"
)

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
	case e.Shape == "smooth" && e.Slope <= flattest:
		why = fmt.Sprintf("near %.6g the load hardly changes how %s fares: it is kept or missed whatever the load is", l.at, e.Goal)
	case !l.reaches(e):
		why = fmt.Sprintf("the trials near %.6g are too far from where %s would be at its edge", l.at, e.Goal)
	}
	return e, why
}

// reaches reports whether an estimate is of what the load changes, and where trials
// were made: a curve says nothing of what is far from them.
func (l *local) reaches(e Estimate) bool {
	return e.Shape == "cliff" || e.Slope > flattest && math.Abs(e.Value/l.at-1) <= max(l.within(), l.Precision)
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

// A curve is through trials not farther from the middle than that, as a share, and
// through so many at least: one so steep that most of them are far from it may be a
// chance of the few that are not.
const (
	widestReach  = 0.15
	curveThrough = 10
)

// tells reports whether a trial may be one of a curve: what ended the search for the
// middle was no chance.
func (l *local) tells(m made) bool { return m.Number != l.middle }

// within is how far from the middle trials may be.
func (l *local) within() float64 {
	if l.slope == 0 {
		return widestReach
	}
	var distances []float64
	for _, m := range l.trials {
		if l.tells(m) {
			distances = append(distances, math.Abs(m.Value/l.at-1))
		}
	}
	slices.Sort(distances)
	reach := reliable / l.slope
	if n := min(curveThrough, len(distances)); n > 0 {
		reach = max(reach, distances[n-1])
	}
	return min(reach, widestReach)
}

// point is a trial for the curve of a goal. Where more arrived than was served the
// goal was missed, even if the trial ended before most requests had to wait for long.
func (l *local) point(m made, goal int) point {
	c := m.Goals[goal]
	p := point{m.Value/l.at - 1, float64(c.Bad), float64(c.Of)}
	if m.Backlog {
		p.bad = max(p.bad, min(1, atTheEdge*l.Goals[goal].Budget)*p.n)
	}
	w := l.knee(goal).weight(l.slope * p.z)
	return point{p.z, w * p.bad, w * p.n}
}

// through is the curve through what one goal counted, and its points.
func (l *local) through(goal int) (c curve, points []point, ok bool) {
	if l.Goals[goal].Hard() {
		return curve{}, nil, false
	}
	within := l.within()
	for _, m := range l.trials {
		p := l.point(m, goal)
		if l.tells(m) && math.Abs(p.z) <= within {
			points = append(points, p)
		}
	}
	c, ok = l.knee(goal).fit(points)
	return c, points, ok
}

// smooth is the estimate by a curve through what one goal counted.
func (l *local) smooth(goal int, g Goal) (Estimate, bool) {
	c, points, ok := l.through(goal)
	if !ok {
		return Estimate{}, false
	}
	low, high := l.knee(goal).interval(c, points, g.Budget, l.Confidence)
	return Estimate{
		Goal: g.Name, Shape: "smooth", Slope: c.b, Phi: c.phi, Trials: len(points),
		Value: l.at * (1 + c.at(g.Budget)), Low: l.at * (1 + low), High: l.at * (1 + high),
	}, true
}

// A response is a cliff where trials pass easily or fail terribly: so many of each, as a
// share. Easily is with odds to be bad that are so small a part of what the budget allows,
// terribly with three of ten bad and more. Near the knee of a queue some trials have no
// slow request at all, and others ten times what is allowed: that is no cliff.
const (
	mostly   = 0.6
	easily   = 0.05
	terribly = 0.3
)

// cliff reports whether trials pass or fail and nothing is between.
func (l *local) cliff() bool {
	if len(l.trials) < 4 {
		return false
	}
	var passed, failed, passedEasily, failedTerribly float64
	for _, m := range l.trials {
		switch odds, share := l.odds(m); {
		case share > terribly:
			failed, failedTerribly = failed+1, failedTerribly+1
		case odds > 1:
			failed++
		case odds < easily:
			passed, passedEasily = passed+1, passedEasily+1
		default:
			passed++
		}
	}
	return failed > 0 && passed > 0 && failedTerribly >= mostly*failed && passedEasily >= mostly*passed
}

// odds is the level of a trial where shares near 1 count for what they are, and the
// largest share of bad ones that missed a goal: 1 where it was missed as a whole.
func (l *local) odds(m made) (worst, share float64) {
	for i, g := range l.Goals {
		c := m.Goals[i]
		if g.Hard() || c.Of == 0 {
			worst, share = max(worst, g.level(c)), max(share, min(1, g.level(c)))
			continue
		}
		bad := float64(c.Bad) / float64(c.Of)
		if bad > g.Budget {
			share = max(share, bad)
		}
		worst = max(worst, bad/max(1-bad, 1e-9)/(g.Budget/(1-g.Budget)))
	}
	return worst, share
}
