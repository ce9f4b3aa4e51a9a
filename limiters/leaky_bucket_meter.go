package limiters

import (
	"context"
	"time"
)

// LeakyBucketMeter is the leaky bucket as a meter: each request pours its cost
// into a bucket that leaks at the rate, and one that would overflow it is
// denied. (As a queue, a leaky bucket delays instead.) It is the token bucket
// seen from the other side and decides alike.
type LeakyBucketMeter struct {
	bucket
	guardedKeys[level]
}

// level is the state of one key: how full the bucket was at the latest grant.
type level struct {
	units int64
	at    time.Duration
}

var (
	_ Limiter   = (*LeakyBucketMeter)(nil)
	_ Described = (*LeakyBucketMeter)(nil)
	_ Peeker    = (*LeakyBucketMeter)(nil)
	_ Reclaimer = (*LeakyBucketMeter)(nil)
)

// NewLeakyBucketMeter returns a leaky bucket per key, empty at the start.
func NewLeakyBucketMeter(config Config) (*LeakyBucketMeter, error) {
	b, err := newBucket(config)
	if err != nil {
		return nil, err
	}
	return &LeakyBucketMeter{b, newGuardedKeys(
		func(s *level, since time.Duration) { *s = level{0, since} },
		func(s *level, now time.Duration) bool {
			return now >= s.at && s.units <= b.flow(now-s.at)
		})}, nil
}

// Allow implements [Limiter].
func (l *LeakyBucketMeter) Allow(_ context.Context, now time.Duration, key string, n int64) (d Decision, err error) {
	err = l.decide(&d, now, key, n, true)
	return d, err
}

// Peek implements [Peeker].
func (l *LeakyBucketMeter) Peek(_ context.Context, now time.Duration, key string, n int64) (d Decision, err error) {
	err = l.decide(&d, now, key, n, false)
	return d, err
}

func (l *LeakyBucketMeter) decide(d *Decision, now time.Duration, key string, n int64, take bool) error {
	if err := checkCost(n); err != nil {
		return err
	}
	g := l.hold(key, now, take && n <= l.limit.Burst)
	defer g.mu.Unlock()
	s := &g.state
	at := max(now, s.at)
	room := l.capacity - max(0, s.units-l.flow(at-s.at))
	left := l.bucket.decide(d, at, room, n)
	if d.Allowed && take {
		*s = level{l.capacity - left, at}
	}
	return nil
}

// Info implements [Described].
func (l *LeakyBucketMeter) Info() Info {
	return Info{
		Algorithm:  "leaky-bucket-meter",
		Scope:      "local",
		State:      "level and its instant, mutex",
		TimeSource: TimeArgument,
		Limit:      l.limit,
	}
}
