package conformance

import (
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// playRetry follows every wait to its end.
func playRetry(s *subject, requests []request) *breach {
	return s.waits(requests, func(c *caller, r request, wait time.Duration) *breach {
		if !c.allow(r.now+wait+s.slack(), r.n).Allowed {
			return c.breach("at %v %d tokens were denied with RetryAfter %v, yet denied then", r.now, r.n, wait)
		}
		return nil
	})
}

// playEarly asks again a granule before the end of every wait.
func playEarly(s *subject, requests []request) *breach {
	return s.waits(requests, func(c *caller, r request, wait time.Duration) *breach {
		if early := wait - s.granule - s.slack(); early >= 0 && c.allow(r.now+early, r.n).Allowed {
			return c.breach("at %v %d tokens were denied with RetryAfter %v, yet granted after %v", r.now, r.n, wait, early)
		}
		return nil
	})
}

// waits plays requests, each as much later as the waits before it took, and the
// steps by which they may have been misjudged: in whole granules, so that time
// never goes back.
func (s *subject) waits(requests []request, follow func(c *caller, r request, wait time.Duration) *breach) *breach {
	c, shift := s.caller(), time.Duration(0)
	for _, r := range requests {
		r.now += shift
		d := c.request(r)
		wait := d.RetryAfter
		switch {
		case c.err != nil:
			return c.broken()
		case d.Allowed && wait != 0 && wait != limiters.Unknown:
			return c.breach("at %v %d tokens were granted with RetryAfter %v; want 0", r.now, r.n, wait)
		case d.Allowed || wait == limiters.Unknown:
			continue
		case wait <= 0 || wait == limiters.Never:
			return c.breach("at %v %d tokens out of %d were denied with RetryAfter %s; want a time to wait", r.now, r.n, s.capacity, told(wait))
		}
		r.now = s.counted(r.now, d)
		if b := follow(c, r, wait); b != nil {
			return b
		}
		shift += s.upwards(wait + s.slack())
	}
	return c.broken()
}

// counted is the instant from which the waits of d count: that of the decision,
// which was asked for at now.
func (s *subject) counted(now time.Duration, d limiters.Decision) time.Duration {
	if !s.tellsInstant() || s.moved() {
		return now
	}
	return max(now, d.At)
}

// upwards rounds d up to whole granules.
func (s *subject) upwards(d time.Duration) time.Duration { return s.whole(d + s.granule - 1) }

// playReset asks for the whole capacity where the limiter says it is not
// there, and after every eighth request waits until it is. Every other of those
// comes when all is spent, so that what is said beside a denial is looked at too.
func playReset(s *subject, requests []request) *breach {
	c, shift, early := s.caller(), time.Duration(0), s.granule+s.slack()
	for i, r := range requests {
		now := r.now + shift
		if i%16 == 8 {
			c.drain(now, s.capacity, s.capacity)
		}
		d := c.allow(now, r.n)
		wait := d.ResetAfter
		now = s.counted(now, d)
		switch {
		case c.err != nil:
			return c.broken()
		case wait == limiters.Unknown:
			continue
		case wait < 0:
			return c.breach("at %v ResetAfter is %v; want 0 or more", now, wait)
		case wait >= early && c.allow(now+wait-early, s.capacity).Allowed:
			return c.breach("at %v ResetAfter was %v, yet the limiter was as good as new after %v", now, wait, wait-early)
		}
		shift += s.upwards(max(0, wait-early))
		if i%8 != 0 && i+1 < len(requests) && wait > 0 {
			continue
		}
		wait += s.slack()
		if !c.allow(now+wait, s.capacity).Allowed {
			return c.breach("at %v ResetAfter was %v, yet the burst of %d was denied then", now, wait, s.capacity)
		}
		shift = max(shift, s.upwards(now+wait-r.now))
	}
	return c.broken()
}
