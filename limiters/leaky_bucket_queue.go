package limiters

import (
	"time"

	"github.com/fcbench/fcbench/internal/whole"
)

// LeakyBucketQueue is the leaky bucket as a queue: what is poured in leaves it
// again at the rate, in order. It accepts what the [LeakyBucketMeter] of the
// same burst accepts, the burst being what fits in, and makes the caller wait
// for what was in the bucket before. The tokens of one request leave together,
// at At + Delay.
type LeakyBucketQueue struct{ local }

// NewLeakyBucketQueue returns a queue per key, empty at the start.
func NewLeakyBucketQueue(config Config) (*LeakyBucketQueue, error) {
	b, err := config.bucket()
	if err != nil {
		return nil, err
	}
	return &LeakyBucketQueue{newLocal(Info{
		Algorithm: "leaky-bucket-queue",
		State:     "level and its instant, mutex",
		Limit:     b.limit,
		Shaper:    true,
	}, &leakyQueue{leakyBucket{b}})}, nil
}

// leakyQueue has one limit only: who waits in a queue was told when to leave.
type leakyQueue struct{ leakyBucket }

func (q *leakyQueue) under(_ algorithm[level], s *level, last, at time.Duration) time.Duration {
	return q.leakyBucket.under(&q.leakyBucket, s, last, at)
}

func (q *leakyQueue) step(s *level, last, at time.Duration, n int64, take bool) answer {
	before := q.level(*s, at-last)
	a := q.leakyBucket.step(s, last, at, n, take)
	if a.wait == 0 {
		a.delay = q.wait(before)
	}
	return a
}

// Bound implements [Described]: what may leave in any window of length w.
//
// Let d be when a request's turn comes, not yet rounded to the nanosecond: its
// tokens start to leave then and take n×P/N, at a rate of N in P, before the
// next turn. From the first turn in a window to the last, what left before the
// last took its time, so with D the rounded instants
//
//	(tokens but those of the last) × P/N ≤ d_last − d_first < D_last − D_first + 1 ≤ w + 1
//
// where < holds since D is less than 1 above d. In units of 1/N ns, which are
// whole, that is tokens × P ≤ w×N + N − 1. The last request brings up to the
// burst. All of it is reached: by single tokens that leave one by one from a
// turn that was rounded up by (N−1)/N, and by the whole burst as soon as the
// bucket is empty. Only a bucket for one token is never asked to hold two, so
// that its turns are the whole nanoseconds at which it was found empty.
func (q *leakyQueue) Bound(w time.Duration) int64 {
	if q.limit.Burst == 1 {
		return addClipped(1, int64(w/q.wait(q.perToken)))
	}
	return addClipped(q.limit.Burst, whole.Product(uint64(w), uint64(q.perNano)).Plus(whole.Uint128{Lo: uint64(q.perNano - 1)}).Quo(q.perToken))
}
