package runner

import (
	"context"
	"time"

	"github.com/fcbench/fcbench/targets"
)

// drive puts any target behind the one contract that the loop knows. A target
// that answers within nanoseconds is called in the loop; so is every blocking
// target in virtual time, where a real call takes no time at all.
func drive(ctx context.Context, t Trial, env targets.Env) targets.Async {
	switch target := t.Target.(type) {
	case targets.Async:
		return target
	case targets.Inline:
		return &inline{target: target, ctx: ctx, env: env}
	case targets.Target:
		if t.Virtual {
			return &inline{target: target, ctx: ctx, env: env}
		}
		return newPool(ctx, target, t.MaxInFlight, env, t.Plain)
	}
	return nil
}

// inline calls the target from the loop: no lock, channel or allocation, and
// one clock reading, which also serves as the next request's start.
type inline struct {
	target targets.Target
	ctx    context.Context
	env    targets.Env
	answer targets.Response // reused, so that handing it on allocates nothing
}

func (d *inline) Start(now time.Duration, r *targets.Request, done targets.Done) {
	d.answer = d.target.Do(d.ctx, r)
	d.answer.Started = now
	done(r.Token, d.env.Clock(), &d.answer)
}

func (d *inline) Poll(now, until time.Duration, _ targets.Done) time.Duration {
	if until <= now {
		return now // nothing is ever in flight
	}
	return d.env.Wait(now, until)
}
