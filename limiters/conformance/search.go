package conformance

import (
	"context"
	"hash/fnv"
	"math/rand/v2"
)

// A property holds for every schedule that make makes, or breaks on one. What
// play does with a schedule depends on nothing else, so that it can be played
// again with less in it.
type property struct {
	make func(s *subject, rng *rand.Rand) []request
	play func(s *subject, requests []request) *breach
	asks int // about how often a request makes play ask
}

// search plays random schedules until one breaks the property, and then looks
// for the smallest that does. Schedules with a request that the limiter says it
// cannot decide show nothing, and if there are no others nor does the search.
func (p property) search(name string) func(context.Context, *subject) *breach {
	return func(ctx context.Context, s *subject) *breach {
		seed := s.seed ^ hash(name)
		var undecided *breach
		decided := false
		for round, asked := uint64(0), 0; asked < s.Decisions && ctx.Err() == nil; round++ {
			requests := p.make(s, rand.New(rand.NewPCG(seed, round)))
			asked += max(1, p.asks) * len(requests)
			switch b := p.play(s, requests); {
			case b == nil:
				decided = true
			case b.undecided != "":
				undecided = b
			default:
				return s.shrink(ctx, requests, b, p.play)
			}
			s.recycle(ctx)
		}
		if decided {
			return nil
		}
		return undecided
	}
}

func hash(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return h.Sum64()
}
