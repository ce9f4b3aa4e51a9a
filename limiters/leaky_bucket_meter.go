package limiters

import "time"

// LeakyBucketMeter is the leaky bucket as a meter: each request pours its cost
// into a bucket that leaks at the rate, and one that would overflow it is
// denied. (As a queue, a leaky bucket delays too: [LeakyBucketQueue].) It is
// the token bucket seen from the other side and decides alike.
type LeakyBucketMeter struct{ adjustable[level] }

// NewLeakyBucketMeter returns a leaky bucket per key, empty at the start.
func NewLeakyBucketMeter(config Config) (*LeakyBucketMeter, error) {
	l := new(LeakyBucketMeter)
	return l, l.onBuckets(config, Info{Algorithm: "leaky-bucket-meter", State: "level and its instant, mutex"},
		func(b bucket) algorithm[level] { return &leakyBucket{b} })
}

type leakyBucket struct{ bucket }

// level is how full the bucket was at the latest grant, in its units.
type level int64

func (b *leakyBucket) fresh() level { return 0 }

func (b *leakyBucket) idle(s *level, last, at time.Duration) bool {
	return b.level(*s, at-last) == 0
}

func (b *leakyBucket) step(s *level, last, at time.Duration, n int64, take bool) answer {
	left, wait := b.take(b.capacity-b.level(*s, at-last), n)
	if take && wait == 0 {
		*s = level(b.capacity - left)
	}
	return b.answer(left, wait)
}

func (b *leakyBucket) under(other algorithm[level], s *level, last, at time.Duration) time.Duration {
	at = max(last, at)
	to := &other.(*leakyBucket).bucket
	*s = level(to.capacity - to.carried(b.capacity-b.level(*s, at-last), &b.bucket))
	return at
}

// level returns how full the bucket is when elapsed has passed since s was in it.
func (b *leakyBucket) level(s level, elapsed time.Duration) int64 {
	return max(0, int64(s)-b.flow(elapsed))
}
