package conformance

import (
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// playReclaim has one of two limiters give up what it can before each request,
// which must not show.
func playReclaim(s *subject, requests []request) *breach {
	return s.pairs(requests, func(c *caller, r request, _ limiters.Decision) *breach {
		c.reclaim(r.now)
		return nil
	})
}

// playReclaimAll has a limiter give up what it can when nothing is left to remember.
func playReclaimAll(s *subject, requests []request) *breach {
	c, last := s.caller(), time.Duration(0)
	for _, r := range requests {
		c.request(r)
		last = r.now
	}
	c.reclaim(last + 20*max(s.refill, s.limit.Period))
	if left := ability[limiters.Reclaimer](c.limiter).Keys(); left > 0 {
		return c.breach("%d keys were kept when all of them were as good as new", left)
	}
	return c.broken()
}

func (c *caller) reclaim(now time.Duration) {
	now = c.await(now)
	c.note(Step{Call: "reclaim", Now: now, Returned: now, At: now})
	ability[limiters.Reclaimer](c.limiter).Reclaim(now)
}
