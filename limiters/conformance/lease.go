package conformance

import (
	"time"
)

// playHeldBeside has one of two limiters hold and give back what others want of
// other keys before each request, which must not show.
func playHeldBeside(s *subject, requests []request) *breach {
	calm, disturbed := &holder{caller: s.caller()}, &holder{caller: s.caller()}
	other := &holder{caller: disturbed.beside("other")}
	for i, r := range requests {
		ask := request{r.now, "other", s.capacity}
		if i%2 == 1 {
			ask.n = 0
		}
		other.play(ask)
		want, got := calm.play(r), disturbed.play(r)
		switch {
		case calm.err != nil:
			return calm.broken()
		case disturbed.err != nil:
			return disturbed.broken()
		case got.Allowed != want.Allowed || got.Remaining != want.Remaining:
			return disturbed.breach("at %v a request of %d came back as %q, and with no other key held as %q", r.now, r.n, words(got), words(want))
		}
	}
	return nil
}

// playHeldReclaim has a limiter give up what it can, soon and late, before each request.
func playHeldReclaim(s *subject, requests []request) *breach {
	h := &holder{caller: s.caller()}
	for _, r := range requests {
		h.reclaim(r.now)
		if s.info.Lease == 0 && s.free() {
			h.reclaim(r.now + 1000*time.Hour)
		}
		before := h.held
		d := h.play(r)
		switch fits := r.n <= s.capacity-before; {
		case h.err != nil:
			return h.broken()
		case r.n > 0 && d.Allowed != fits:
			return h.miscounted(before+r.n, s.capacity, "at %v, with %d of %d held and the limiter asked to give up what it can, a request of %d came back with Allowed %v",
				r.now, before, s.capacity, r.n, d.Allowed)
		}
	}
	return nil
}

// checkLease holds everything, asks for more until the leases end, and then for
// all of it, and for one more. Grants are spread over the first half of a lease, and end
// one by one.
func checkLease(s *subject) *breach {
	lease, c := s.whole(s.info.Lease), s.caller()
	first := min(s.most(), max(1, s.capacity/2))
	rest := s.capacity - first
	c.allow(0, first)
	if rest > 0 {
		c.take(s.whole(lease/2), rest, s.most())
	}
	for _, early := range []time.Duration{lease / 2, lease * 3 / 4, lease - s.granule} {
		if c.allow(s.whole(early), 1).Allowed {
			return c.miscounted(1, 0, "at %v one more was granted beside the %d that leases of %v held", s.whole(early), s.capacity, lease)
		}
	}
	if c.err == nil && !c.allow(lease+s.slack(), first).Allowed {
		return c.breach("at %v the %d of a lease of %v that began at 0 were not to be had", lease+s.slack(), first, lease)
	}
	if c.allow(lease+s.slack(), 1).Allowed {
		return c.miscounted(1, 0, "at %v the %d of a lease that had ended were held again, and one more was granted beside the %d held then",
			lease+s.slack(), first, s.capacity)
	}
	return c.broken()
}
