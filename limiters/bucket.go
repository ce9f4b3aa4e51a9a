package limiters

import "time"

// bucket is the arithmetic that all buckets share. It counts in units of
// 1/Period of a token, of which Rate flow in each nanosecond: with the rate in
// lowest terms both a token and a nanosecond are whole numbers of units, so
// nothing is ever rounded.
type bucket struct {
	limit    Limit
	perToken int64
	perNano  int64
	capacity int64
	// refill is how long an empty bucket takes to be full, rounded up.
	refill time.Duration
}

func newBucket(config Config) (bucket, error) {
	limit, err := config.Limit()
	if err != nil {
		return bucket{}, err
	}
	b := bucket{
		limit:    limit,
		perToken: int64(limit.Period),
		perNano:  limit.Rate,
		capacity: limit.Burst * int64(limit.Period),
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

// decide asks for n tokens at the instant at, when credit units are there. It
// fills in d, an empty decision, and returns the credit that is left.
// (A decision is too large to be handed up through several returns for free.)
func (b *bucket) decide(d *Decision, at time.Duration, credit, n int64) int64 {
	switch {
	case n > b.limit.Burst:
		d.RetryAfter = Never
	case n*b.perToken > credit:
		d.RetryAfter = b.wait(n*b.perToken - credit)
	default:
		d.Allowed = true
		credit -= n * b.perToken
	}
	d.At = at
	d.Remaining = credit / b.perToken
	d.ResetAfter = b.wait(b.capacity - credit)
	return credit
}

// Bound implements [Described]: the burst, and what flows in meanwhile.
func (b *bucket) Bound(w time.Duration) int64 {
	return addClipped(b.limit.Burst, mulDiv(int64(w), b.limit.Rate, int64(b.limit.Period)))
}
