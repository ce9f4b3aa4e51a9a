package thirdparty

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/throttled/throttled/v2"
	"github.com/throttled/throttled/v2/store/memstore"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
)

const throttledVersion = "v2.15.0"

// ThrottledConfig describes a limiter of github.com/throttled/throttled in memory.
type ThrottledConfig struct {
	limiters.Config `yaml:",inline"`
	// Keys is how many keys are kept; one more, and the least recently used is
	// forgotten. 0 keeps all of them, for ever.
	Keys units.Count `yaml:"keys"`
}

// DefaultThrottledConfig keeps as many keys as the README of the library does.
func DefaultThrottledConfig() ThrottledConfig {
	return ThrottledConfig{Config: limiters.DefaultConfig(), Keys: 65536}
}

// Throttled is github.com/throttled/throttled with its store in memory.
type Throttled struct {
	library
	gcra  *throttled.GCRARateLimiterCtx
	calls sync.Pool // of *call
}

// NewThrottled returns github.com/throttled/throttled with its store in memory,
// asked by RateLimitCtx.
//
// The README names the generic cell rate algorithm. RateQuota documents that
// MaxBurst is what may exceed the rate at once, so a burst of one is a MaxBurst
// of 0; and RateLimitResult that -1 stands for a wait that makes no sense, which
// after a denial is that of a cost above the burst.
func NewThrottled(config ThrottledConfig) (*Throttled, error) {
	model, err := limiters.NewGCRA(config.Config)
	if err != nil {
		return nil, err
	}
	if config.Keys < 0 {
		return nil, fmt.Errorf("keys is %d; want at least 1, or 0 for no limit", config.Keys)
	}
	store, err := memstore.New(int(config.Keys))
	if err != nil {
		return nil, err
	}
	store.SetTimeNow(func() time.Time { return time.Time{} }) // callStore has a better one
	l := &Throttled{library: claiming(model, limiters.Info{
		Version: throttledVersion, Scope: "local", State: "TAT in ns, CAS, map or LRU under a lock",
		TimeSource: limiters.TimeArgument, Resolution: rounding,
		Lacks: []string{limiters.NoInstant, "keeping idle keys until their debt is paid, if there are too many"},
	})}
	if l.gcra, err = newThrottledGCRA(callStore{throttled.WrapStoreWithContext(store)}, config.Config); err != nil {
		return nil, err
	}
	l.calls.New = func() any { return new(call) }
	return l, nil
}

func newThrottledGCRA(store throttled.GCRAStoreCtx, config limiters.Config) (*throttled.GCRARateLimiterCtx, error) {
	count, period := config.Rate.Count, config.Rate.Per
	return throttled.NewGCRARateLimiterCtx(store, throttled.RateQuota{
		MaxRate:  throttled.PerDuration(int(count), period),
		MaxBurst: int(config.Burst) - 1,
	})
}

// call is the context of one call, which brings the store its now.
type call struct {
	context.Context
	now time.Time
}

// callStore takes the time from the call instead of from a clock. The library
// leaves telling the time to its store; but the function that its own store has
// for that, meant for tests, is one for all callers.
type callStore struct{ throttled.GCRAStoreCtx }

func (s callStore) GetWithTime(ctx context.Context, key string) (int64, time.Time, error) {
	tat, _, err := s.GCRAStoreCtx.GetWithTime(ctx, key)
	return tat, ctx.(*call).now, err
}

// Allow implements [limiters.Limiter].
func (l *Throttled) Allow(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	if err := l.check(now, n); err != nil {
		return limiters.Decision{}, err
	}
	c := l.calls.Get().(*call)
	*c = call{ctx, instant(now)}
	limited, result, err := l.gcra.RateLimitCtx(c, key, int(n))
	*c = call{}
	l.calls.Put(c)
	if err != nil {
		return limiters.Decision{}, err
	}
	return fromThrottled(limited, result, now), nil
}

func fromThrottled(limited bool, r throttled.RateLimitResult, at time.Duration) limiters.Decision {
	d := limiters.Decision{Allowed: !limited, At: at, ResetAfter: r.ResetAfter, Remaining: int64(r.Remaining)}
	switch {
	case limited && r.RetryAfter < 0:
		d.RetryAfter = limiters.Never
	case limited:
		d.RetryAfter = r.RetryAfter
	}
	return d
}
