// Package failure is what to do when a limiter cannot answer.
//
// An error of a limiter is no decision. [New] puts a policy around a limiter
// that turns its errors into decisions, each of them marked with who decided:
// let everything through, nothing through, or ask another
// limiter in this process.
//
// A decision may have a deadline. The primary's context ends at it, and a
// primary that honours its context, as network clients do, holds nobody longer.
// A call that ignores its context cannot be left without a goroutine of its own
// to be stuck in, so it does hold its caller; but the deadline counts when it
// passes, not when the call comes back, so with a breaker the callers that
// follow are not held as well.
//
// The breaker does not ask a primary that failed several times in a row. After
// a cooldown, in run time, it lets one call through. If that succeeds
// everything is as before, otherwise it waits for another cooldown.
//
// Not every error is a failure of the primary. A caller whose own context has
// ended gets the error, and so does one that asks for less than one token:
// neither is ever let through by mistake, nor held against the primary. The same
// goes for one that this process had no file descriptor, port or memory left for.
// Nor is held against it a call that comes while another opens the primary, which
// then is not asked.
package failure

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/internal/ownfault"
	"github.com/fcbench/fcbench/limiters"
)

// Policy says who decides when the primary does not.
type Policy struct {
	Mode     Mode
	Deadline time.Duration // of a decision, in real time; 0 for none
	Failures int           // in a row, after which the primary is left alone; 0 for never
	Cooldown time.Duration // for how long, in run time
	Local    limiters.Limiter
}

// described is what a primary has to be.
type described interface {
	limiters.Limiter
	limiters.Described
}

// guard is a primary with a policy.
type guard struct {
	primary described
	policy  Policy
	info    limiters.Info
	breaker breaker

	unopened atomic.Bool // Open failed and has to be done again
	opening  sync.Mutex
}

var (
	errDeadline = errors.New("the limiter did not answer by its deadline")
	errOpen     = errors.New("the limiter failed too often and is not asked for now")
	errOpening  = errors.New("the limiter is being opened")
	errPermit   = errors.New("permit leaves no room to mark who gave it; want less than 2^63")
)

// New puts policy around primary, which must implement [limiters.Described]. What
// else primary can do is found by [limiters.As]; of that the policy knows nothing but to give
// back what was granted, and to change the limit of who decides in its place as well.
func New(primary limiters.Limiter, policy Policy) (limiters.Limiter, error) {
	d, ok := primary.(described)
	err := policy.validate()
	if !ok {
		err = errors.Join(err, fmt.Errorf("primary is %T; want a limiter that can say what it is", primary))
	}
	if err != nil {
		return nil, err
	}
	g := &guard{primary: d, policy: policy, info: d.Info()}
	g.breaker.limit, g.breaker.cooldown = policy.Failures, policy.Cooldown
	releaser, ok := limiters.As[limiters.Releaser](primary)
	if !ok {
		return g, nil
	}
	local, ok := limiters.As[limiters.Releaser](policy.Local)
	if policy.Mode == Local && !ok {
		return nil, fmt.Errorf("local is %T; want a limiter whose grants can be given back, as those of the primary are", policy.Local)
	}
	return holder{g, releaser, local}, nil
}

// Allow implements [limiters.Limiter].
func (g *guard) Allow(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	if n < 1 {
		return limiters.Decision{}, fmt.Errorf("cost is %d; want at least 1", n)
	}
	d, err := g.ask(ctx, now, key, n)
	switch {
	case err == nil:
		return d, nil
	case g.policy.Mode == Error || ended(ctx, err) || ownfault.Cause(err) != "":
		return limiters.Decision{}, err
	}
	return g.instead(ctx, now, key, n, err)
}

// ask asks the primary, unless the breaker is open, and keeps account of it.
func (g *guard) ask(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	pass, ok := g.breaker.enter(now)
	if !ok {
		return limiters.Decision{}, errOpen
	}
	if g.policy.Deadline > 0 {
		return g.askWithin(ctx, pass, now, key, n)
	}
	d, err := g.call(ctx, now, key, n)
	g.account(ctx, pass, now, err)
	return d, err
}

// askWithin is ask with a deadline. A decision that comes after it is late, but
// it is the primary's and stands: what it granted is granted.
func (g *guard) askWithin(ctx context.Context, pass uint64, now time.Duration, key string, n int64) (limiters.Decision, error) {
	within, cancel := context.WithTimeoutCause(ctx, g.policy.Deadline, errDeadline)
	defer cancel()
	overrun := sync.OnceFunc(func() {
		g.breaker.failed(pass, now)
	})
	missed := func() bool { return context.Cause(within) == errDeadline }
	stop := context.AfterFunc(within, func() {
		if missed() {
			overrun()
		}
	})
	d, err := g.call(within, now, key, n)
	stop()
	if !missed() && (err == nil || ended(ctx, err) || !ended(within, err)) {
		g.account(ctx, pass, now, err)
		return d, err
	}
	overrun()
	if err != nil {
		err = fmt.Errorf("%v of %v: %w", errDeadline, g.policy.Deadline, err)
	}
	return d, err
}

// ended reports whether ctx has ended, or err came of its end: a connection that
// has the deadline of ctx can notice that it has passed before ctx itself does.
func ended(ctx context.Context, err error) bool {
	if ctx.Err() != nil {
		return true
	}
	deadline, ok := ctx.Deadline()
	var timeout interface{ Timeout() bool }
	return ok && errors.As(err, &timeout) && timeout.Timeout() && passed(deadline)
}

// passed asks a context, for one whose deadline has passed has ended from the start.
func passed(deadline time.Time) bool {
	late, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	return late.Err() != nil
}

// account tells the breaker what became of a call that met its deadline.
func (g *guard) account(ctx context.Context, pass uint64, now time.Duration, err error) {
	switch {
	case err == nil:
		g.breaker.succeeded(pass)
	case ended(ctx, err), ownfault.Cause(err) != "":
		g.breaker.withdrawn(pass)
	case errors.Is(err, errOpening):
		g.breaker.withdrawn(pass)
	default:
		g.breaker.failed(pass, now)
	}
}

// call asks the primary, which is opened first if that has failed before.
func (g *guard) call(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	if g.unopened.Load() {
		if err := g.reopen(ctx); err != nil {
			return limiters.Decision{}, err
		}
	}
	return g.primary.Allow(ctx, now, key, n)
}

// instead decides in the primary's place, which failed with cause.
func (g *guard) instead(ctx context.Context, now time.Duration, key string, n int64, cause error) (limiters.Decision, error) {
	d := limiters.Decision{At: g.at(now), RetryAfter: limiters.Unknown, ResetAfter: limiters.Unknown, Remaining: -1}
	if n > g.primary.Bound(0) {
		d.RetryAfter = limiters.Never
	}
	switch g.policy.Mode {
	case Open:
		d.Mode = limiters.FailOpen
		// What the primary could never grant is not granted in its absence.
		if d.RetryAfter != limiters.Never {
			d.Allowed, d.RetryAfter = true, 0
		}
		return d, nil
	case Closed:
		d.Mode = limiters.FailClosed
		return d, nil
	}
	return g.locally(ctx, now, key, n, cause)
}

// locally asks the local limiter.
func (g *guard) locally(ctx context.Context, now time.Duration, key string, n int64, cause error) (limiters.Decision, error) {
	d, err := g.policy.Local.Allow(ctx, now, key, n)
	if err != nil {
		return limiters.Decision{}, errors.Join(cause, err)
	}
	d.Mode = limiters.LocalFallback
	if !g.onRunTime() {
		// Waits count from At, and that is not to be mistaken for an instant on
		// the primary's clock.
		ahead := d.At - now
		d.Delay, d.RetryAfter, d.ResetAfter = later(d.Delay, ahead), later(d.RetryAfter, ahead), later(d.ResetAfter, ahead)
		d.At = limiters.Unknown
	}
	return d, nil
}

// onRunTime reports whether the primary's decisions are instants of the run.
func (g *guard) onRunTime() bool { return g.info.TimeSource == limiters.TimeArgument }

// at is now where the primary would have said so, and unknown elsewhere.
func (g *guard) at(now time.Duration) time.Duration {
	if g.onRunTime() {
		return max(0, now)
	}
	return limiters.Unknown
}

// later adds to a wait that has an end.
func later(wait, by time.Duration) time.Duration {
	if wait <= 0 || by <= 0 {
		return wait
	}
	if wait > limiters.Never-by {
		return limiters.Never
	}
	return wait + by
}
