package conformance

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// shared is one limiter that serves many schedules, each on keys of its own. It need
// not believe that time goes back because the next schedule begins: each begins when
// those before it are over.
type shared struct {
	limiter limiters.Limiter
	latest  atomic.Int64 // instant that it was shown
	callers int          // so far, to give each keys of its own
	failed  atomic.Bool  // an answer was an error: perhaps it is no more
}

// fail is told of such an answer.
func (h *shared) fail() {
	if h != nil {
		h.failed.Store(true)
	}
}

// at shows an instant.
func (h *shared) at(now time.Duration) time.Duration {
	for latest := h.latest.Load(); int64(now) > latest && !h.latest.CompareAndSwap(latest, int64(now)); {
		latest = h.latest.Load()
	}
	return now
}

// spent is when a shared limiter has been shown so much time that there may be too
// little left for another schedule.
const spent = 40 * 365 * 24 * time.Hour

// sharing returns a caller of the shared limiter, with keys and a time of its own. One
// that failed an earlier schedule is made anew: whatever rule that broke, it breaks no other.
func (s *subject) sharing() *caller {
	var err error
	if s.shared.failed.Load() || s.free() && s.shared.latest.Load() > int64(spent) {
		err = s.renew()
	}
	h := s.shared
	h.callers++
	c := &caller{limiter: h.limiter, key: "key", prefix: fmt.Sprintf("%d/", h.callers), shown: h, err: err}
	if c.goBy(s); s.free() && h.callers > 1 {
		c.origin = s.next(time.Duration(h.latest.Load()))
	}
	return c
}

// renew puts a fresh limiter in the place of the shared one, which goes once the rule
// that may still ask it is done.
func (s *subject) renew() error {
	l, err := s.make(s.asked)
	if err != nil {
		return err
	}
	s.adopt(s.shared.limiter)
	s.shared = &shared{limiter: l}
	return nil
}

// next is an instant after latest at which windows begin, as they do at 0.
func (s *subject) next(latest time.Duration) time.Duration {
	unit := s.granule
	if s.window() && !s.holds() {
		unit = s.granule / gcd(s.granule, s.limit.Period) * s.limit.Period
	}
	return (latest/unit + 1) * unit
}

func gcd(a, b time.Duration) time.Duration {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// alone is a caller of a limiter that nobody else asks.
func (s *subject) alone(ctx context.Context) (c *caller, done func()) {
	l, err := s.make(s.asked)
	c = &caller{limiter: l, key: "key", err: err}
	c.goBy(s)
	return c, func() {
		if closer, ok := limiters.As[limiters.Closer](l); ok && err == nil {
			_ = closer.Close(context.WithoutCancel(ctx)) // what it decided is known
		}
	}
}
