package oracle

import (
	"errors"
	"time"
)

// Judge compares decisions with an exact model of their algorithm. It belongs
// to one goroutine. Its memory is bounded by the number of keys, and for
// sliding-window-log by Rate instants per key.
type Judge struct {
	oracle string
	fresh  func() model
	scale  *scale // of the rate and burst that the user asked for
	keys   map[string]*ledger

	judged, unjudged         int64
	falseAdmits, falseDenied int64
	admitted, entitled       int64 // tokens
	peak                     peak
	violations               []Violation
}

// ledger is all that is known about one key.
type ledger struct {
	model     model
	free      bucket    // charged with what it grants itself
	footprint footprint // charged with what was admitted
	lost      bool      // what the limiter has taken is no longer certain
}

// maxViolations is how many examples a report carries.
const maxViolations = 5

// New returns the judge of a limiter that claims to be algorithm, one of
// [Algorithms], under limit. Window algorithms have no burst of their own:
// their Burst is ignored and they are measured against a burst of Rate.
// The error names every problem.
func New(algorithm string, limit Limit) (*Judge, error) {
	r, err := ruleOf(algorithm)
	if r.windowed {
		limit.Burst = max(limit.Rate, 1) // a bad rate is one problem, not two
	}
	if err := errors.Join(err, limit.validate()); err != nil {
		return nil, err
	}
	return &Judge{
		oracle: r.oracle,
		fresh:  r.model(limit),
		scale:  newScale(limit),
		keys:   make(map[string]*ledger),
	}, nil
}

// Observe judges one decision. Decisions of one key must come in the order in
// which they were taken; an At before an earlier one of the key counts as that
// one, as limiters treat it.
//
// After an error, or an admission at an unknown instant, nobody outside knows
// what the limiter has taken, so that from then on the key is not judged.
// Its known admissions still count for the burst, which they can only understate.
func (j *Judge) Observe(o Observation) {
	k := j.ledger(o.Key)
	if o.Errored || o.At < 0 && o.Allowed {
		k.lost = true
	}
	if o.Errored || o.At < 0 || o.N < 1 {
		j.unjudged++
		return
	}
	o.At = max(o.At, k.footprint.now)
	k.footprint.advance(o.At)
	if o.Allowed {
		k.footprint.take(o.N)
		j.peak.see(o.Key, &k.footprint)
	}
	if k.lost {
		j.unjudged++
		return
	}
	j.judge(k.model, o)
	j.entitle(&k.free, o.At, o.N)
}

func (j *Judge) ledger(key string) *ledger {
	k := j.keys[key]
	if k == nil {
		b := bucket{scale: j.scale}
		k = &ledger{model: j.fresh(), free: b, footprint: footprint{bucket: b}}
		j.keys[key] = k
	}
	return k
}

func (j *Judge) judge(m model, o Observation) {
	j.judged++
	m.advance(o.At)
	if m.admits(o.N) != o.Allowed {
		j.convict(o, m.room())
	}
	if o.Allowed {
		m.take(o.N)
		j.admitted = sum(j.admitted, o.N)
	}
}

func (j *Judge) convict(o Observation, held int64) {
	if o.Allowed {
		j.falseAdmits++
	} else {
		j.falseDenied++
	}
	if len(j.violations) < maxViolations {
		j.violations = append(j.violations, Violation{o.Key, o.At, o.N, o.Allowed, held})
	}
}

func (j *Judge) entitle(free *bucket, at time.Duration, n int64) {
	free.advance(at)
	if free.admits(n) {
		free.take(n)
		j.entitled = sum(j.entitled, n)
	}
}
