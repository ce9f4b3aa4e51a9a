package oracle

import (
	"time"

	"github.com/fcbench/fcbench/internal/whole"
)

// bucket is the exact token bucket, seen as a level that admissions raise and
// time drains: level 0 is a bucket full of tokens, level = capacity an empty
// one, and a level above it is debt. With levels in units of 1/period token,
// a nanosecond drains exactly rate units and a token weighs exactly period,
// so nothing is ever rounded.
type bucket struct {
	*scale
	level wide
	now   time.Duration
}

// scale is what all buckets of one limit share.
type scale struct {
	rate, period int64 // in lowest terms
	capacity     wide
}

// newScale returns that of l. Of the zero Limit it is one that nothing fits into
// and nothing drains from.
func newScale(l Limit) *scale {
	l.Period = max(l.Period, 1)
	d := whole.GCD(l.Rate, int64(l.Period))
	s := &scale{rate: l.Rate / d, period: int64(l.Period) / d}
	s.capacity = product(l.Burst, s.period)
	return s
}

// refill is how long a full bucket takes to drain, rounded down.
func (s *scale) refill() time.Duration {
	if s.rate == 0 {
		return never
	}
	return time.Duration(s.capacity.Quo(s.rate))
}

func bucketModel(l Limit) func() model {
	s := newScale(l)
	return func() model { return &bucket{scale: s} }
}

func (b *bucket) advance(at time.Duration) {
	if at <= b.now {
		return
	}
	b.level = b.level.Minus(product(b.rate, int64(at-b.now)))
	b.now = at
}

func (b *bucket) admits(n int64) bool {
	return !b.level.Plus(product(n, b.period)).Over(b.capacity)
}

func (b *bucket) admitsAt(at time.Duration, n int64) bool {
	then := *b
	if at < b.now {
		then.level = b.level.Plus(product(b.rate, int64(b.now-at)))
	}
	then.advance(at)
	return then.admits(n)
}

func (b *bucket) take(at time.Duration, n int64, _ time.Duration) {
	b.advance(at)
	b.charge(n)
}

func (b *bucket) charge(n int64) { b.level = b.level.Plus(product(n, b.period)) }

func (b *bucket) gone(at time.Duration) bool {
	then := *b
	then.advance(at)
	return then.level == (wide{})
}

func (b *bucket) room() int64 { return roomBetween(b.level, b.capacity, b.period) }
