package oracle

import (
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/fcbench/fcbench/internal/whole"
)

// SetLimit says that the limit is another one from at on, for all keys; for one that
// was admitted something later, from that instant on. Decisions that were taken
// before must have been observed, and none after. A bucket keeps the tokens that it
// holds, as far as they fit, rounded down to whole units of 1/Period of a token in
// lowest terms; so does one that nobody has asked yet. Windows keep their counts and
// their length, and what is held stays held.
//
// What the limiter is compared with changes likewise. The burst excess is the
// largest under any of the limits; what is in intervals is in those of the latest.
// Keys of which instants are unknown are not judged from then on.
func (j *Judge) SetLimit(at time.Duration, limit Limit) error {
	if err := j.mayChange(&limit); err != nil {
		return err
	}
	j.forget() // what can be now: after the change it may take longer
	j.past.excess, j.past.window = j.worst()
	old := *j.asked.scale
	j.asked, j.fresh, j.changed = gauge{scale: newScale(limit)}, j.rule.model(limit), true
	j.quiet = max(j.quiet, j.quietFor(limit))
	j.most.include(limit)
	at = max(at, j.untouched.now)
	j.untouched.scale = &old
	j.untouched = j.asked.carried(j.untouched, at)
	for k := range j.keys.all {
		j.change(k, &old, at, limit)
	}
	return nil
}

// mayChange completes a limit, or says why it cannot be the next one.
func (j *Judge) mayChange(limit *Limit) error {
	asked := *limit
	switch {
	case j.windowed():
		limit.Burst = max(limit.Rate, 1)
	case j.family == holders:
		limit.Rate, limit.Period = 1, 1
	case !j.lean:
		return fmt.Errorf("limit of %s changes; want a bucket, a window or what limits what is held", j.oracle)
	}
	err := limit.validate()
	if j.windowed() && asked.Period != j.period {
		err = errors.Join(err, fmt.Errorf("period is %v; want %v, as windows keep their length", asked.Period, j.period))
	}
	return err
}

// change makes the ledger of a key one under the limit that is in force now.
func (j *Judge) change(k *ledger, old *scale, at time.Duration, limit Limit) {
	a := j.more(k)
	if a != nil {
		a.adjust(limit)
		if a.apart {
			a.free.scale = old
			a.free = j.asked.carried(a.free, at)
		}
	}
	if j.family != holders {
		b := j.charged(k)
		b.scale = old
		j.reset(k, j.asked.carried(b, at))
	}
	k.now = max(k.now, at)
}

// adjust changes the limit of the models. Who is judged by intervals is so no more.
func (a *annex) adjust(limit Limit) {
	a.lost = a.lost || a.span != nil
	for _, m := range []model{a.model, a.after} {
		switch m := m.(type) {
		case *fixedWindow:
			m.limit = limit.Rate
		case *slidingLog:
			m.limit = limit.Rate
		case *windowCounter:
			m.limit = limit.Rate
		case *concurrency:
			m.limit = limit.Burst
		}
	}
}

// reset makes b the bucket of what was admitted. None of what it lacks then was
// admitted since.
func (j *Judge) reset(k *ledger, b bucket) {
	k.start, k.level = b.now, b.level.Lo
	if a := j.more(k); a != nil || b.level != (wide{}) {
		a = j.need(k)
		a.level, a.asOf, a.owed = b.level.Hi, b.now, b.level
	}
}

// carried is b, a bucket on another scale, on this one from at on.
func (s *scale) carried(b bucket, at time.Duration) bucket {
	b.advance(at)
	held := new(big.Int).Sub(b.capacity.Big(), b.level.Big())
	units := held.Mul(held, big.NewInt(s.period))
	units.Div(units, big.NewInt(b.period)) // rounded down, below 0 too
	if full := s.capacity.Big(); units.Cmp(full) > 0 {
		units = full
	}
	return bucket{scale: s, level: whole.OfBig(units.Sub(s.capacity.Big(), units)), now: b.now}
}
