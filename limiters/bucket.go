package limiters

import (
	"time"

	"github.com/fcbench/fcbench/internal/whole"
)

// bucket is the arithmetic that all buckets share. It counts in units of
// 1/Period of a token, of which Rate flow in each nanosecond, with the rate in
// lowest terms: both a token and a nanosecond are whole numbers of units, so
// nothing is ever rounded.
type bucket struct {
	limit    Limit
	perToken int64
	perNano  int64
	capacity int64
	// refill is how long an empty bucket takes to be full, rounded up.
	refill time.Duration
}

// bucket is the one that c describes.
func (c Config) bucket() (bucket, error) {
	limit, err := c.Limit()
	if err != nil {
		return bucket{}, err
	}
	least := limit.Reduced()
	b := bucket{
		limit:    limit,
		perToken: int64(least.Period),
		perNano:  least.Rate,
		capacity: limit.Burst * int64(least.Period),
	}
	b.refill = b.wait(b.capacity)
	return b, nil
}

// flow returns what flows in while elapsed passes, or the capacity where that is smaller.
func (b *bucket) flow(elapsed time.Duration) int64 {
	if elapsed >= b.refill {
		return b.capacity
	}
	return int64(elapsed) * b.perNano
}

// wait returns how long units take to flow in, rounded up: at the end of it they are there.
func (b *bucket) wait(units int64) time.Duration {
	if b.perNano == 1 {
		return time.Duration(units)
	}
	return time.Duration((units + b.perNano - 1) / b.perNano)
}

// take takes n tokens out of credit units. It returns what is left, and how
// long to wait if that is all of it because n are not there.
func (b *bucket) take(credit, n int64) (left int64, wait time.Duration) {
	switch {
	case n > b.limit.Burst:
		return credit, Never
	case n*b.perToken > credit:
		return credit, b.wait(n*b.perToken - credit)
	}
	return credit - n*b.perToken, 0
}

// carried returns what credit, in another bucket, is in this one: the same
// tokens, as far as they fit, and no more of the last one than whole units.
func (b *bucket) carried(credit int64, from *bucket) int64 {
	return min(b.capacity, whole.MulDiv(credit, b.perToken, from.perToken))
}

// answer says what take did.
func (b *bucket) answer(left int64, wait time.Duration) answer {
	return answer{remaining: left / b.perToken, wait: wait, reset: b.wait(b.capacity - left)}
}

// Bound implements [Described].
func (b *bucket) Bound(w time.Duration) int64 { return b.limit.flood(w) }

// flood is the most that a bucket admits in a window of length w: the burst, and
// what flows in meanwhile.
func (l Limit) flood(w time.Duration) int64 {
	return addClipped(l.Burst, whole.MulDiv(int64(w), l.Rate, int64(l.Period)))
}
