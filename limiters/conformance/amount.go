package conformance

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

func checkDescription(s *subject) error {
	l, ok := s.fresh().(limiters.Described)
	if !ok {
		return errors.New("the limiter does not implement limiters.Described")
	}
	info := l.Info()
	if info.Algorithm == "" || info.Scope == "" || info.State == "" || info.TimeSource == "" {
		return fmt.Errorf("info is %+v; want every field filled in", info)
	}
	if !sameLimit(info.Limit, s.limit) {
		return fmt.Errorf("info says that %+v is enforced; want %+v", info.Limit, s.limit)
	}
	if got := l.Bound(0); got != s.capacity {
		return fmt.Errorf("Bound(0) is %d; want %d, what one instant can bring", got, s.capacity)
	}
	last := l.Bound(0)
	for w := time.Duration(1); w > 0 && w < math.MaxInt64/3; w *= 3 {
		if l.Bound(w) < last {
			return fmt.Errorf("Bound(%v) is %d, less than the %d of a third of it", w, l.Bound(w), last)
		}
		last = l.Bound(w)
	}
	return nil
}

// sameLimit compares windows as they are, and buckets in lowest terms.
func sameLimit(a, b limiters.Limit) bool {
	if b.Burst == 0 {
		return a == b
	}
	return a.Period > 0 && a.Burst == b.Burst &&
		big.NewRat(a.Rate, int64(a.Period)).Cmp(big.NewRat(b.Rate, int64(b.Period))) == 0
}

func checkFrozenClock(s *subject) error {
	for _, now := range []time.Duration{0, s.granule, 12345 * s.granule} {
		c := s.caller()
		for i := range min(s.capacity, 1000) {
			if !c.allow(now, 1).Allowed {
				return c.violation("at %v only %d tokens out of %d were granted", now, i, s.capacity)
			}
		}
		rest := max(0, s.capacity-1000)
		if rest > 0 && !c.allow(now, rest).Allowed {
			return c.violation("at %v the last %d tokens out of %d were denied", now, rest, s.capacity)
		}
		for range 3 {
			d := c.allow(now, 1)
			if d.Allowed {
				return c.violation("at %v token %d was granted", now, s.capacity+1)
			}
			if d.RetryAfter == 0 || d.RetryAfter == limiters.Never {
				return c.violation("at %v token %d was denied with RetryAfter %d; want a time to wait", now, s.capacity+1, d.RetryAfter)
			}
		}
	}
	return nil
}

func checkCost(s *subject) error {
	for _, n := range []int64{0, -1, math.MinInt64} {
		c := s.caller()
		if c.allow(0, n); c.err == nil {
			return fmt.Errorf("a request of %d was decided on; want an error", n)
		}
	}
	c := s.caller()
	for _, n := range []int64{s.capacity + 1, 2*s.capacity + 1, math.MaxInt64} {
		d := c.allow(0, n)
		if d.Allowed || d.RetryAfter != limiters.Never {
			return c.violation("a request of %d tokens, when at most %d are ever there, came back with Allowed %v and RetryAfter %d; want denied and Never",
				n, s.capacity, d.Allowed, d.RetryAfter)
		}
	}
	if !c.allow(0, s.capacity).Allowed {
		return c.violation("after a request that was never to be granted the burst of %d was not there", s.capacity)
	}
	return c.err
}

func checkRemaining(s *subject) error {
	return s.states(2_000, func(c *caller, r request) (time.Duration, error) {
		d := c.allow(r.now, r.n)
		if d.Remaining == -1 {
			return 0, nil
		}
		if d.Remaining < 0 || d.Remaining > s.capacity {
			return 0, c.violation("at %v Remaining is %d; want 0 to %d", r.now, d.Remaining, s.capacity)
		}
		if c.allow(r.now, d.Remaining+1).Allowed {
			return 0, c.violation("at %v Remaining was %d, yet %d were granted", r.now, d.Remaining, d.Remaining+1)
		}
		if r.now%(3*s.granule) == 0 && d.Remaining > 0 && !c.allow(r.now, d.Remaining).Allowed {
			return 0, c.violation("at %v Remaining was %d, yet as many were denied", r.now, d.Remaining)
		}
		return 0, nil
	})
}

func checkDenial(s *subject) error {
	return s.pairs(func(c *caller, r request, _ limiters.Decision) error {
		remaining := c.allow(r.now, s.capacity+1).Remaining
		if remaining >= 0 && c.allow(r.now, remaining+1).Allowed {
			return c.violation("at %v Remaining was %d, yet %d were granted", r.now, remaining, remaining+1)
		}
		return nil
	})
}

func checkPeek(s *subject) error {
	if _, ok := s.fresh().(limiters.Peeker); !ok {
		return nil
	}
	return s.pairs(func(c *caller, r request, next limiters.Decision) error {
		for _, n := range []int64{s.capacity, s.capacity + 1, 1} {
			c.peek(r.now, n)
		}
		if got := c.peek(r.now, r.n); got != next {
			return c.violation("at %v a peek at %d tokens gave %+v; want %+v, as Allow says", r.now, r.n, got, next)
		}
		return nil
	})
}

// pairs runs schedules past two limiters, one of which is disturbed before each
// request, knowing what the calm one will answer. Both must answer alike.
func (s *subject) pairs(disturb func(c *caller, r request, next limiters.Decision) error) error {
	for seed := range uint64(4) {
		calm, disturbed := s.caller(), s.caller()
		for _, r := range s.schedule(seed, 250) {
			want := calm.allow(r.now, r.n)
			if calm.err != nil {
				return calm.err
			}
			if err := disturb(disturbed, r, want); err != nil {
				return err
			}
			if got := disturbed.allow(r.now, r.n); got != want {
				return disturbed.violation("at %v a request of %d came back as %+v, and undisturbed as %+v", r.now, r.n, got, want)
			}
		}
	}
	return nil
}
