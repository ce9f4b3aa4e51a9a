package conformance

import (
	"math/rand/v2"
	"time"
)

func checkBackwards(s *subject) error {
	now := longest / s.granule * s.granule
	for _, earlier := range []time.Duration{now - s.granule, now - s.interval, 0} {
		c := s.caller()
		c.allow(now, 1)
		if rest := s.capacity - 1; rest > 0 {
			if d := c.allow(earlier, rest); !d.Allowed || d.At < now {
				return c.violation("after a grant at %v, %d more tokens at %v came back with Allowed %v at %v; want them granted at %v",
					now, rest, earlier, d.Allowed, d.At, now)
			}
		}
		d := c.allow(earlier, 1)
		if d.Allowed {
			return c.violation("%d tokens were granted by %v, and one more at %v", s.capacity, now, earlier)
		}
		if d.At < now {
			return c.violation("after a grant at %v a request at %v was decided as at %v", now, earlier, d.At)
		}
		if !c.allow(d.At+d.RetryAfter, 1).Allowed {
			return c.violation("after a denial at %v, decided as at %v with RetryAfter %v, a retry then was denied", earlier, d.At, d.RetryAfter)
		}
	}
	return nil
}

// checkDisorder sends requests whose now is late by up to a refill.
func checkDisorder(s *subject) error {
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 2))
		c, log, seen := s.caller(), history{}, time.Duration(0)
		for _, r := range s.schedule(seed, 250) {
			now := max(0, r.now-s.upTo(rng, s.refill)*time.Duration(rng.IntN(2)))
			seen = max(seen, now)
			d := c.allow(now, r.n)
			if c.err == nil && (d.At < max(now, log.latest()) || d.At > seen) {
				return c.violation("after a grant at %v and a request at %v, one at %v was decided as at %v", log.latest(), seen, now, d.At)
			}
			if d.Allowed {
				log = append(log, grant{d.At, r.n})
			}
		}
		if c.err != nil {
			return c.err
		}
		if err := log.within(c.limiter); err != nil {
			return err
		}
	}
	return nil
}

func checkLongIdle(s *subject) error {
	const tenYears = 10 * 365 * 24 * time.Hour
	c, now := s.caller(), time.Duration(0)
	for range 3 {
		if taken := c.drain(now, s.capacity); taken != s.capacity {
			return c.violation("after ten idle years, at %v, %d tokens were granted; want %d", now, taken, s.capacity)
		}
		now += tenYears / s.granule * s.granule
	}
	return nil
}
