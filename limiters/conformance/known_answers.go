package conformance

import (
	"math/big"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// checkSaturation takes whatever is there just before and just when each token
// is due, and compares with a bucket of rationals. A rate or a remainder that is
// rounded anywhere shows within the first few. (Where the bucket holds so little
// that some of it overflows within a granule, rate × time is not reached.)
func checkSaturation(s *subject) error {
	c, there, last := s.caller(), big.NewRat(s.limit.Burst, 1), -s.granule
	take := func(now time.Duration) error {
		there.Add(there, s.flow(now-max(0, last)))
		if full := big.NewRat(s.limit.Burst, 1); there.Cmp(full) > 0 {
			there = full
		}
		whole := new(big.Int).Div(there.Num(), there.Denom())
		if got := c.drain(now, s.capacity); got != whole.Int64() {
			return c.violation("at %v, %v after the last look, %d tokens were granted; want %v", now, now-max(0, last), got, whole)
		}
		there.Sub(there, new(big.Rat).SetInt(whole))
		last = now
		return nil
	}
	for k := range int64(2_000) {
		due := s.due(k)
		for _, now := range []time.Duration{due - s.granule, due} {
			if now <= last || now > longest {
				continue
			}
			if err := take(now); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkWindowEdge asks for everything on both sides of the end of a window.
func checkWindowEdge(s *subject) error {
	c := s.caller()
	edge, limit := s.limit.Period, s.limit.Rate
	if edge%s.granule != 0 || edge <= s.granule {
		return nil
	}
	algorithm := c.limiter.(limiters.Described).Info().Algorithm
	steps := []struct {
		now  time.Duration
		want map[string]int64
	}{
		{edge - s.granule, map[string]int64{"fixed-window": limit, "sliding-window-log": limit}},
		{edge, map[string]int64{"fixed-window": limit}},
		{2*edge - 2*s.granule, map[string]int64{}},
		{2*edge - s.granule, map[string]int64{"sliding-window-log": limit}},
		{2 * edge, map[string]int64{"fixed-window": limit}},
	}
	for _, step := range steps {
		if got := c.drain(step.now, limit); got != step.want[algorithm] {
			return c.violation("at %v, with an edge at every %v, %d tokens were granted; want %d", step.now, edge, got, step.want[algorithm])
		}
	}
	return nil
}
