package conformance

import (
	"math/big"
	"math/rand/v2"
	"time"
)

// A request is one step of a schedule.
type request struct {
	now time.Duration
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
// distances of a few granules, about an interval and about a refill apart.
func (s *subject) schedule(seed uint64, steps int) []request {
	rng := rand.New(rand.NewPCG(seed, 1))
	requests := make([]request, steps)
	now := s.upTo(rng, s.refill)
	for i := range requests {
		now += s.gap(rng)
		requests[i] = request{now, s.cost(rng)}
	}
	return requests
}

func (s *subject) gap(rng *rand.Rand) time.Duration {
	switch rng.IntN(9) {
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
	default:
		return s.upTo(rng, s.refill/8)
	}
}

// cost is mostly 1, sometimes anything that can be granted.
func (s *subject) cost(rng *rand.Rand) int64 {
	if rng.IntN(4) > 0 {
		return 1
	}
	return 1 + rng.Int64N(s.capacity)
}

// upTo returns a whole number of granules of at most limit.
func (s *subject) upTo(rng *rand.Rand, limit time.Duration) time.Duration {
	return s.granule * time.Duration(rng.Int64N(int64(limit/s.granule)+1))
}

// states calls visit after each request of enough random schedules to make
// count states, each schedule with a limiter of its own. visit may ask further
// and returns how far it moved the clock on.
func (s *subject) states(count int, visit func(c *caller, r request) (later time.Duration, err error)) error {
	const steps = 250
	for seed := range uint64(count / steps) {
		c, shift := s.caller(), time.Duration(0)
		for _, r := range s.schedule(seed, steps) {
			r.now += shift
			later, err := visit(c, r)
			if c.err != nil {
				return c.err
			}
			if err != nil {
				return err
			}
			shift += later
		}
	}
	return nil
}
