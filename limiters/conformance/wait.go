package conformance

import (
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// checkRetryAfter follows every wait in 10^4 states to its end.
func checkRetryAfter(s *subject) error {
	return s.states(10_000, func(c *caller, r request) (time.Duration, error) {
		d := c.allow(r.now, r.n)
		wait := d.RetryAfter
		switch {
		case d.Allowed && wait != 0:
			return 0, c.violation("at %v %d tokens were granted with RetryAfter %v; want 0", r.now, r.n, wait)
		case d.Allowed || wait == limiters.Unknown:
			return 0, nil
		case wait <= 0 || wait == limiters.Never:
			return 0, c.violation("at %v %d tokens out of %d were denied with RetryAfter %d; want a time to wait",
				r.now, r.n, s.capacity, wait)
		}
		if early := wait - s.granule; c.allow(r.now+early, r.n).Allowed {
			return 0, c.violation("at %v %d tokens were denied with RetryAfter %v, yet granted after %v", r.now, r.n, wait, early)
		}
		if !c.allow(r.now+wait, r.n).Allowed {
			return 0, c.violation("at %v %d tokens were denied with RetryAfter %v, yet denied then", r.now, r.n, wait)
		}
		return wait, nil
	})
}

// checkResetAfter asks for the whole capacity where the limiter says it is not
// there, and in every eighth state waits until it is.
func checkResetAfter(s *subject) error {
	visits := 0
	return s.states(2_000, func(c *caller, r request) (time.Duration, error) {
		wait := c.allow(r.now, r.n).ResetAfter
		visits++
		switch {
		case wait == limiters.Unknown:
			return 0, nil
		case wait < 0:
			return 0, c.violation("at %v ResetAfter is %v; want 0 or more", r.now, wait)
		case wait > 0 && c.allow(r.now+wait-s.granule, s.capacity).Allowed:
			return 0, c.violation("at %v ResetAfter was %v, yet the limiter was as good as new after %v", r.now, wait, wait-s.granule)
		}
		later := max(0, wait-s.granule)
		if visits%8 > 0 && wait > 0 {
			return later, nil
		}
		if !c.allow(r.now+wait, s.capacity).Allowed {
			return 0, c.violation("at %v ResetAfter was %v, yet the burst of %d was denied then", r.now, wait, s.capacity)
		}
		return wait, nil
	})
}
