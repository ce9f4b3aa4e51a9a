package oracle

import "time"

// Judge compares decisions with an exact model of their algorithm. It belongs
// to one goroutine. Its memory is bounded by the number of keys that live, by Rate
// instants per key for sliding-window-log and maxStarts of them for a bound, by
// maxStamps, and by what is in flight or held at one time.
type Judge struct {
	rule
	lean       bool // the model is the bucket of what was admitted, and needs no room of its own
	fresh      func() model
	shaper     bool          // requests act at Until
	resolution time.Duration // 0: exact
	bound      func() model  // over intervals, what admissions are held to instead of buckets
	upper      func() model  // and what may explain denials
	oneKey     bool
	limitless  bool // there is no limit to compare with, and asked is never full
	period     time.Duration
	quiet      time.Duration // how long a key is asked for nothing before it can be forgotten

	changed   bool   // the limit was, since the beginning
	untouched bucket // of a key that nobody has asked about since
	past      struct {
		excess float64 // under the limits before
		window Window
	}

	keys            index
	annexes         []*annex // by number − 1
	spare           []uint32 // numbers that are not in use
	scratch         bucket   // see model
	decided, called clock

	judged, unjudged         int64
	falseAdmits, falseDenied int64
	admitted, entitled       int64   // tokens
	largest                  int64   // cost granted
	asked                    gauge   // against the limit that the user asked for
	also                     []gauge // against the further ones
	recent                   recent
	stamps                   int // in there and in those of keys
	most                     Peak
	mostHeld                 int64 // tokens of one key at once
	jitter                   jitter
	starved                  Starvation
	callers                  callers
	violations               []Violation
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
//
// Keys that were quiet for long are forgotten. A decision of such a key, or of a
// new one, that is observed more than ten seconds later than others is not judged.
func (j *Judge) Observe(o Observation) {
	if j.oneKey {
		o.Key = ""
	}
	k := j.ledger(&o)
	switch {
	case k == nil:
		j.unjudged++
	case o.Errored || o.N < 1:
		if o.Errored {
			j.need(k).lost = true
		}
		j.unjudged++
	case o.At < 0 || j.spanOf(k) != nil:
		j.observeBetween(k, &o)
	default:
		j.observeAt(k, &o)
	}
}

func (j *Judge) observeAt(k *ledger, o *Observation) {
	o.At = max(o.At, k.now)
	k.now = o.At
	if j.shaper {
		j.leave(k, o.At)
	}
	acts := o.At
	if j.shaper && o.Allowed {
		acts = max(o.Until, o.At)
	}
	due := false
	if j.lost(k) {
		j.unjudged++
	} else {
		due = j.judge(k, o)
	}
	switch d := (departure{o.N, acts > o.At, due}); {
	case o.Allowed && j.shaper:
		j.need(k).leaving.Push(acts, d)
	case o.Allowed:
		j.act(k, acts, d)
	case !j.lost(k):
		j.pace(k, false, false, o.At, due)
	}
}

// judge says whether the user was entitled to what was asked for, after it has
// compared the answer with the model's.
func (j *Judge) judge(k *ledger, o *Observation) (due bool) {
	due = j.entitle(k, o.At, o.N, o.Allowed)
	if j.family != bounds { // of which nothing says what it has to admit, nor when but as it acts
		if admits := j.decide(k, o); j.family == holders {
			due = admits // nobody knows how long the denied would have held
		}
	}
	j.count(o, due)
	return due
}

// trace charges what was admitted at at to the footprints.
func (j *Judge) trace(k *ledger, at time.Duration, n int64) {
	if j.family == holders {
		k.served = at
		return // what counts is what is held, not what is admitted
	}
	f := j.footprint(k)
	f.charge(at, n)
	j.asked.reach(f.level, k.key, f.start, f.now, f.tokens)
	j.keep(k, &f)
	for i := range j.also {
		f := &j.more(k).also[i].footprint
		f.charge(at, n)
		j.also[i].reach(f.level, k.key, f.start, f.now, f.tokens)
	}
	j.peak(k, f.now, n)
}

// decide says what the model says, convicts the limiter if it said something
// else, and charges the model with what was admitted.
func (j *Judge) decide(k *ledger, o *Observation) (admits bool) {
	if j.resolution > 0 {
		return j.decideNear(k, o)
	}
	m := j.model(k)
	m.advance(o.At)
	admits = m.admits(o.N)
	if admits != o.Allowed {
		j.convict(Violation{Key: o.Key, At: o.At, N: o.N, Allowed: o.Allowed, Held: m.room()})
	} else if o.Allowed && j.family == queues {
		j.checkLeaving(m.(*queue), o)
	}
	if o.Allowed {
		j.charge(k, m, o)
	}
	return admits
}

// charge tells the model what was admitted. What was not given back is held for ever.
func (j *Judge) charge(k *ledger, m model, o *Observation) {
	if j.family != holders {
		m.take(o.At, o.N, 0)
		return
	}
	until := o.Until
	if until < o.At {
		until = never
	}
	m.take(o.At, o.N, until)
	c := m.(*concurrency)
	held := c.held.Quo(1)
	j.mostHeld = max(j.mostHeld, held)
	j.asked.reach(c.held, k.key, o.At, o.At, held)
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

// entitle asks the buckets that run free, which all have to agree. As long as the limiter
// said what they say they are those of what was admitted.
func (j *Judge) entitle(k *ledger, at time.Duration, n int64, allowed bool) (due bool) {
	a := j.more(k)
	if a == nil || !a.apart {
		b := j.charged(k)
		b.advance(at)
		if due = b.admits(n); due == allowed {
			return due
		}
		a = j.part(k, at)
	}
	a.free.advance(at)
	due = a.free.admits(n)
	for i := range a.also {
		a.also[i].free.advance(at)
		due = due && a.also[i].free.admits(n)
	}
	if !due {
		return false
	}
	a.free.charge(n)
	for i := range a.also {
		a.also[i].free.charge(n)
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
