package oracle

import (
	"math/bits"
	"math/rand/v2"
	"strconv"
	"time"
)

// subject is a limiter under judgement: the answer to n tokens at at.
type subject func(at time.Duration, n int64) bool

func correct(r reference) subject {
	return func(at time.Duration, n int64) bool {
		allowed := r.admits(at, n)
		if allowed {
			r.take(at, n)
		}
		return allowed
	}
}

// traffic makes arrivals that look for trouble: at the same instant, just
// before and just at the instant from which a request fits, near the mean
// rate, and after long idleness.
type traffic struct {
	algorithm string
	limit     Limit
	keys      int
	weighted  bool
	tick      time.Duration // of the clock; every At is a multiple of it
}

// capacity is the largest cost that can ever be granted.
func (t traffic) capacity() int64 {
	if r, _ := ruleOf(t.algorithm); r.windowed() {
		return t.limit.Rate
	}
	return t.limit.Burst
}

// drive sends count arrivals through one subject per key and hands every
// decision to observe. The mirrors follow what was really admitted, to know
// where the edges are.
func (t traffic) drive(rng *rand.Rand, count int, limiter func() subject, observe func(Observation)) {
	subjects, mirrors := make([]subject, t.keys), make([]reference, t.keys)
	for i := range subjects {
		subjects[i], mirrors[i] = limiter(), newReference(t.algorithm, t.limit)
	}
	var now time.Duration
	for range count {
		k := rng.IntN(t.keys)
		n := t.cost(rng)
		now = t.instant(rng, now, mirrors[k], n)
		allowed := subjects[k](now, n)
		if allowed {
			mirrors[k].take(now, n)
		}
		observe(Observation{Key: strconv.Itoa(k), N: n, At: now, Allowed: allowed})
	}
}

func (t traffic) cost(rng *rand.Rand) int64 {
	if !t.weighted {
		return 1
	}
	magnitude := bits.Len64(uint64(t.capacity()))
	return 1 + rng.Int64N(1<<(1+rng.IntN(magnitude))) // sometimes beyond the capacity
}

func (t traffic) instant(rng *rand.Rand, now time.Duration, mirror reference, n int64) time.Duration {
	mean := int64(t.limit.Period)/t.limit.Rate*(n+1)/2*int64(1+t.keys/2) + 1
	switch p := rng.IntN(100); {
	case p < 30:
		return now
	case p < 40:
		return now + t.tick
	case p < 55:
		return max(now, t.edge(mirror, now, n)-t.tick)
	case p < 75:
		return max(now, t.edge(mirror, now, n))
	case p < 99:
		return t.up(now + time.Duration(rng.Int64N(2*mean)))
	default:
		full := float64(t.limit.Period) / float64(t.limit.Rate) * float64(t.capacity())
		return t.up(now + time.Duration(2*rng.Float64()*full))
	}
}

func (t traffic) edge(mirror reference, now time.Duration, n int64) time.Duration {
	return t.up(mirror.next(now, n))
}

// up is at, or the next tick after it.
func (t traffic) up(at time.Duration) time.Duration { return (at + t.tick - 1) / t.tick * t.tick }
