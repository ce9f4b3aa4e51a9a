package live

import (
	"context"
	"sync"
	"time"

	"github.com/fcbench/fcbench/pipelines"
)

// Timed is work that is nothing but waiting: until the instant that end names for
// an item whose service begins at begin.
func Timed(clock func() time.Duration, end func(begin time.Duration, it *pipelines.Item) time.Duration) Work {
	timers := sync.Pool{New: func() any { return time.NewTimer(time.Hour) }}
	return func(ctx context.Context, begin time.Duration, it *pipelines.Item) (time.Duration, error) {
		end := end(begin, it)
		left := end - clock()
		if left <= 0 {
			return end, nil
		}
		timer := timers.Get().(*time.Timer)
		defer timers.Put(timer)
		timer.Reset(left)
		select {
		case <-timer.C:
			return end, nil
		case <-ctx.Done():
			timer.Stop()
			return end, ctx.Err()
		}
	}
}

// Untimed is work that takes as long as it takes.
func Untimed(clock func() time.Duration, do func(ctx context.Context, it *pipelines.Item) error) Work {
	return func(ctx context.Context, _ time.Duration, it *pipelines.Item) (time.Duration, error) {
		err := do(ctx, it)
		return clock(), err
	}
}
