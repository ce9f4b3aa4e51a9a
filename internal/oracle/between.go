package oracle

import "time"

// observeBetween judges a decision by the interval in which it was taken.
func (j *Judge) observeBetween(k *ledger, o *Observation) {
	if j.family == holders {
		if o.Allowed {
			j.need(k).lost = true
		}
		j.unjudged++
		return
	}
	if j.changed {
		j.need(k).lost = true
	}
	s := j.needSpan(k, o.Called)
	stray := o.Called < s.now
	returned := sum(int64(max(o.Returned, o.Called, s.now)), int64(j.resolution))
	if !stray {
		s.advance(j, k, o.Called)
	}
	if o.Allowed {
		s.admit(j, admission{called: o.Called, returned: time.Duration(returned), n: o.N, stray: stray})
	}
	if j.lost(k) || stray || !o.Allowed && s.upper == nil && j.upper != nil {
		j.unjudged++
		return
	}
	k.now = max(k.now, o.Called)
	due := j.entitle(k, k.now, o.N, o.Allowed)
	j.count(o, due)
	if !o.Allowed {
		s.deny(j, k, o.Called, time.Duration(returned), o.N)
		j.pace(k, false, false, o.Called, due)
	}
}

// spanOf is that of a key of which an instant was unknown, or nil.
func (j *Judge) spanOf(k *ledger) *span {
	if a := j.more(k); a != nil {
		return a.span
	}
	return nil
}

func (j *Judge) needSpan(k *ledger, at time.Duration) *span {
	a := j.part(k, at)
	if a.span == nil {
		j.leave(k, never)
		a.span = j.newSpan(k)
	}
	return a.span
}

// convictBetween convicts, unless the key was lost in the meantime.
func (j *Judge) convictBetween(k *ledger, called, returned time.Duration, n int64, allowed bool, held int64) {
	if !j.lost(k) {
		j.convict(Violation{Key: k.key, At: called, Within: returned - called, N: n, Allowed: allowed, Held: held})
	}
}

// gauge is that of the i-th limit.
func (j *Judge) gauge(i int) *gauge {
	if i == 0 {
		return &j.asked
	}
	return &j.also[i-1]
}
