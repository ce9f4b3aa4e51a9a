package limiters

import (
	"testing"

	"github.com/fcbench/fcbench/internal/units"
)

// kinds are the limiters of this package, each built to enforce a limit.
var kinds = []struct {
	name   string
	window bool
	new    func(tb testing.TB, limit Limit) Limiter
}{
	{"token-bucket", false, func(tb testing.TB, limit Limit) Limiter { return built(tb, NewTokenBucket, bucketConfig(limit)) }},
	{"leaky-bucket-meter", false, func(tb testing.TB, limit Limit) Limiter { return built(tb, NewLeakyBucketMeter, bucketConfig(limit)) }},
	{"leaky-bucket-queue", false, func(tb testing.TB, limit Limit) Limiter { return built(tb, NewLeakyBucketQueue, bucketConfig(limit)) }},
	{"gcra", false, func(tb testing.TB, limit Limit) Limiter { return built(tb, NewGCRA, bucketConfig(limit)) }},
	{"fixed-window", true, func(tb testing.TB, limit Limit) Limiter { return built(tb, NewFixedWindow, windowConfig(limit)) }},
	{"sliding-window-log", true, func(tb testing.TB, limit Limit) Limiter { return built(tb, NewSlidingWindowLog, windowConfig(limit)) }},
	{"sliding-window-counter", true, func(tb testing.TB, limit Limit) Limiter {
		return built(tb, NewSlidingWindowCounter, windowConfig(limit))
	}},
}

func built[C any, L Limiter](tb testing.TB, construct func(C) (L, error), config C) Limiter {
	tb.Helper()
	l, err := construct(config)
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

func bucketConfig(limit Limit) Config {
	return Config{Rate: units.Rate{Count: limit.Rate, Per: limit.Period}, Burst: units.Count(limit.Burst)}
}

func windowConfig(limit Limit) WindowConfig {
	return WindowConfig{Rate: units.Rate{Count: limit.Rate, Per: limit.Period}, Window: units.Duration(limit.Period)}
}
