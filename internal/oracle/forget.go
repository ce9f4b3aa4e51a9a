package oracle

import "time"

// A key of which nothing remains that could ever matter is as good as one that was
// never seen, and begins anew: everything that was admitted has drained, it has
// not been asked about for as long as that can take and a while longer, and no
// question about it is open. Its ledger is forgotten when room is needed, so that
// memory follows the keys that live; whether it was makes no difference.
const (
	// absentFor is that while: a caller who asks again sooner is one who waits.
	absentFor = 10 * time.Second
	// lateBy is how much later than others the decisions of a key may be observed. Of
	// a key that is not known, perhaps because it was forgotten, what was decided earlier
	// than that is not judged.
	lateBy = 10 * time.Second
)

// clock is one of the two that observations are ordered by: the limiter's and the run's.
type clock struct {
	latest time.Duration
	since  time.Duration // keys that were quiet by then may have been forgotten
}

// clock is the one that o of k is on, and the instant there; k may be nil.
func (j *Judge) clock(k *ledger, o *Observation) (c *clock, at time.Duration) {
	if o.At < 0 || k != nil && j.spanOf(k) != nil {
		return &j.called, o.Called
	}
	return &j.decided, o.At
}

// ledger is that of the key of o; nil if it may have been forgotten too early for o.
func (j *Judge) ledger(o *Observation) *ledger {
	k := j.keys.find(o.Key)
	c, at := j.clock(k, o)
	c.latest = max(c.latest, at)
	switch {
	case k != nil:
		if j.gone(k, at) {
			j.recent.expire(j, at)
			j.begin(k, k.key, at)
		}
		return k
	case at < c.since && !o.Errored:
		return nil
	}
	if j.keys.full() {
		j.forget()
	}
	k = j.keys.add(o.Key)
	j.begin(k, o.Key, at)
	return k
}

// forget leaves out the keys that nothing is known of any more.
func (j *Judge) forget() {
	forgotten := false
	j.recent.expire(j, j.decided.latest)
	j.keys.rebuild(func(k *ledger) bool {
		c := &j.decided
		if j.spanOf(k) != nil {
			c = &j.called
		}
		if !j.gone(k, c.latest-lateBy) {
			return false
		}
		j.drop(k)
		forgotten = true
		return true
	})
	if forgotten {
		j.decided.since = j.decided.latest - lateBy
		j.called.since = j.called.latest - lateBy
	}
}

// quietFor is how long it takes for nothing to be left of what was admitted under a limit.
func (j *Judge) quietFor(l Limit) time.Duration {
	return time.Duration(sum(int64(max(newScale(l).refill(), j.period)), int64(absentFor)))
}

// gone reports whether k is as good as a key that was never seen, at the instant at.
func (j *Judge) gone(k *ledger, at time.Duration) bool {
	if at-max(k.now, k.served) < j.quiet {
		return false
	}
	a := j.more(k)
	if a == nil {
		return j.drained(k, at)
	}
	if a.span != nil && !a.span.gone(j, k, at) {
		return false
	}
	if a.lost || a.wronged || a.leaving.Len() > 0 || !j.drained(k, at) || !a.gone(at) {
		return false
	}
	if a.own != nil {
		a.own.expire(j, at)
	}
	return true
}

// drained reports whether nothing is left of what was admitted.
func (j *Judge) drained(k *ledger, at time.Duration) bool {
	b := j.charged(k)
	return b.gone(at)
}

// gone reports that neither the models nor the buckets remember anything.
func (a *annex) gone(at time.Duration) bool {
	for i := range a.also {
		if !a.also[i].free.gone(at) || !a.also[i].footprint.gone(at) {
			return false
		}
	}
	return (!a.apart || a.free.gone(at)) && (a.model == nil || a.model.gone(at)) && (a.after == nil || a.after.gone(at))
}
