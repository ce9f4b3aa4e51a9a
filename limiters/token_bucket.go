package limiters

import (
	"context"
	"time"
)

// TokenBucket is the token bucket with lazy refill: the credit at the latest
// grant is kept, and what has flowed in since is added when somebody asks.
type TokenBucket struct {
	bucket
	guardedKeys[tokens]
}

// tokens is the state of one key.
type tokens struct {
	credit int64 // in units of the bucket
	at     time.Duration
}

var (
	_ Limiter   = (*TokenBucket)(nil)
	_ Described = (*TokenBucket)(nil)
	_ Peeker    = (*TokenBucket)(nil)
	_ Reclaimer = (*TokenBucket)(nil)
)

// NewTokenBucket returns a token bucket per key, full at the start.
func NewTokenBucket(config Config) (*TokenBucket, error) {
	b, err := newBucket(config)
	if err != nil {
		return nil, err
	}
	return &TokenBucket{b, newGuardedKeys(
		func(s *tokens, since time.Duration) { *s = tokens{b.capacity, since} },
		func(s *tokens, now time.Duration) bool {
			return now >= s.at && s.credit+b.flow(now-s.at) >= b.capacity
		})}, nil
}

// Allow implements [Limiter].
func (l *TokenBucket) Allow(_ context.Context, now time.Duration, key string, n int64) (d Decision, err error) {
	err = l.decide(&d, now, key, n, true)
	return d, err
}

// Peek implements [Peeker].
func (l *TokenBucket) Peek(_ context.Context, now time.Duration, key string, n int64) (d Decision, err error) {
	err = l.decide(&d, now, key, n, false)
	return d, err
}

func (l *TokenBucket) decide(d *Decision, now time.Duration, key string, n int64, take bool) error {
	if err := checkCost(n); err != nil {
		return err
	}
	g := l.hold(key, now, take && n <= l.limit.Burst)
	defer g.mu.Unlock()
	s := &g.state
	at := max(now, s.at)
	credit := min(l.capacity, s.credit+l.flow(at-s.at))
	left := l.bucket.decide(d, at, credit, n)
	if d.Allowed && take {
		*s = tokens{left, at}
	}
	return nil
}

// Info implements [Described].
func (l *TokenBucket) Info() Info {
	return Info{
		Algorithm:  "token-bucket",
		Scope:      "local",
		State:      "credit and its instant, mutex",
		TimeSource: TimeArgument,
		Limit:      l.limit,
	}
}
