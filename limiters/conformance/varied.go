package conformance

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// horizon is the last instant of a schedule: in a century a clock of 32 bits has
// overflowed, whatever it counts, and one of 64 bits has not.
const horizon = 100 * 365 * 24 * time.Hour

// varied makes requests of several keys, at any time of a limiter's life: from the
// start, late in it, or with pauses in which it, or its clock, may forget.
func varied(s *subject, rng *rand.Rand) []request {
	switch requests := several(s, rng); rng.IntN(5) {
	case 0:
		return s.paused(rng, requests)
	case 1:
		return delayed(requests, 0, s.anySpan(rng))
	default:
		return requests
	}
}

// paused puts a few pauses of any length between requests, each on a burst that
// is all or partly spent, which shows what has come back since.
func (s *subject) paused(rng *rand.Rand, requests []request) []request {
	if len(requests) > 32 {
		requests = requests[:32]
	}
	for range 1 + rng.IntN(3) {
		requests = delayed(requests, rng.IntN(len(requests)), s.anySpan(rng))
	}
	return requests
}

// delayed moves the requests from i on by d, as far as there is time.
func delayed(requests []request, i int, d time.Duration) []request {
	last := slices.MaxFunc(requests, func(a, b request) int { return int(max(-1, min(1, a.now-b.now))) }).now
	return later(requests, i, max(0, min(d, horizon-last)))
}

// anySpan is as likely to be of one order of magnitude as of another, up to where
// time ends, or waiting does.
func (s *subject) anySpan(rng *rand.Rand) time.Duration {
	most := horizon
	if s.moved() {
		most = s.pause()
	}
	exponent := rng.Float64() * math.Log2(float64(most/s.granule))
	return s.granule * time.Duration(math.Exp2(exponent))
}

// steps is a random length: mostly short, because what breaks early is seen
// sooner that way, at times long enough for what adds up.
func steps(rng *rand.Rand) int { return 4 << rng.IntN(7) }

// orderly makes requests of any length, in the order of time.
func orderly(s *subject, rng *rand.Rand) []request { return s.schedule(rng, steps(rng)) }

// short makes only a few, for rules that are about the last ones.
func short(s *subject, rng *rand.Rand) []request { return s.schedule(rng, 2+rng.IntN(8)) }

// several spreads orderly requests over a few keys.
func several(s *subject, rng *rand.Rand) []request {
	requests := orderly(s, rng)
	if keys := rng.IntN(3); keys > 0 && !s.info.Unkeyed {
		for i := range requests {
			requests[i].key = []string{"key", "other", "third"}[rng.IntN(keys+1)]
		}
	}
	return requests
}

// fewDisorderly makes no more of them than can be compared with all those before.
func fewDisorderly(s *subject, rng *rand.Rand) []request {
	requests := disorderly(s, rng)
	return requests[:min(len(requests), 48)]
}

// disorderly makes requests of which some are late: by up to a refill, by up to
// an hour from one of them on, or to and fro between two instants.
func disorderly(s *subject, rng *rand.Rand) []request {
	requests := orderly(s, rng)
	way, from := rng.IntN(3), rng.IntN(len(requests))
	for i := range requests {
		r := &requests[i]
		switch way {
		case 0:
			r.now -= s.upTo(rng, s.refill) * time.Duration(rng.IntN(2))
		case 1:
			if i >= from {
				r.now -= s.whole(time.Hour)
			}
		case 2:
			r.now = requests[0].now + s.interval*time.Duration(i%2)
		}
		r.now = max(0, r.now)
	}
	return requests
}
