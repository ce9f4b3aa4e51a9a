package thirdparty

import (
	"time"

	"golang.org/x/time/rate"

	"github.com/fcbench/fcbench/limiters"
)

const xTimeVersion = "v0.16.0"

// XTimeRateConfig describes a limiter of golang.org/x/time/rate.
type XTimeRateConfig struct {
	limiters.Config `yaml:",inline"`
	Bare            bool `yaml:"bare"`
	// Metadata asks for more than whether: what is left, and after a denial how
	// long to wait, which the library tells only of a reservation. That one is
	// cancelled at once, as its documentation has it; but it is an event more, and
	// cancelling is approximate, so decisions may differ from those of AllowN alone.
	Metadata bool `yaml:"metadata"`
}

// NewXTimeRate returns golang.org/x/time/rate, asked by AllowN at a given time.
//
// The documentation of type Limiter calls it a token bucket of size b, full at
// first and filled at r tokens per second, and AllowN the method for those who
// drop what exceeds the limit. Tokens are a float64: a step rounds by far less
// than what flows in a nanosecond, and so may be off by one nanosecond; that is
// forgiven, but not what many steps add up to.
func NewXTimeRate(config XTimeRateConfig) (limiters.Limiter, error) {
	model, err := limiters.NewTokenBucket(config.Config)
	if err != nil {
		return nil, err
	}
	count, period := config.Rate.Count, config.Rate.Per
	limit, burst := rate.Limit(float64(count)/period.Seconds()), int(config.Burst)
	lib := claiming(model, limiters.Info{
		Version: xTimeVersion, Scope: "local", State: "tokens as a float64 and their instant, mutex",
		TimeSource: limiters.TimeArgument, Resolution: rounding,
		Lacks: []string{"keys", limiters.NoInstant, "reset-after", "retry-after without a reservation"},
	})
	decide := allowN
	if config.Metadata {
		decide = reserveN
	}
	return reserving[*rate.Limiter]{newUnkeyed(config.Bare, lib, maker[*rate.Limiter]{
		make:   func() *rate.Limiter { return rate.NewLimiter(limit, burst) },
		decide: decide,
		idle: func(l *rate.Limiter, now time.Duration) bool {
			return l.TokensAt(instant(now)) >= float64(burst)
		},
	}), takeN}, nil
}

func allowN(l *rate.Limiter, at time.Duration, n int64) limiters.Decision {
	return limiters.Whether(l.AllowN(instant(at), int(n)), at)
}

func reserveN(l *rate.Limiter, at time.Duration, n int64) limiters.Decision {
	t := instant(at)
	r := l.ReserveN(t, int(n))
	wait := r.DelayFrom(t) // InfDuration, which is Never, if it will never be granted
	if wait > 0 {
		r.CancelAt(t)
	}
	d := limiters.Whether(wait == 0, at)
	d.RetryAfter = wait
	d.Remaining = max(0, int64(l.TokensAt(t)))
	return d
}

// takeN keeps what it reserves.
func takeN(l *rate.Limiter, at time.Duration, n int64) limiters.Decision {
	t := instant(at)
	return reserved(l.ReserveN(t, int(n)).DelayFrom(t), at) // InfDuration is Never
}
