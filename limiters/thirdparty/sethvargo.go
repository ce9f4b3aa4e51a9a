package thirdparty

import (
	"context"
	"fmt"
	"time"

	"github.com/sethvargo/go-limiter"
	"github.com/sethvargo/go-limiter/memorystore"

	"github.com/fcbench/fcbench/limiters"
)

const sethvargoVersion = "v1.1.0"

// Sethvargo is the memory store of github.com/sethvargo/go-limiter.
type Sethvargo struct {
	library
	store limiter.Store
}

// NewSethvargo returns the memory store of github.com/sethvargo/go-limiter, in
// which burst tokens are back every burst/rate.
//
// The README speaks of tokens per interval that Take removes, and the
// documentation of New of a bucketing model that limits events over an interval:
// a token bucket, to whoever reads it.
//
// It reads the clock below package time, by a linkname, and of it the wall part.
func NewSethvargo(config limiters.Config) (*Sethvargo, error) {
	model, err := limiters.NewTokenBucket(config)
	if err != nil {
		return nil, err
	}
	limit := model.Info().Limit.Reduced() // a whole bucket fits an int64, in units of 1/Period of a token
	if total := limit.Burst * int64(limit.Period); total%limit.Rate != 0 {
		return nil, fmt.Errorf("burst is %d; want one that flows in within whole ns at a rate of %d/%v, as an interval of the library",
			limit.Burst, limit.Rate, limit.Period)
	}
	interval := time.Duration(limit.Burst * int64(limit.Period) / limit.Rate)
	store, err := memorystore.New(&memorystore.Config{Tokens: uint64(limit.Burst), Interval: interval})
	if err != nil {
		return nil, err
	}
	return &Sethvargo{
		library: claiming(model, limiters.Info{
			Version: sethvargoVersion, Scope: "local", State: "tokens and the number of the interval, mutex",
			TimeSource: limiters.TimeWallClock, Unweighted: true,
			Lacks: []string{"costs", "time as an argument", "a clock that tests can move", "retry-after, except as the instant of the reset", "reset-after"},
		}),
		store: store,
	}, nil
}

// Allow implements [limiters.Limiter]. now is not used.
func (l *Sethvargo) Allow(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	if err := l.check(now, n); err != nil {
		return limiters.Decision{}, err
	}
	_, remaining, _, ok, err := l.store.Take(ctx, key)
	if err != nil {
		return limiters.Decision{}, err
	}
	d := limiters.Whether(ok, limiters.Unknown)
	d.Remaining = int64(remaining)
	return d, nil
}

// Close implements [limiters.Closer]: it ends the goroutine that sweeps.
func (l *Sethvargo) Close(ctx context.Context) error { return l.store.Close(ctx) }
