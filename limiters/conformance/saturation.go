package conformance

import (
	"math/big"
	"time"
)

// checkSaturation takes whatever is there just before and just when each token
// is due, and compares with a bucket of rationals. A rate or a remainder that is
// rounded anywhere shows within the first few. (Where the bucket holds so little
// that some of it overflows within a granule, rate × time is not reached.)
func checkSaturation(s *subject) *breach {
	c, there, last := s.caller(), big.NewRat(s.limit.Burst, 1), -s.granule
	full := big.NewRat(s.limit.Burst, 1)
	for k := range int64(s.Decisions / 5) {
		due := s.due(k)
		for _, now := range []time.Duration{due - s.granule, due} {
			if now <= last || now > longest {
				continue
			}
			there.Add(there, s.flow(now-max(0, last)))
			if there.Cmp(full) > 0 {
				there.Set(full)
			}
			whole := new(big.Int).Div(there.Num(), there.Denom())
			if got := c.drain(now, s.capacity, s.most()); got != whole.Int64() {
				return c.miscounted(got, whole.Int64(), "at %v, %v after the last look, %d tokens were granted; want %v", now, now-max(0, last), got, whole)
			}
			there.Sub(there, new(big.Rat).SetInt(whole))
			last = now
		}
	}
	return c.broken()
}

// checkDepartures has a queue let go of as much as it holds, token by token, and
// compares when with the granules in which they are due. Of one that may misjudge
// time each is looked at with that in mind.
func checkDepartures(s *subject) *breach {
	c := s.caller()
	for k := range min(s.capacity, int64(s.Decisions/5)) {
		d := c.allow(0, 1)
		switch late := d.At + d.Delay - s.due(k); {
		case c.err != nil:
			return c.broken()
		case !d.Allowed:
			return c.breach("at 0 token %d of %d was denied; want it let go at %v", k+1, s.capacity, s.due(k))
		case late < -s.slack() || late > s.slack():
			return c.miscounted(0, int64(late), "token %d of %d is let go at %v; want %v, when the %d before it have left", k+1, s.capacity, d.At+d.Delay, s.due(k), k)
		}
	}
	return c.broken()
}

// checkWindowEdge asks for everything on both sides of the end of a window.
func checkWindowEdge(s *subject) *breach {
	edge, limit := s.limit.Period, s.limit.Rate
	if edge%s.granule != 0 || edge <= s.granule {
		return nil
	}
	// What a full window weighs, to a counter, one and two granules before its
	// successor ends. A whole number of tokens has to fit beside it.
	one, two := ceil(s.flow(s.granule)), ceil(s.flow(2*s.granule))
	c := s.caller()
	for _, step := range []struct {
		now                 time.Duration
		fixed, log, counter int64
	}{
		{edge - s.granule, limit, limit, limit},
		{edge, limit, 0, 0},
		{2*edge - 2*s.granule, 0, 0, limit - two},
		{2*edge - s.granule, 0, limit, two - one},
		{2 * edge, limit, 0, one},
	} {
		want := map[string]int64{
			"fixed-window": step.fixed, "sliding-window-log": step.log, "sliding-window-counter": step.counter,
		}[s.info.Algorithm]
		if got := c.drain(step.now, limit, s.most()); got != want {
			return c.miscounted(got, want, "at %v, with an edge at every %v, %d tokens were granted; want %d", step.now, edge, got, want)
		}
	}
	return c.broken()
}

// ceil rounds what is not negative up.
func ceil(r *big.Rat) int64 {
	up, rest := new(big.Int).DivMod(r.Num(), r.Denom(), new(big.Int))
	return up.Int64() + int64(rest.Sign())
}
