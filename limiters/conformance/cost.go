package conformance

import (
	"math"

	"github.com/fcbench/fcbench/limiters"
)

func checkCost(s *subject) *breach {
	for _, n := range []int64{0, -1, math.MinInt64} {
		c := s.caller()
		if c.allow(0, n); c.err == nil {
			return c.breach("a request of %d was decided on; want an error", n)
		}
	}
	c := s.caller()
	for _, n := range s.above() {
		if b := s.tooDear(c, n); b != nil {
			return b
		}
	}
	if !s.info.Approximate && !c.allow(0, s.capacity).Allowed {
		return c.breach("after a request that was never to be granted the burst of %d was not there", s.capacity)
	}
	return c.broken()
}

// above are costs above the capacity, among them those that are small, or nothing,
// to who keeps only so many bits of them.
func (s *subject) above() (costs []int64) {
	for _, n := range []int64{
		s.capacity + 1, 2*s.capacity + 1,
		1 << 8, 1<<8 + 1, 1 << 16, 1<<16 + 1, 1<<31 + 1, 1 << 32, 1<<32 + 1, 1<<53 + 1, math.MaxInt64,
	} {
		if n > s.capacity {
			costs = append(costs, n)
		}
	}
	return costs
}

// tooDear asks for a cost above the capacity.
func (s *subject) tooDear(c *caller, n int64) *breach {
	d := c.allow(0, n)
	if !d.Allowed && (d.RetryAfter == limiters.Never || d.RetryAfter == limiters.Unknown) {
		return c.broken()
	}
	b := c.breach("a request of %d tokens, when at most %d are ever there, came back with Allowed %v and RetryAfter %s; want denied and never",
		n, s.capacity, d.Allowed, told(d.RetryAfter))
	if b.severity = Low; d.Allowed {
		b.severity = High
	}
	return b
}

// decidesAbove reports whether a cost above the capacity is denied like any other,
// by a limiter that does not say that it cannot decide that.
func (s *subject) decidesAbove() bool {
	if s.dear == nil {
		c := s.caller()
		c.allow(0, s.capacity+1)
		decides := !unsupported(c.err)
		s.dear = &decides
	}
	return *s.dear
}
