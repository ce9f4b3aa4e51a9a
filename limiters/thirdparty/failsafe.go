package thirdparty

import (
	"time"

	"github.com/failsafe-go/failsafe-go/ratelimiter"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
)

const failsafeVersion = "v0.9.8"

// FailsafeSmoothConfig describes a smooth limiter of failsafe-go, which has no burst.
type FailsafeSmoothConfig struct {
	Rate units.Rate `yaml:"rate"`
	Bare bool       `yaml:"bare"`
}

// FailsafeBurstyConfig describes a bursty limiter of failsafe-go.
type FailsafeBurstyConfig struct {
	limiters.WindowConfig `yaml:",inline"`
	Bare                  bool `yaml:"bare"`
}

// NewFailsafeSmooth returns the smooth limiter of failsafe-go, asked by
// TryAcquirePermits, its method that neither waits nor reserves.
//
// The page on rate limiters of failsafe-go.dev ascribes to it the approach of
// the leaky bucket, and NewSmooth promises single executions no closer than the
// period divided by their number; what comes sooner is rejected.
func NewFailsafeSmooth(config FailsafeSmoothConfig) (limiters.Limiter, error) {
	model, err := limiters.NewLeakyBucketMeter(limiters.Config{Rate: config.Rate, Burst: 1})
	if err != nil {
		return nil, err
	}
	count, period := config.Rate.Count, config.Rate.Per
	return newFailsafe(config.Bare, model, "instant of the next permit, mutex", func() ratelimiter.RateLimiter[any] {
		return ratelimiter.NewSmooth[any](uint(count), period)
	}), nil
}

// NewFailsafeBursty returns the bursty limiter of failsafe-go, asked by
// TryAcquirePermits.
//
// The page on rate limiters of failsafe-go.dev calls it a fixed window: in each
// period so many executions, all of them back when the next begins. The first
// period begins when the limiter is made: with one per key, when the key is
// first seen.
func NewFailsafeBursty(config FailsafeBurstyConfig) (limiters.Limiter, error) {
	model, err := limiters.NewFixedWindow(config.WindowConfig)
	if err != nil {
		return nil, err
	}
	limit := model.Info().Limit
	return newFailsafe(config.Bare, model, "permits and the number of the period, mutex", func() ratelimiter.RateLimiter[any] {
		return ratelimiter.NewBursty[any](uint(limit.Rate), limit.Period)
	}), nil
}

func newFailsafe(bare bool, model limiters.Described, state string, fresh func() ratelimiter.RateLimiter[any]) limiters.Limiter {
	lib := claiming(model, limiters.Info{
		Version: failsafeVersion, Scope: "local", State: state, TimeSource: limiters.TimeClock, Resolution: rounding,
		Lacks: []string{"keys", "time as an argument", "peek", "retry-after without a reservation", "remaining", "reset-after"},
	})
	return reserving[ratelimiter.RateLimiter[any]]{newUnkeyed(bare, lib, maker[ratelimiter.RateLimiter[any]]{
		make: fresh,
		decide: func(l ratelimiter.RateLimiter[any], _ time.Duration, n int64) limiters.Decision {
			return limiters.Whether(l.TryAcquirePermits(uint(n)), limiters.Unknown)
		},
	}), func(l ratelimiter.RateLimiter[any], _ time.Duration, n int64) limiters.Decision {
		return reserved(l.ReservePermits(uint(n)), limiters.Unknown)
	}}
}
