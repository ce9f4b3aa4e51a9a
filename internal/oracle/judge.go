package oracle

import "time"

// Judge compares decisions with an exact model of their algorithm. It belongs
// to one goroutine. Its memory is bounded by the number of keys, by Rate
// instants per key for sliding-window-log and maxStarts of them for a bound, and
// by what is in flight or held at one time.
type Judge struct {
	rule
	fresh      func() model
	shaper     bool          // requests act at Until
	resolution time.Duration // 0: exact
	bound      func() model  // over intervals, what admissions are held to instead of buckets
	upper      func() model  // and what may explain denials
	keys       map[string]*ledger
	spans      []*ledger // the keys judged over intervals, first come first
	oneKey     bool
	limitless  bool // there is no limit to compare with, and asked is never full
	period     time.Duration

	judged, unjudged         int64
	falseAdmits, falseDenied int64
	admitted, entitled       int64   // tokens
	largest                  int64   // cost granted
	asked                    gauge   // against the limit that the user asked for
	also                     []gauge // against the further ones
	jitter                   jitter
	starved                  Starvation
	callers                  callers
	violations               []Violation
}

// ledger is all that is known about one key, what is seldom touched last: with
// many keys it is cache lines that cost.
type ledger struct {
	model model
	span  *span         // set once an instant was unknown
	now   time.Duration // of the latest decision
	wait  wait
	lost  bool // what the limiter has taken is no longer certain
	strand
	key   string
	also  []strand // one for each of the further limits
	after model    // the model beyond a boundary, of aligned windows with a resolution
}

// strand is one key under one limit.
type strand struct {
	free      bucket    // charged with what it grants itself
	footprint footprint // charged with what was admitted
}

// maxViolations is how many examples a report carries.
const maxViolations = 5

// Observe judges one decision. Decisions of one key must come in the order in
// which they were taken; an At before an earlier one of the key counts as that
// one, as limiters treat it.
//
// A key of which an instant is unknown is judged over the intervals from Called
// to Returned, from then on. Its decisions must come in the order of Called;
// one that does not is not judged, and is allowed to explain any other. What
// is held at once cannot be judged without instants.
//
// After an error nobody outside knows what the limiter has taken, so that from
// then on the key is not judged. Its known admissions still count for the
// burst, which they can only understate.
func (j *Judge) Observe(o Observation) {
	if j.oneKey {
		o.Key = ""
	}
	k := j.ledger(o.Key)
	switch {
	case o.Errored || o.N < 1:
		k.lost = k.lost || o.Errored
		j.unjudged++
	case o.At < 0 || k.span != nil:
		j.observeBetween(k, &o)
	default:
		j.observeAt(k, &o)
	}
}

func (j *Judge) ledger(key string) *ledger {
	k := j.keys[key]
	if k == nil {
		k = &ledger{key: key, model: j.fresh(), strand: newStrand(j.asked.scale)}
		for i := range j.also {
			k.also = append(k.also, newStrand(j.also[i].scale))
		}
		j.keys[key] = k
	}
	return k
}

func newStrand(s *scale) strand {
	b := bucket{scale: s}
	return strand{free: b, footprint: footprint{bucket: b}}
}

func (j *Judge) observeAt(k *ledger, o *Observation) {
	o.At = max(o.At, k.now)
	k.now = o.At
	acts := o.At
	if j.shaper && o.Allowed {
		acts = o.Until
	}
	ordered := !o.Allowed || acts >= k.footprint.now
	if o.Allowed && ordered {
		j.trace(k, acts, o.N)
	}
	if k.lost || j.family == bounds && !ordered {
		j.unjudged++
		return
	}
	due, waited := j.entitle(k, o.At, o.N), acts > o.At
	if j.family == bounds {
		o.At = acts
	}
	if admits := j.decide(k, o); j.family == holders {
		due = admits // nobody knows how long the denied would have held
	}
	j.count(o, due)
	j.pace(k, o.Allowed, waited, acts, due)
}

// trace charges what was admitted at at to the footprints.
func (j *Judge) trace(k *ledger, at time.Duration, n int64) {
	if j.family == holders {
		return // what counts is what is held, not what is admitted
	}
	k.footprint.charge(at, n)
	f := &k.footprint
	j.asked.reach(f.level, k.key, f.start, f.now, f.tokens)
	for i := range j.also {
		f := &k.also[i].footprint
		f.charge(at, n)
		j.also[i].reach(f.level, k.key, f.start, f.now, f.tokens)
	}
}

// decide says what the model says, convicts the limiter if it said something
// else, and charges the model with what was admitted.
func (j *Judge) decide(k *ledger, o *Observation) (admits bool) {
	if j.family == bounds && !o.Allowed {
		return false // nothing says what it has to admit
	}
	if j.resolution > 0 {
		return j.decideNear(k, o)
	}
	m := k.model
	m.advance(o.At)
	admits = m.admits(o.N)
	if admits != o.Allowed {
		j.convict(Violation{Key: o.Key, At: o.At, N: o.N, Allowed: o.Allowed, Held: m.room()})
	} else if o.Allowed && j.family == queues {
		j.checkLeaving(m.(*queue), o)
	}
	if o.Allowed {
		j.charge(k, o)
	}
	return admits
}

// charge tells the model what was admitted. What was not given back is held for ever.
func (j *Judge) charge(k *ledger, o *Observation) {
	if j.family != holders {
		k.model.take(o.At, o.N, 0)
		return
	}
	until := o.Until
	if until < o.At {
		until = never
	}
	k.model.take(o.At, o.N, until)
	c := k.model.(*concurrency)
	j.asked.reach(c.held, k.key, o.At, o.At, c.held.quo(1))
}

// checkLeaving convicts a shaper that lets go at another instant than the model.
func (j *Judge) checkLeaving(q *queue, o *Observation) {
	if late := q.lateness(o.Until, j.resolution); late != 0 {
		j.convict(Violation{Key: o.Key, At: o.At, N: o.N, Allowed: late < 0, Held: q.room(), Late: late})
	}
}

// convict counts a wrong decision. A shaper's that lets go too early is an
// admission that came before its time, and one that lets go too late has
// denied until then.
func (j *Judge) convict(v Violation) {
	if v.Allowed {
		j.falseAdmits++
	} else {
		j.falseDenied++
	}
	if len(j.violations) < maxViolations {
		j.violations = append(j.violations, v)
	}
}

// entitle asks the buckets that run free, which all have to agree.
func (j *Judge) entitle(k *ledger, at time.Duration, n int64) bool {
	k.free.advance(at)
	due := k.free.admits(n)
	for i := range j.also {
		k.also[i].free.advance(at)
		due = due && k.also[i].free.admits(n)
	}
	if !due {
		return false
	}
	k.free.charge(n)
	for i := range j.also {
		k.also[i].free.charge(n)
	}
	return true
}

// count adds up what was asked for, what was due and what was admitted.
func (j *Judge) count(o *Observation, due bool) {
	j.judged++
	if due {
		j.entitled = sum(j.entitled, o.N)
	}
	if o.Allowed {
		j.admitted = sum(j.admitted, o.N)
		j.largest = max(j.largest, o.N)
	}
	if o.Caller > 0 {
		j.callers.see(o)
	}
}
