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
	timers := newTimers(clock)
	return func(ctx context.Context, begin time.Duration, it *pipelines.Item) (time.Duration, error) {
		return timers.wait(ctx, end(begin, it))
	}
}

// TimedTogether is the same for items that are served together.
func TimedTogether(clock func() time.Duration, end func(begin time.Duration, items []pipelines.Item) time.Duration) Together {
	timers := newTimers(clock)
	return func(ctx context.Context, begin time.Duration, items []pipelines.Item) (time.Duration, error) {
		return timers.wait(ctx, end(begin, items))
	}
}

// timers are those of the workers of a stage.
type timers struct {
	clock func() time.Duration
	pool  sync.Pool
}

func newTimers(clock func() time.Duration) *timers {
	return &timers{clock: clock, pool: sync.Pool{New: func() any { return time.NewTimer(time.Hour) }}}
}

// wait waits until the instant.
func (t *timers) wait(ctx context.Context, end time.Duration) (time.Duration, error) {
	left := end - t.clock()
	if left <= 0 {
		return end, nil
	}
	timer := t.pool.Get().(*time.Timer)
	defer t.pool.Put(timer)
	timer.Reset(left)
	select {
	case <-timer.C:
		return end, nil
	case <-ctx.Done():
		timer.Stop()
		return end, ctx.Err()
	}
}

// Untimed is work that takes as long as it takes.
func Untimed(clock func() time.Duration, do func(ctx context.Context, it *pipelines.Item) error) Work {
	return func(ctx context.Context, _ time.Duration, it *pipelines.Item) (time.Duration, error) {
		err := do(ctx, it)
		return clock(), err
	}
}
