package external

import (
	"fmt"

	"github.com/fcbench/fcbench/limiters"
)

// newModel returns fcbench's own limiter of the algorithm, which knows what is
// wrong with a limit and what may be admitted under it.
func newModel(c Config) (limiters.Described, error) {
	switch c.Algorithm {
	case "token-bucket":
		return described(limiters.NewTokenBucket(c.bucket()))
	case "leaky-bucket-meter":
		return described(limiters.NewLeakyBucketMeter(c.bucket()))
	case "leaky-bucket-queue":
		return described(limiters.NewLeakyBucketQueue(c.bucket()))
	case "gcra":
		return described(limiters.NewGCRA(c.bucket()))
	case "fixed-window":
		return described(limiters.NewFixedWindow(c.window()))
	case "sliding-window-log":
		return described(limiters.NewSlidingWindowLog(c.window()))
	case "sliding-window-counter":
		return described(limiters.NewSlidingWindowCounter(c.window()))
	}
	return nil, fmt.Errorf("algorithm is %q; want one of token-bucket, leaky-bucket-meter, leaky-bucket-queue, "+
		"gcra, fixed-window, sliding-window-log, sliding-window-counter", c.Algorithm)
}

func (c Config) bucket() limiters.Config { return limiters.Config{Rate: c.Rate, Burst: c.Burst} }

func (c Config) window() limiters.WindowConfig {
	return limiters.WindowConfig{Rate: c.Rate, Window: c.Window}
}

// described keeps a failed constructor's nil pointer out of the interface.
func described[L limiters.Described](l L, err error) (limiters.Described, error) {
	if err != nil {
		return nil, err
	}
	return l, nil
}
