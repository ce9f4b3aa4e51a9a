package oracle

import "time"

// Judging a limiter that keeps time in steps: a decision is wrong only if the
// model disagrees at every instant within one step of At. Models only ever turn
// from no to yes while nothing is taken, so it is the last instant that excuses
// an admission, and the first one, with all that was taken since, that excuses
// a denial. The model is charged at At itself: what was forgiven is not
// forgiven again, so that steps which add up are found.
//
// Windows that begin at multiples of the period differ in one thing: on which
// side of the boundary an admission within a step of it was counted makes a
// difference for the whole window. They have two models, one that counts it
// before the boundary and judges admissions, one that counts it after it and
// judges denials, while a denial as close to the boundary passes.

// decideNear is [Judge.decide] for all instants within one step of At: what the
// model says is what the limiter said, unless it disagrees at all of them.
func (j *Judge) decideNear(k *ledger, o *Observation) (admits bool) {
	from, to := max(o.At-j.resolution, 0), time.Duration(sum(int64(o.At), int64(j.resolution)))
	if j.family == alignedWindows {
		return j.decideBeside(k, o, from, to)
	}
	m := j.model(k)
	m.advance(from)
	if !o.Allowed {
		return j.convictIf(m.admitsAt(from, o.N), m, o)
	}
	admits = !j.convictIf(!m.admitsAt(to, o.N), m, o)
	if q, shaper := m.(*queue); shaper && admits {
		q.advance(o.At)
		j.checkLeaving(q, o)
	}
	j.charge(k, m, o)
	return admits
}

// decideBeside judges with two models, one on each side of a boundary.
func (j *Judge) decideBeside(k *ledger, o *Observation, from, to time.Duration) (admits bool) {
	a := j.need(k)
	if a.after == nil {
		a.after = j.fresh()
	}
	if !o.Allowed {
		astride := from/j.period != to/j.period
		return j.convictIf(!astride && a.after.admitsAt(from, o.N), a.after, o)
	}
	admits = !j.convictIf(!a.model.admitsAt(to, o.N), a.model, o)
	a.model.take(from, o.N, 0)
	a.after.take(to, o.N, 0)
	return admits
}

func (j *Judge) convictIf(wrong bool, m model, o *Observation) bool {
	if wrong {
		j.convict(Violation{Key: o.Key, At: o.At, N: o.N, Allowed: o.Allowed, Held: m.room()})
	}
	return wrong
}

// blurred is what drains in one step of time, by which any level is uncertain.
func (j *Judge) blurred(s *scale) wide { return product(s.rate, int64(j.resolution)) }
