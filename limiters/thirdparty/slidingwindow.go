package thirdparty

import (
	"fmt"
	"time"

	"github.com/RussellLuo/slidingwindow"

	"github.com/fcbench/fcbench/limiters"
)

const slidingwindowVersion = "v0.0.0-20200528002341-535bb99d338b"

// SlidingwindowConfig describes a limiter of github.com/RussellLuo/slidingwindow.
type SlidingwindowConfig struct {
	limiters.WindowConfig `yaml:",inline"`
	Bare                  bool `yaml:"bare"`
}

// maxSlidingwindow is 18 years: the window in which a run begins must not begin
// before Unix time does.
const maxSlidingwindow = time.Duration(1) << 59

// NewSlidingwindow returns github.com/RussellLuo/slidingwindow with windows of
// its own memory, asked by AllowN at a given time.
//
// The README describes the algorithm of Kong: the count of the current window,
// and of the one before as large a share as the trailing window still covers,
// with the fraction that comes out. Windows in memory start no goroutine, so
// there is nothing to stop.
//
// The library cuts windows from the year 1; a run begins with one.
func NewSlidingwindow(config SlidingwindowConfig) (limiters.Limiter, error) {
	model, err := limiters.NewSlidingWindowCounter(config.WindowConfig)
	if err != nil {
		return nil, err
	}
	limit := model.Info().Limit
	if limit.Period > maxSlidingwindow {
		return nil, fmt.Errorf("window is %v; want at most %v, so that the library can count from 1970", limit.Period, maxSlidingwindow)
	}
	lib := claiming(model, limiters.Info{
		Version: slidingwindowVersion, Scope: "local", State: "two counts and the start of each, mutex",
		TimeSource: limiters.TimeArgument,
		Lacks:      []string{"keys", "peek", limiters.NoInstant, "retry-after", "remaining", "reset-after"},
	})
	start := instant(0).Truncate(limit.Period)
	return newUnkeyed(config.Bare, lib, maker[*slidingwindow.Limiter]{
		make: func() *slidingwindow.Limiter {
			l, _ := slidingwindow.NewLimiter(limit.Period, limit.Rate, func() (slidingwindow.Window, slidingwindow.StopFunc) {
				return slidingwindow.NewLocalWindow()
			})
			return l
		},
		decide: func(l *slidingwindow.Limiter, at time.Duration, n int64) limiters.Decision {
			return limiters.Whether(l.AllowN(start.Add(at), n), at)
		},
	}), nil
}
