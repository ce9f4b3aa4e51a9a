package conformance

import (
	"math/big"
	"math/rand/v2"
	"time"
)

// A request is one step of a schedule.
type request struct {
	now time.Duration
	key string
	n   int64
}

// due returns the first granule at which tokens have flowed in. Beyond longest
// it is not exact.
func (s *subject) due(tokens int64) time.Duration {
	units := new(big.Int).Mul(big.NewInt(tokens), big.NewInt(int64(s.limit.Period)))
	granule := new(big.Int).Mul(big.NewInt(s.limit.Rate), big.NewInt(int64(s.granule)))
	granules, rest := units.DivMod(units, granule, new(big.Int))
	if rest.Sign() > 0 {
		granules.Add(granules, big.NewInt(1))
	}
	if beyond := int64(longest/s.granule) + 1; !granules.IsInt64() || granules.Int64() > beyond {
		return s.granule * time.Duration(beyond)
	}
	return s.granule * time.Duration(granules.Int64())
}

// flow returns the tokens that flow in while elapsed passes.
func (s *subject) flow(elapsed time.Duration) *big.Rat {
	rate := big.NewRat(s.limit.Rate, int64(s.limit.Period))
	return rate.Mul(rate, big.NewRat(int64(elapsed), 1))
}

// schedule returns steps random requests in the order of time: in bunches, at
// distances of a few granules, about an interval and about a refill apart, about
// the ends of windows, and about the instants at which tokens are due to whoever
// has spent everything since the first request.
func (s *subject) schedule(rng *rand.Rand, steps int) []request {
	now := s.upTo(rng, s.refill) * time.Duration(rng.IntN(2))
	heavy, poll, first := rng.IntN(4), s.poll(rng), now
	requests := s.opening(rng, now, steps)
	for len(requests) < steps {
		now += s.gap(rng, now-first, now, poll)
		requests = append(requests, request{now, "key", s.cost(rng, heavy)})
	}
	return requests
}

// opening is empty, or spends everything at once where that takes few requests.
func (s *subject) opening(rng *rand.Rand, now time.Duration, steps int) (requests []request) {
	spends := (s.capacity + s.most() - 1) / s.most()
	if rng.IntN(2) == 0 || spends > int64(steps)/2 {
		return nil
	}
	for range spends {
		requests = append(requests, request{now, "key", s.most()})
	}
	return requests
}

// poll is a steady distance, a little shorter than an interval, that some
// schedules keep for a while: to forget a remainder then costs the most.
func (s *subject) poll(rng *rand.Rand) time.Duration {
	return s.whole(s.interval * time.Duration(1+rng.IntN(99)) / 100)
}

func (s *subject) gap(rng *rand.Rand, since, now, poll time.Duration) time.Duration {
	switch rng.IntN(12) {
	case 0, 1, 2:
		return 0
	case 3:
		return s.granule
	case 4:
		return s.upTo(rng, 10*s.granule)
	case 5:
		return s.interval
	case 6:
		return s.upTo(rng, 2*s.interval)
	case 7:
		return s.upTo(rng, s.refill)
	case 8:
		return s.upTo(rng, s.refill/8)
	case 9:
		return s.near(rng, s.nextDue(since)-since)
	case 10:
		period := s.whole(max(s.granule, min(s.limit.Period, longest)))
		return s.near(rng, period-now%period)
	default:
		return poll
	}
}

// near is d, or a granule more or less.
func (s *subject) near(rng *rand.Rand, d time.Duration) time.Duration {
	return max(0, d+s.granule*time.Duration(rng.IntN(3)-1))
}

// nextDue is the first instant after since at which another token has flowed in.
func (s *subject) nextDue(since time.Duration) time.Duration {
	flow := s.flow(min(since, longest))
	due := s.due(new(big.Int).Div(flow.Num(), flow.Denom()).Int64() + 1)
	return max(due, since)
}

// whole rounds d down to whole granules.
func (s *subject) whole(d time.Duration) time.Duration { return d / s.granule * s.granule }

// cost is 1 in a schedule that is not heavy, and sometimes anything that can be
// granted in others.
func (s *subject) cost(rng *rand.Rand, heavy int) int64 {
	if s.info.Unweighted || heavy == 0 || rng.IntN(4) >= heavy {
		return 1
	}
	return 1 + rng.Int64N(s.capacity)
}

// upTo returns a whole number of granules of at most limit.
func (s *subject) upTo(rng *rand.Rand, limit time.Duration) time.Duration {
	return s.granule * time.Duration(rng.Int64N(int64(limit/s.granule)+1))
}
