package specimens

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// NaiveLazyBucket is a token bucket that is refilled when somebody asks, in
// whole tokens: int(elapsed / interval) of them. It then takes all of elapsed as
// accounted for, and so forgets the fraction of a token that had flowed in too.
// Who asks every 0.99 intervals is granted every second time, which is half of
// the rate; who asks every 1.01 intervals is granted each time.
type NaiveLazyBucket struct {
	claim  *limiters.TokenBucket // what it is believed to be
	limit  limiters.Limit
	refill time.Duration // in which an empty bucket is full, rounded up
	keys   *limiters.Keyed[whole]
}

// whole is the state of one key.
type whole struct {
	mu      sync.Mutex
	retired bool
	tokens  int64
	filled  time.Duration // of the latest refill
	granted time.Duration // of the latest grant
}

var (
	_ limiters.Limiter   = (*NaiveLazyBucket)(nil)
	_ limiters.Described = (*NaiveLazyBucket)(nil)
	_ limiters.Reclaimer = (*NaiveLazyBucket)(nil)
)

// NewNaiveLazyBucket returns such a bucket per key, full at the start.
func NewNaiveLazyBucket(config limiters.Config) (*NaiveLazyBucket, error) {
	claim, err := limiters.NewTokenBucket(config)
	if err != nil {
		return nil, err
	}
	limit := claim.Info().Limit
	b := &NaiveLazyBucket{claim: claim, limit: limit.Reduced()}
	b.refill = lasting(b.limit, limit.Burst)
	b.keys = limiters.NewKeyed(
		func(s *whole, since time.Duration) { s.tokens, s.filled, s.granted = limit.Burst, since, since },
		func(s *whole, now time.Duration) bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.retired = now >= s.granted && s.tokens+b.flow(now-s.filled) >= limit.Burst
			return s.retired
		})
	return b, nil
}

// lasting returns how long tokens take to flow in, rounded up. No more than the
// burst are asked for, whose units are known to fit.
func lasting(limit limiters.Limit, tokens int64) time.Duration {
	return time.Duration((tokens*int64(limit.Period)-1)/limit.Rate + 1)
}

// flow returns the whole tokens that flow in while elapsed passes.
func (b *NaiveLazyBucket) flow(elapsed time.Duration) int64 {
	if elapsed >= b.refill {
		return b.limit.Burst
	}
	return int64(elapsed) * b.limit.Rate / int64(b.limit.Period)
}

// Allow implements [limiters.Limiter].
func (b *NaiveLazyBucket) Allow(_ context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	if n < 1 {
		return limiters.Decision{}, fmt.Errorf("cost is %d; want at least 1", n)
	}
	s := b.hold(key, now, n <= b.limit.Burst)
	defer s.mu.Unlock()
	at := max(now, s.granted, s.filled)
	if tokens := b.flow(at - s.filled); tokens > 0 {
		s.tokens = min(b.limit.Burst, s.tokens+tokens)
		s.filled = at // the mistake: this forgets what made no whole token
	}
	d := limiters.Decision{At: at}
	switch {
	case n > b.limit.Burst:
		d.RetryAfter = limiters.Never
	case n > s.tokens:
		d.RetryAfter = lasting(b.limit, n-s.tokens) - (at - s.filled)
	default:
		d.Allowed = true
		s.tokens -= n
		s.granted = at
	}
	d.Remaining = s.tokens
	if missing := b.limit.Burst - s.tokens; missing > 0 {
		d.ResetAfter = lasting(b.limit, missing) - (at - s.filled)
	}
	return d, nil
}

// hold returns the state of key, locked.
func (b *NaiveLazyBucket) hold(key string, now time.Duration, keep bool) *whole {
	s := b.keys.Get(key, now, keep)
	s.mu.Lock()
	for s.retired {
		s.mu.Unlock()
		s = b.keys.Again(key, now, keep)
		s.mu.Lock()
	}
	return s
}

// Keys implements [limiters.Reclaimer].
func (b *NaiveLazyBucket) Keys() int { return b.keys.Keys() }

// Reclaim implements [limiters.Reclaimer].
func (b *NaiveLazyBucket) Reclaim(now time.Duration) int { return b.keys.Reclaim(now) }

// Bound implements [limiters.Described]: that of a token bucket, which holds.
func (b *NaiveLazyBucket) Bound(w time.Duration) int64 { return b.claim.Bound(w) }

// Info implements [limiters.Described].
func (b *NaiveLazyBucket) Info() limiters.Info {
	return limiters.Info{
		Algorithm:  "token-bucket",
		Scope:      "local",
		State:      "whole tokens and an instant, mutex",
		TimeSource: limiters.TimeArgument,
		Limit:      b.claim.Info().Limit,
	}
}
