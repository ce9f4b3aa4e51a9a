package conformance

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

func checkDescription(s *subject) *breach {
	c, info := s.caller(), s.info
	if info.Algorithm == "" || info.Scope == "" || info.State == "" || info.TimeSource == "" {
		return c.breach("info is %+v; want every field filled in", info)
	}
	said, asked := append([]limiters.Limit{info.Limit}, info.Also...), append([]limiters.Limit{s.asked}, s.also...)
	changes := info.Approximate && info.Limit == (limiters.Limit{})
	if !s.holds() && !changes && !(among(said, asked) && among(asked, said)) {
		return c.breach("info says that %+v is enforced; want %+v", said, asked)
	}
	if got := s.bound(0); !info.Shaper && got != s.capacity && (got < s.capacity || !info.Approximate && model(s) == "") {
		return c.breach("Bound(0) is %d; want %d, what one instant can bring", got, s.capacity)
	}
	last := s.bound(0)
	for w := time.Duration(1); w > 0 && w < math.MaxInt64/3; w *= 3 {
		if s.bound(w) < last {
			return c.breach("Bound(%v) is %d, less than the %d of a third of it", w, s.bound(w), last)
		}
		last = s.bound(w)
	}
	return c.broken()
}

// among reports whether each of some is one of all.
func among(some, all []limiters.Limit) bool {
	return !slices.ContainsFunc(some, func(one limiters.Limit) bool {
		return !slices.ContainsFunc(all, func(other limiters.Limit) bool { return sameLimit(one, other) })
	})
}

// sameLimit compares rates, and bursts where both have one.
func sameLimit(a, b limiters.Limit) bool {
	if a == b || a.Burst == 0 && b.Burst == 0 { // the period of a window is its length
		return a == b
	}
	return a.Period > 0 && b.Period > 0 && (a.Burst == 0 || b.Burst == 0 || a.Burst == b.Burst) &&
		big.NewRat(a.Rate, int64(a.Period)).Cmp(big.NewRat(b.Rate, int64(b.Period))) == 0
}

// frozen makes requests that all come at one instant, for more than there is.
func frozen(s *subject, rng *rand.Rand) []request {
	now := s.upTo(rng, s.refill) * time.Duration(rng.IntN(2))
	var requests []request
	for asked := int64(0); asked <= s.capacity && len(requests) < 2000; {
		n := s.cost(rng, 1)
		if rest := s.capacity - asked; rest > 1000 && !s.info.Unweighted {
			n = rest - rng.Int64N(100)
		}
		requests = append(requests, request{now, "key", n})
		asked += n
	}
	return append(requests, request{now, "key", 1})
}

func playFrozen(s *subject, requests []request) *breach {
	c, left := s.caller(), s.capacity
	for _, r := range requests {
		switch d := c.request(r); {
		case c.err != nil:
			return c.broken()
		case d.Allowed && r.n > left:
			return c.miscounted(1, 0, "at %v a request of %d was granted after %d of %d tokens", r.now, r.n, s.capacity-left, s.capacity)
		case !d.Allowed && r.n <= left:
			return c.breach("at %v a request of %d was denied after %d of %d tokens", r.now, r.n, s.capacity-left, s.capacity)
		case d.Allowed:
			left -= r.n
		}
	}
	return nil
}

func playRemaining(s *subject, requests []request) *breach {
	c := s.caller()
	for i, r := range requests {
		d := c.request(r)
		switch {
		case c.err != nil:
			return c.broken()
		case d.Remaining < 0: // it does not say
		case d.Remaining > s.capacity:
			return c.breach("at %v Remaining is %d; want at most %d", r.now, d.Remaining, s.capacity)
		case c.allow(r.now, d.Remaining+1).Allowed:
			return c.breach("at %v Remaining was %d, yet %d were granted", r.now, d.Remaining, d.Remaining+1)
		case (i%3 == 0 || i == len(requests)-1) && d.Remaining > 0 && !c.allow(r.now, d.Remaining).Allowed:
			return c.breach("at %v Remaining was %d, yet as many were denied", r.now, d.Remaining)
		}
	}
	return nil
}

// playPatience answers the schedule but for its last two requests twice. Then
// one limiter is asked the first of them and the other the second, which is as
// large and comes later.
func playPatience(s *subject, requests []request) *breach {
	return s.twice(requests, 2, func(soon, late *caller, ends []request) *breach {
		n := ends[0].n
		if soon.allow(ends[0].now, n).Allowed && !late.allow(ends[1].now, n).Allowed {
			return late.breach("at %v a request of %d was denied, which %v earlier, with the same history, was granted",
				ends[1].now, n, ends[1].now-ends[0].now)
		}
		return nil
	})
}

// playSplit does the same with one request, whole and in two parts.
func playSplit(s *subject, requests []request) *breach {
	return s.twice(requests, 1, func(whole, parts *caller, ends []request) *breach {
		now, n := ends[0].now, ends[0].n
		if n < 2 || !whole.allow(now, n).Allowed {
			return nil
		}
		for _, part := range []int64{n / 2, n - n/2} {
			if !parts.allow(now, part).Allowed {
				return parts.breach("at %v a request of %d was denied as part of %d, which with the same history were granted at once", now, part, n)
			}
		}
		return nil
	})
}

// twice plays all but some last requests to two limiters and leaves these to compare.
func (s *subject) twice(requests []request, last int, compare func(a, b *caller, ends []request) *breach) *breach {
	if len(requests) < last {
		return nil
	}
	head, ends := requests[:len(requests)-last], requests[len(requests)-last:]
	a, b := s.caller(), s.caller()
	for _, r := range head {
		a.request(r)
		b.request(r)
	}
	if found := compare(a, b, ends); a.err == nil && b.err == nil {
		return found
	}
	if a.err != nil {
		return a.broken()
	}
	return b.broken()
}

func playDenial(s *subject, requests []request) *breach {
	return s.pairs(requests, func(c *caller, r request, next limiters.Decision) *breach {
		if !s.info.Unweighted && s.decidesAbove() {
			c.allow(r.now, s.capacity+1)
		}
		if next.Allowed {
			return nil
		}
		if c.allow(r.now, r.n).Allowed {
			return c.breach("at %v a request of %d was granted, and to a limiter that nobody disturbed it was not", r.now, r.n)
		}
		return nil
	})
}

func playPeek(s *subject, requests []request) *breach {
	return s.pairs(requests, func(c *caller, r request, next limiters.Decision) *breach {
		for _, n := range []int64{s.most(), s.most() + 1, 1} {
			if n == 1 || !s.info.Unweighted {
				c.peek(r.now, n)
			}
		}
		if got := c.peek(r.now, r.n); got != next {
			return c.breach("at %v a peek at %d tokens gave %q; want %q, as Allow says", r.now, r.n, words(got), words(next))
		}
		return nil
	})
}

// pairs plays requests to two limiters, one of which is disturbed before each,
// knowing what the calm one answers. Both must answer alike.
func (s *subject) pairs(requests []request, disturb func(c *caller, r request, next limiters.Decision) *breach) *breach {
	calm, disturbed := s.caller(), s.caller()
	for _, r := range requests {
		want := calm.request(r)
		if calm.err != nil {
			return calm.broken()
		}
		if b := disturb(disturbed, r, want); b != nil {
			return b
		}
		if got := disturbed.request(r); got != want {
			return disturbed.breach("at %v a request of %d came back as %q, and undisturbed as %q", r.now, r.n, words(got), words(want))
		}
	}
	return nil
}

// most is what can be asked for at once.
func (s *subject) most() int64 {
	if s.info.Unweighted {
		return 1
	}
	return s.capacity
}
