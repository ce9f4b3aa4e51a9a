package targets

import (
	"context"

	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/results"
)

// Limiter asks a rate limiter on every request. An admission is ok, a refusal
// rejected; an error of the limiter is a failure and no decision at all.
type Limiter struct{ limiter limiters.Limiter }

// Do asks the limiter at r.Now.
func (t Limiter) Do(ctx context.Context, r *Request) Response {
	d, err := t.limiter.Allow(ctx, r.Now, r.Key, r.Cost)
	if err != nil {
		return Failure(ctx, err)
	}
	outcome := results.Rejected
	if d.Allowed {
		outcome = results.OK
	}
	return Response{Outcome: outcome, Decided: d.At, Judged: d.At != limiters.Unknown, Mode: uint8(d.Mode)}
}

// Open prepares the limiter, if there is anything to prepare.
func (t Limiter) Open(ctx context.Context, _ Env) error {
	if o, ok := t.limiter.(limiters.Opener); ok {
		return o.Open(ctx)
	}
	return nil
}

// Close closes the limiter if it holds anything.
func (t Limiter) Close(ctx context.Context) error {
	if c, ok := t.limiter.(limiters.Closer); ok {
		return c.Close(ctx)
	}
	return nil
}

// NewLimiter makes a limiter a target. One that lives in this process is called
// in the runner's loop; one behind a network by at most workers callers at once.
func NewLimiter(l limiters.Limiter, workers int) Target {
	if workers == 0 {
		return inlineLimiter{Limiter{l}}
	}
	return pooledLimiter{Limiter{l}, workers}
}

type inlineLimiter struct{ Limiter }

func (inlineLimiter) Inline() {}

type pooledLimiter struct {
	Limiter
	workers int
}

func (p pooledLimiter) Workers() int { return p.workers }

var (
	_ Inline = inlineLimiter{}
	_ Pooled = pooledLimiter{}
)
