package conformance

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// A grant is n tokens at the instant from which they count.
type grant struct {
	at time.Duration
	n  int64
}

// grants are those of one key, in the order in which they were given.
type grants []grant

// add adds what d granted.
func (g *grants) add(d limiters.Decision, n int64) {
	if d.Allowed {
		*g = append(*g, grant{d.At + d.Delay, n})
	}
}

// within checks every window from one grant to another against a bound; no other
// window can be worse.
func (g grants) within(bound func(w time.Duration) int64) error {
	slices.SortStableFunc(g, func(a, b grant) int { return int(min(1, max(-1, a.at-b.at))) })
	for i, first := range g {
		sum := int64(0)
		for _, last := range g[i:] {
			sum += last.n
			if most := bound(last.at - first.at); sum > most {
				return fmt.Errorf("from %v to %v, which is %v, %d tokens were granted; want at most %d",
					first.at, last.at, last.at-first.at, sum, most)
			}
		}
	}
	return nil
}

// bounded is the bound of a window whose length may be misjudged.
func (s *subject) bounded(w time.Duration) int64 { return s.bound(w + s.slack()) }

// bound is what the limiter says of itself.
func (s *subject) bound(w time.Duration) int64 { return ability[limiters.Described](s.sample).Bound(w) }

// slack is by how much a limiter may misjudge the length of a window. One that is
// shown nothing between the steps that it tells apart has nothing to misjudge.
func (s *subject) slack() time.Duration {
	if s.info.Resolution > 1 && !(s.free() && s.Granularity >= s.info.Resolution) {
		return s.info.Resolution
	}
	return 0
}

func playBound(s *subject, requests []request) *breach {
	c, logs, latest := s.caller(), map[string]*grants{}, map[string]time.Duration{}
	for _, r := range requests {
		d := c.request(r)
		if d.At < 0 || !s.tellsInstant() {
			d.At = max(r.now, latest[r.key]) // as it should have, for want of its word
		}
		if d.Allowed {
			latest[r.key] = max(latest[r.key], d.At)
		}
		if logs[r.key] == nil {
			logs[r.key] = &grants{}
		}
		logs[r.key].add(d, r.n)
	}
	if c.err != nil {
		return c.broken()
	}
	for _, key := range slices.Sorted(maps.Keys(logs)) {
		if err := logs[key].within(s.bounded); err != nil {
			return c.breach("%v", err)
		}
	}
	return nil
}
