package conformance

import (
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// reserveRules are for limiters that sell what is not there yet.
func reserveRules() []rule {
	all := []rule{
		{name: "reserve-bound", category: Properties, severity: High, law: "what is reserved counts from when it may be used: no window holds more of it, and of what was granted, than the Bound of that length", after: []string{"bound"}, check: property{orderly, playReserved, 1}.search("reserve-bound")},
		{name: "reserve-cost", category: Properties, severity: High, law: "a reservation below 1 is an error; one above the burst is denied, never to be granted, and takes nothing", about: needs(weighted, finite), check: direct(checkReserveCost)},
		{name: "reserve-wait", category: Promises, severity: Low, law: "a reservation waits as long as a request would have to, to be granted, and not a granule longer", about: needs(exact), after: []string{"retry-after", "retry-tight"}, check: property{short, playReserveWait, 4}.search("reserve-wait")},
	}
	for i := range all {
		all[i].about, all[i].means = append(needs(rated, reserves), all[i].about...), needs(timed)
	}
	return all
}

func reserves(s *subject) string {
	return unless(has[limiters.Reserver](s), "it sells only what is there")
}

func (c *caller) reserve(r request) limiters.Decision {
	return c.ask("reserve", ability[limiters.Reserver](c.limiter).Reserve, r.now, r.key, r.n)
}

// playReserved reserves every other request, and has the others granted if they can
// be. As long as the latest reservation is a refill away it makes no further one.
func playReserved(s *subject, requests []request) *breach {
	c, log, sold := s.caller(), grants{}, time.Duration(0)
	for i, r := range requests {
		ask := c.request
		if i%2 == 0 && sold-r.now < s.refill {
			ask = c.reserve
		}
		d := ask(r)
		if !s.tellsInstant() {
			d.At = r.now
		}
		sold = max(sold, d.At+d.Delay)
		log.add(d, r.n)
	}
	if c.err != nil {
		return c.broken()
	}
	// Both ends of a window may be misjudged: each is an instant still to come.
	if err := log.within(func(w time.Duration) int64 { return s.bounded(w + s.slack()) }); err != nil {
		return c.breach("%v", err)
	}
	return nil
}

// checkReserveCost reserves nothing, and then more than is ever there.
func checkReserveCost(s *subject) *breach {
	c := s.caller()
	if c.reserve(request{0, c.key, 0}); c.err == nil {
		return c.breach("a reservation of 0 was decided on; want an error")
	}
	c = s.caller()
	for _, n := range s.above() {
		d := c.reserve(request{0, c.key, n})
		if d.Allowed || d.RetryAfter != limiters.Never && d.RetryAfter != limiters.Unknown {
			return c.breach("a reservation of %d tokens, when at most %d are ever there, came back with Allowed %v, Delay %v and RetryAfter %s; want denied and never",
				n, s.capacity, d.Allowed, d.Delay, told(d.RetryAfter))
		}
	}
	if !s.info.Approximate && c.err == nil && !c.allow(0, s.capacity).Allowed {
		return c.breach("after a reservation that was never to be had the burst of %d was not there", s.capacity)
	}
	return c.broken()
}

// playReserveWait has requests granted or not, and reserves the last. Another limiter,
// asked for the same, is asked for that too when the wait is over, and a third one
// just before.
func playReserveWait(s *subject, requests []request) *breach {
	if len(requests) == 0 {
		return nil
	}
	before, last := requests[:len(requests)-1], requests[len(requests)-1]
	c := s.caller()
	for _, r := range before {
		c.request(r)
	}
	d := c.reserve(last)
	if c.err != nil || !d.Allowed || d.Delay < 0 {
		return c.broken()
	}
	ask := func(wait request) (*caller, bool) {
		other := s.caller()
		for _, r := range before {
			other.request(r)
		}
		return other, other.request(wait).Allowed
	}
	over := request{last.now + s.upwards(d.Delay+s.slack()), last.key, last.n}
	if other, granted := ask(over); !granted {
		return other.breach("at %v a reservation of %d was to wait for %v; without it, a request was denied at %v", last.now, last.n, d.Delay, over.now)
	}
	early := request{last.now + s.whole(d.Delay-s.granule-s.slack()), last.key, last.n}
	if early.now < last.now {
		return nil
	}
	if other, granted := ask(early); granted {
		return other.breach("at %v a reservation of %d was to wait for %v; without it, a request was granted at %v", last.now, last.n, d.Delay, early.now)
	}
	return nil
}
