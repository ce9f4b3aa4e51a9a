package thirdparty

import (
	"context"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// reserving is a library that also sells what is not there yet.
type reserving[L any] struct {
	*unkeyed[L]
	take func(of L, at time.Duration, n int64) limiters.Decision
}

// Reserve implements [limiters.Reserver]. A reservation is not cancelled.
func (l reserving[L]) Reserve(_ context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	return l.ask(l.take, now, key, n)
}

// reserved is the decision at the instant at to wait before one goes on; where the
// wait is Never there is none.
func reserved(wait, at time.Duration) limiters.Decision {
	d := limiters.Whether(wait != limiters.Never, at)
	if d.Delay = wait; !d.Allowed {
		d.Delay, d.RetryAfter = 0, limiters.Never
	}
	return d
}
