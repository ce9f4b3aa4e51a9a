package redislua

import (
	"fmt"
	"time"

	"github.com/fcbench/fcbench/limiters"
	"github.com/redis/go-redis/v9"
)

// NewFixedWindow returns a count per window in Lua, where windows are aligned to
// multiples of their length on the clock in use. Nothing is sent before Open.
func NewFixedWindow(client redis.UniversalClient, setup WindowConfig) (*Adjustable, error) {
	return newWindow(client, setup, limiters.NewFixedWindow, definition{
		name: "redis-fixed-window", scripts: []string{"fixed_window.lua"},
		info: limiters.Info{Algorithm: "fixed-window", State: "count and latest instant, one string"},
	})
}

// NewSlidingWindowCounter returns two counts in Lua, the older one weighted by
// what of its window lies in the trailing period. Nothing is sent before Open.
func NewSlidingWindowCounter(client redis.UniversalClient, setup WindowConfig) (*Adjustable, error) {
	return newWindow(client, setup, limiters.NewSlidingWindowCounter, definition{
		name: "redis-sliding-window-counter", scripts: []string{"sliding_window_counter.lua"},
		info: limiters.Info{Algorithm: "sliding-window-counter", State: "two counts and latest instant, one string"},
	})
}

// NewSlidingWindowLog returns a log of the grants of the trailing window in Lua,
// kept in a list, which takes a seventh of the memory of a sorted set. Nothing is sent
// before Open.
func NewSlidingWindowLog(client redis.UniversalClient, setup WindowConfig) (*Adjustable, error) {
	return newWindow(client, setup, limiters.NewSlidingWindowLog, definition{
		name: "redis-sliding-window-log", scripts: []string{"first.lua", "sliding_window_log.lua"},
		info: limiters.Info{Algorithm: "sliding-window-log", State: "grants and their sums, a list"},
	})
}

// NewSlidingWindowLogZSET returns the same log kept in a sorted set, as most
// write it. Nothing is sent before Open.
func NewSlidingWindowLogZSET(client redis.UniversalClient, setup WindowConfig) (*Adjustable, error) {
	return newWindow(client, setup, limiters.NewSlidingWindowLog, definition{
		name: "redis-sliding-window-log-zset", scripts: []string{"first.lua", "sliding_window_log_zset.lua"},
		info: limiters.Info{Algorithm: "sliding-window-log", State: "grants and their sums, a sorted set"},
	})
}

// newWindow makes a window that may admit what the local one of the same
// algorithm may.
func newWindow[L limiters.Described](client redis.UniversalClient, setup WindowConfig,
	local func(limiters.WindowConfig) (L, error), d definition,
) (*Adjustable, error) {
	first, err := setup.Config.Limit()
	return newAdjustable(client, setup, d, terms{
		numbers: func(limit limiters.Limit) ([]int64, error) {
			info := d.info
			info.Limit = limit
			err := first.MayBecome(limit)
			if err == nil {
				err = countable(info)
			}
			return []int64{limit.Rate, limit.Period.Microseconds()}, err
		},
		bound: func(limit limiters.Limit) func(time.Duration) int64 {
			same, err := local(limiters.WindowConfig{Rate: limit.Config().Rate})
			if err != nil {
				panic(err) // it was in force
			}
			return same.Bound
		},
	}, first, err)
}

// countable says whether a script can count in the window, and up to its limit.
// That of the sliding window counter multiplies counts with the time that they
// are weighted by.
func countable(info limiters.Info) error {
	limit, window, most := info.Limit.Rate, info.Limit.Period, int64(maxUnits)
	switch {
	case window%time.Microsecond != 0:
		return fmt.Errorf("window is %v; want whole µs, in which Redis tells the time", window)
	case window > maxWindow:
		return fmt.Errorf("window is %v; want at most %v, for a script to be exact", window, maxWindow)
	case info.Algorithm == "sliding-window-counter":
		most /= window.Microseconds()
	}
	if limit > most {
		return fmt.Errorf("limit is %d in %v; want at most %d in that time, for a script to be exact", limit, window, most)
	}
	return nil
}
