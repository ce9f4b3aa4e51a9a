package conformance

import (
	"fmt"
	"slices"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// A grant is n tokens at the instant that the limiter says it used.
type grant struct {
	at time.Duration
	n  int64
}

// history is the grants of one key.
type history []grant

func (h history) latest() time.Duration {
	latest := time.Duration(0)
	for _, g := range h {
		latest = max(latest, g.at)
	}
	return latest
}

// within checks every window from one grant to another against the bound of
// the limiter; no other window can be worse.
func (h history) within(l limiters.Limiter) error {
	bound := l.(limiters.Described).Bound
	slices.SortStableFunc(h, func(a, b grant) int { return int(min(1, max(-1, a.at-b.at))) })
	for i, first := range h {
		sum := int64(0)
		for _, last := range h[i:] {
			sum += last.n
			if most := bound(last.at - first.at); sum > most {
				return fmt.Errorf("from %v to %v, which is %v, %d tokens were granted; want at most %d",
					first.at, last.at, last.at-first.at, sum, most)
			}
		}
	}
	return nil
}

func checkBound(s *subject) error {
	for seed := range uint64(16) {
		c, log := s.caller(), history{}
		for _, r := range s.schedule(seed, 500) {
			if d := c.allow(r.now, r.n); d.Allowed {
				log = append(log, grant{d.At, r.n})
			}
		}
		if c.err != nil {
			return c.err
		}
		if err := log.within(c.limiter); err != nil {
			return err
		}
	}
	return nil
}
