package redislua

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/fcbench/fcbench/limiters"
	"github.com/redis/go-redis/v9"
)

// NaiveTokenBucket is a specimen: the script of a token bucket that is copied
// from place to place, known to be wrong and kept to show what checkers find.
//
// It stores no time of refill. What it takes for the time elapsed is the client's
// clock less the server's, both in whole seconds and read in the same moment. So
// a client whose clock is right gets a burst, and the next one when the key has
// died: that takes twice the burst's time without a grant, in whole seconds,
// rounded down. Where it is less than a second the script fails after it has
// decided. Of a client whose clock is ahead everything is granted, and one whose
// clock is behind takes away what others had.
type NaiveTokenBucket struct {
	*Scripted
	mu     sync.Mutex
	origin time.Duration // the client's Unix time when now was 0
	known  bool
}

// NewNaiveTokenBucket returns such a bucket. With the server's time the now given
// to Allow is the client's clock, which agrees with the server's at the first
// call; with injected time it is both. Nothing is sent before Open.
func NewNaiveTokenBucket(client redis.UniversalClient, setup Config) (*NaiveTokenBucket, error) {
	e, err := newExact(setup.Config)
	l, err := newLimiter(client, setup, definition{
		name: "naive-redis-token-bucket",
		info: limiters.Info{
			Algorithm: "token-bucket", State: "tokens, one string", Limit: e.limit, Unweighted: true,
			Lacks: []string{"costs above 1", "Remaining", "RetryAfter", "ResetAfter", limiters.NoInstant},
		},
		bound: e.bound,
	}, err)
	if err != nil {
		return nil, err
	}
	names := []string{"naive_token_bucket.lua"}
	if setup.InjectTime {
		names = []string{"naive_injected.lua", "naive_token_bucket.lua"}
	}
	s := newScript([]int64{e.limit.Burst, 0}, l.inject, names...)
	perSecond := float64(e.limit.Rate) / e.limit.Period.Seconds()
	s.call[argPerSecond] = strconv.FormatFloat(perSecond, 'g', -1, 64)
	l.script.Store(s)
	return &NaiveTokenBucket{Scripted: l}, nil
}

// Allow implements [limiters.Limiter].
func (l *NaiveTokenBucket) Allow(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	s := l.script.Load()
	call, err := l.complete(ctx, s, now, key, n)
	if err != nil {
		return limiters.Decision{}, err
	}
	if n > 1 {
		return limiters.Decision{}, fmt.Errorf("cost is %d; want 1, the script knows no other", n)
	}
	origin, err := l.clock(ctx, now)
	if err != nil {
		return limiters.Decision{}, l.failure(key, err)
	}
	call.Args()[argSeconds] = int64((origin + now) / time.Second)
	reply, err := l.send(ctx, s, call)
	if err != nil {
		return limiters.Decision{}, l.failure(key, err)
	}
	d := limiters.Decision{Allowed: reply[0] == 1, At: limiters.Unknown, ResetAfter: limiters.Unknown, Remaining: -1}
	if !d.Allowed {
		d.RetryAfter = limiters.Unknown
	}
	if l.inject {
		d.At = max(0, now).Truncate(time.Microsecond)
	}
	return d, nil
}

// clock returns what the client's clock stands at when now is 0.
func (l *NaiveTokenBucket) clock(ctx context.Context, now time.Duration) (time.Duration, error) {
	if l.inject {
		return 0, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.known {
		t, err := l.client.Time(ctx).Result()
		if err != nil {
			return 0, fmt.Errorf("TIME: %w", err)
		}
		l.origin, l.known = time.Duration(t.UnixNano())-now, true
	}
	return l.origin, nil
}
