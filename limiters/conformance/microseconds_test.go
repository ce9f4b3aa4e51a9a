package conformance_test

import (
	"context"
	"fmt"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// microseconds is a GCRA that tells whole microseconds apart and waits in them.
type microseconds struct{ *limiters.GCRA }

func (m microseconds) Allow(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	d, err := m.GCRA.Allow(ctx, now, key, n)
	return coarse(d, now, err)
}

func (m microseconds) Peek(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	d, err := m.GCRA.Peek(ctx, now, key, n)
	return coarse(d, now, err)
}

func coarse(d limiters.Decision, now time.Duration, err error) (limiters.Decision, error) {
	if now%time.Microsecond != 0 {
		return d, fmt.Errorf("now is %d ns; want whole microseconds", now)
	}
	d.RetryAfter, d.ResetAfter = roundUp(d.RetryAfter), roundUp(d.ResetAfter)
	return d, err
}

func roundUp(wait time.Duration) time.Duration {
	if wait == limiters.Never {
		return wait
	}
	return (wait + time.Microsecond - 1).Truncate(time.Microsecond)
}
