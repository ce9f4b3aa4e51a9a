package limiters

import "time"

// TokenBucket is the token bucket with lazy refill: the credit at the latest
// grant is kept, and what has flowed in since is added when somebody asks.
type TokenBucket struct{ adjustable[tokens] }

// NewTokenBucket returns a token bucket per key, full at the start.
func NewTokenBucket(config Config) (*TokenBucket, error) {
	l := new(TokenBucket)
	return l, l.onBuckets(config, Info{Algorithm: "token-bucket", State: "credit and its instant, mutex"},
		func(b bucket) algorithm[tokens] { return &tokenBucket{b} })
}

type tokenBucket struct{ bucket }

// tokens is the credit at the latest grant, in units of the bucket.
type tokens int64

func (b *tokenBucket) fresh() tokens { return tokens(b.capacity) }

func (b *tokenBucket) idle(s *tokens, last, at time.Duration) bool {
	return b.credit(*s, at-last) == b.capacity
}

func (b *tokenBucket) step(s *tokens, last, at time.Duration, n int64, take bool) answer {
	left, wait := b.take(b.credit(*s, at-last), n)
	if take && wait == 0 {
		*s = tokens(left)
	}
	return b.answer(left, wait)
}

func (b *tokenBucket) under(other algorithm[tokens], s *tokens, last, at time.Duration) time.Duration {
	at = max(last, at)
	*s = tokens(other.(*tokenBucket).carried(b.credit(*s, at-last), &b.bucket))
	return at
}

// credit returns what there is when elapsed has passed since there was s.
func (b *tokenBucket) credit(s tokens, elapsed time.Duration) int64 {
	return min(b.capacity, int64(s)+b.flow(elapsed))
}
