package conformance

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

func checkBackwards(s *subject) *breach {
	now := longest / s.granule * s.granule
	for _, earlier := range []time.Duration{now - s.granule, now - s.interval, 0} {
		c := s.caller()
		c.allow(now, 1)
		if rest := s.capacity - 1; rest > 0 {
			if got := c.drain(earlier, rest, min(rest, s.most())); got != rest {
				return c.miscounted(got, rest, "after a grant at %v, %d more tokens out of %d were granted at %v; want all", now, got, rest, earlier)
			}
		}
		d := c.allow(earlier, 1)
		if d.Allowed {
			return c.miscounted(1, 0, "%d tokens were granted by %v, and one more at %v", s.capacity, now, earlier)
		}
		switch {
		case !s.tellsInstant():
			d.At = now // as it should have, for want of its word
		case d.At >= 0 && d.At < now:
			return c.breach("after a grant at %v a request at %v was decided as at %v", now, earlier, d.At)
		}
		if d.At >= 0 && d.RetryAfter >= 0 && d.RetryAfter != limiters.Never && !c.allow(d.At+d.RetryAfter+s.slack(), 1).Allowed {
			return c.breach("after a denial at %v, decided as at %v with RetryAfter %v, a retry then was denied", earlier, d.At, d.RetryAfter)
		}
		if c.err != nil {
			return c.broken()
		}
	}
	return nil
}

// playOrder sends requests some of which are late.
func playOrder(s *subject, requests []request) *breach {
	c, latest, seen := s.caller(), time.Duration(0), time.Duration(0)
	for _, r := range requests {
		seen = max(seen, r.now)
		d := c.request(r)
		if c.err != nil {
			return c.broken()
		}
		if d.At < max(r.now, latest) || d.At > seen {
			return c.breach("after a grant at %v and a request at %v, one at %v was decided as at %v", latest, seen, r.now, d.At)
		}
		if d.Allowed {
			latest = d.At
		}
	}
	return nil
}

// pause is a long one. On a clock that has to be moved there, past whatever wakes
// up in the meantime, it is not as long.
func (s *subject) pause() time.Duration {
	if s.moved() {
		return s.whole(min(1000*s.refill, 24*time.Hour) + 2*s.refill)
	}
	return s.whole(10 * 365 * 24 * time.Hour)
}

func checkLongIdle(s *subject) *breach {
	c, now, pause := s.caller(), time.Duration(0), s.pause()
	for range 3 {
		if taken := c.drain(now, s.capacity, s.most()); taken != s.capacity {
			return c.miscounted(taken, s.capacity, "after a pause of %v, at %v, %d tokens were granted; want %d", pause, now, taken, s.capacity)
		}
		now += pause
	}
	return c.broken()
}

// checkExtremes shows instants and costs at the ends of their range. An error
// will do, and so will a denial; what is granted must not be more than there is.
func checkExtremes(s *subject) *breach {
	for _, now := range []time.Duration{math.MinInt64, -1, math.MaxInt64 / 2, math.MaxInt64 - 1, math.MaxInt64} {
		c, done := s.alone(context.Background())
		defer done()
		taken := int64(0)
		for _, n := range []int64{s.most(), 1, s.most(), 1} {
			d := c.allow(now, n)
			if errors.Is(c.err, errPanic) {
				return c.broken()
			}
			if d.Allowed {
				taken += n
			}
			if most := max(s.capacity, s.bound(0)); taken > most {
				return c.breach("at %d ns %d tokens were granted; want at most %d", now, taken, most)
			}
		}
	}
	return nil
}
