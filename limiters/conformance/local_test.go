package conformance_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/rounds"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/conformance"
)

var local = conformance.Options{Concurrent: true, NoAllocation: true, Decisions: rounds.Of(1_000)}

func TestBuckets(t *testing.T) {
	limits := []limiters.Limit{
		{Rate: 10, Period: time.Second, Burst: 1},
		{Rate: 100, Period: time.Second, Burst: 20},
		{Rate: 3_000_000, Period: time.Second, Burst: 1},
		{Rate: 700_000, Period: time.Second, Burst: 7},
		{Rate: 12_345, Period: time.Second, Burst: 3},
		{Rate: 999_999_937, Period: time.Second, Burst: 1000},
		{Rate: 1, Period: time.Nanosecond, Burst: 5},
		{Rate: 7, Period: 3 * time.Second, Burst: 2},
		{Rate: 1, Period: 24 * time.Hour, Burst: 4},
		{Rate: 1, Period: time.Second, Burst: 10_000_000},
	}
	for _, limit := range rounds.Some(limits) {
		c := limiters.Config{Rate: units.Rate{Count: limit.Rate, Per: limit.Period}, Burst: units.Count(limit.Burst)}
		run(t, "token-bucket", limiters.NewTokenBucket, c, limit)
		run(t, "leaky-bucket-meter", limiters.NewLeakyBucketMeter, c, limit)
		run(t, "gcra", limiters.NewGCRA, c, limit)
	}
}

func TestWindows(t *testing.T) {
	limits := []limiters.Limit{
		{Rate: 1, Period: time.Second},
		{Rate: 100, Period: time.Second},
		{Rate: 7, Period: 3 * time.Second},
		{Rate: 1000, Period: time.Microsecond},
		{Rate: 24, Period: 24 * time.Hour},
		{Rate: 1_000_000, Period: time.Minute},
	}
	for _, limit := range rounds.Some(limits) {
		c := limiters.WindowConfig{Rate: units.Rate{Count: limit.Rate, Per: limit.Period}, Window: units.Duration(limit.Period)}
		run(t, "fixed-window", limiters.NewFixedWindow, c, limit)
		run(t, "sliding-window-log", limiters.NewSlidingWindowLog, c, limit)
		run(t, "sliding-window-counter", limiters.NewSlidingWindowCounter, c, limit)
	}
}

// TestMicroseconds is how a limiter with a coarser clock is tested.
func TestMicroseconds(t *testing.T) {
	limit := limiters.Limit{Rate: 3_000_000, Period: time.Second, Burst: 10}
	conformance.Run(t, func(t *testing.T) limiters.Limiter {
		l, err := limiters.NewGCRA(limiters.Config{Rate: units.Rate{Count: limit.Rate, Per: limit.Period}, Burst: units.Count(limit.Burst)})
		if err != nil {
			t.Fatal(err)
		}
		return microseconds{l}
	}, limit, conformance.Options{Granularity: time.Microsecond, Concurrent: true})
}

func run[C any, L limiters.Limiter](t *testing.T, kind string, construct func(C) (L, error), config C, limit limiters.Limit) {
	t.Run(fmt.Sprintf("%s/%d per %v burst %d", kind, limit.Rate, limit.Period, limit.Burst), func(t *testing.T) {
		conformance.Run(t, func(t *testing.T) limiters.Limiter {
			l, err := construct(config)
			if err != nil {
				t.Fatal(err)
			}
			return l
		}, limit, local)
	})
}
