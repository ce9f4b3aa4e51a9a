package targets

import (
	"context"
	"time"
)

// Caller answers one request at a time per caller and blocks until it is
// answered or ctx ends.
type Caller interface {
	// r is only valid during the call.
	Do(ctx context.Context, clock Clock, r *Request) Response
}

// Inline makes a target of what answers within nanoseconds, without waiting for
// anything outside the process: its lanes call it in the runner's loop. It must
// stand being called by several of them at once.
func Inline(c Caller, info Info) Target {
	info.Inline, info.Ordered, info.Virtual = c, true, true
	return inlineTarget{caller: c, info: info}
}

type inlineTarget struct {
	still
	caller Caller
	info   Info
}

func (t inlineTarget) Info() Info { return t.info }

func (t inlineTarget) Lane(ctx context.Context, env Env, _, _ int) (Async, error) {
	return newInlineLane(ctx, t.caller, env), nil
}

// inlineLane calls from the loop: no lock, channel or allocation, and one clock
// reading, which also serves as the next request's start.
type inlineLane struct {
	caller Caller
	ctx    context.Context
	env    Env
	answer Response // reused, so that handing it on allocates nothing
}

func newInlineLane(ctx context.Context, c Caller, env Env) *inlineLane {
	return &inlineLane{caller: c, ctx: ctx, env: env}
}

func (l *inlineLane) Start(now time.Duration, r *Request, done Done) {
	l.answer = l.caller.Do(l.ctx, l.env.Clock, r)
	l.answer.Started = now
	done(r.Token, l.env.Clock(), &l.answer)
}

func (l *inlineLane) Poll(now, until time.Duration, _ Done) time.Duration {
	if until <= now {
		return now // nothing is ever in flight
	}
	return l.env.Wait(now, until)
}

func (*inlineLane) Close(context.Context) error { return nil }
