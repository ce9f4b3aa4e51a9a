package limiters

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/internal/units"
)

// maxHeld leaves half of a permit for the number of the grant.
const maxHeld = 1<<32 - 1

// ConcurrencyConfig describes what may be held at once.
type ConcurrencyConfig struct {
	Limit units.Count `yaml:"limit"`
}

// limit returns what is enforced, at a rate of 0: time brings nothing back.
func (c ConcurrencyConfig) limit() (Limit, error) {
	if c.Limit < 1 || c.Limit > maxHeld {
		return Limit{}, fmt.Errorf("limit is %d; want 1 to %d", c.Limit, maxHeld)
	}
	return Limit{Burst: int64(c.Limit)}, nil
}

// Concurrency limits what is held at once. What it grants is held until it is
// given back, however long that takes; nobody knows when that is, so RetryAfter
// is Unknown, as is ResetAfter while anything is held. A given-back token
// counts as free from the instant returned by Release on, and no later decision
// is about an earlier instant.
type Concurrency struct{ adjustable[held] }

var _ Releaser = (*Concurrency)(nil)

// NewConcurrency returns a limiter that holds nothing yet.
func NewConcurrency(config ConcurrencyConfig) (*Concurrency, error) {
	limit, err := config.limit()
	if err != nil {
		return nil, err
	}
	l, spent := new(Concurrency), new(atomic.Uint64)
	err = l.begin(Info{Algorithm: "concurrency", State: "slot per grant held, mutex", Limit: limit},
		kind[held]{
			under: func(limit Limit) (algorithm[held], error) { return &permits{limit.Burst, spent}, limit.holds() },
			bound: func(limit Limit, w time.Duration) int64 { return (&permits{limit: limit.Burst}).Bound(w) },
		})
	return l, err
}

// holds is what is wrong with a limit on what is held.
func (l Limit) holds() error {
	_, err := ConcurrencyConfig{units.Count(l.Burst)}.limit()
	if l.Rate != 0 || l.Period != 0 {
		err = errors.Join(err, fmt.Errorf("rate is %d/%v; want none, as time brings nothing back", l.Rate, l.Period))
	}
	return err
}

// Allow implements [Limiter]. The Permit of what is granted goes to Release.
func (l *Concurrency) Allow(_ context.Context, now time.Duration, key string, n int64) (d Decision, err error) {
	if err := checkCost(n); err != nil {
		return Decision{}, err
	}
	r, g := l.keys.hold(key, now, n)
	at, a := r.ask(g, now, n, true)
	if a.wait == 0 {
		d.Permit = g.state.latest
	}
	g.mu.Unlock()
	a.write(&d, at)
	return d, nil
}

// Release implements [Releaser].
func (l *Concurrency) Release(_ context.Context, now time.Duration, key string, n int64, permit uint64) (time.Duration, error) {
	_, g := l.keys.hold(key, now, 0)
	defer g.mu.Unlock()
	if err := g.state.giveBack(n, permit); err != nil {
		return 0, err
	}
	g.at = max(now, g.at)
	return g.at, nil
}

// permits is the algorithm. A permit has the number of its slot, from 1 on, in
// its low half and the number of the grant in the high one, so none is issued
// twice for a key before 2^32 grants.
type permits struct {
	limit int64
	// spent is at least every permit of the keys that were dropped: a key that
	// comes back goes on from there, lest an old permit fit a new grant.
	spent *atomic.Uint64
}

func (p *permits) fresh() held { return held{} }

// under leaves what is held as it is, under any limit.
func (p *permits) under(_ algorithm[held], h *held, last, _ time.Duration) time.Duration {
	if h.slots == nil {
		h.latest = max(h.latest, p.spent.Load())
	}
	return last
}

func (p *permits) idle(h *held, _, _ time.Duration) bool {
	if h.used > 0 {
		return false
	}
	for spent := p.spent.Load(); spent < h.latest && !p.spent.CompareAndSwap(spent, h.latest); {
		spent = p.spent.Load()
	}
	return true
}

func (p *permits) step(h *held, _, _ time.Duration, n int64, take bool) (a answer) {
	a.remaining = max(0, p.limit-h.used)
	switch {
	case n > p.limit:
		a.wait = Never
	case n > a.remaining:
		a.wait = Unknown
	default:
		a.remaining -= n
		if take {
			h.take(n)
		}
	}
	if h.used > 0 || a.wait == 0 {
		a.reset = Unknown
	}
	return a
}

// Bound implements [Described]: one instant can bring the limit, unless some of
// it is given back within the instant. Time itself bounds nothing.
func (p *permits) Bound(w time.Duration) int64 {
	if w == 0 {
		return p.limit
	}
	return int64(Never)
}
