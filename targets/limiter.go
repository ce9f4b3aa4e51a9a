package targets

import (
	"context"
	"errors"

	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/results"
)

// LimiterOptions say how a limiter is used.
type LimiterOptions struct {
	// Workers is how many callers a limiter behind a network takes at once; 0
	// for one that lives in this process and is called in the runner's loop.
	Workers int
	// Classes are limiters for arrivals of other streams: arrivals of class i ask
	// Classes[i], or where there is none the limiter itself. They are of one kind.
	Classes []limiters.Limiter
	// Hold is how long what is granted is held; nil where nothing is given back.
	Hold Hold
	// Virtual says that time does not pass during a call.
	Virtual bool
}

// NewLimiter makes a limiter a target: a [Target] where the decision is the
// answer, an [Async] where the answer comes later, because the limiter makes
// callers wait or because what it grants is held for a while.
func NewLimiter(l limiters.Limiter, o LimiterOptions) any {
	ask := Limiter{limiter: l, classes: o.Classes}
	waits := waiting{Limiter: ask, hold: o.Hold}
	switch takesTime := shapes(l) || releases(l); {
	case takesTime && (o.Workers == 0 || o.Virtual):
		return &eventLimiter{waiting: waits}
	case takesTime:
		return blockingLimiter{waits}
	case o.Workers == 0:
		return inlineLimiter{ask}
	}
	return pooledLimiter{ask, o.Workers}
}

func shapes(l limiters.Limiter) bool {
	d, ok := l.(limiters.Described)
	return ok && d.Info().Shaper
}

func releases(l limiters.Limiter) bool {
	_, ok := l.(limiters.Releaser)
	return ok
}

// Limiter asks a rate limiter on every request. An admission is ok, a refusal
// rejected; an error of the limiter is a failure and no decision at all.
type Limiter struct {
	limiter limiters.Limiter
	classes []limiters.Limiter
}

// of returns the limiter for a class.
func (t Limiter) of(class uint8) limiters.Limiter {
	if int(class) < len(t.classes) && t.classes[class] != nil {
		return t.classes[class]
	}
	return t.limiter
}

// all yields every limiter once.
func (t Limiter) all(yield func(limiters.Limiter) bool) {
	if !yield(t.limiter) {
		return
	}
	for _, l := range t.classes {
		if l != nil && !yield(l) {
			return
		}
	}
}

// Do asks the limiter at r.Now.
func (t Limiter) Do(ctx context.Context, r *Request) Response {
	_, response := t.ask(ctx, r)
	return response
}

func (t Limiter) ask(ctx context.Context, r *Request) (limiters.Decision, Response) {
	d, err := t.of(r.Class).Allow(ctx, r.Now, r.Key, r.Cost)
	if err != nil {
		return d, Failure(ctx, err)
	}
	outcome := results.Rejected
	if d.Allowed {
		outcome = results.OK
	}
	return d, Response{
		Outcome: outcome, RetryAfter: max(0, d.RetryAfter), Decided: d.At, Judged: true, Mode: uint8(d.Mode),
	}
}

// Open prepares the limiter, if there is anything to prepare.
func (t Limiter) Open(ctx context.Context, _ Env) error {
	for l := range t.all {
		if o, ok := l.(limiters.Opener); ok {
			if err := o.Open(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// Close closes the limiter if it holds anything.
func (t Limiter) Close(ctx context.Context) error {
	var errs error
	for l := range t.all {
		if c, ok := l.(limiters.Closer); ok {
			errs = errors.Join(errs, c.Close(ctx))
		}
	}
	return errs
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
	_ Target = blockingLimiter{}
	_ Async  = (*eventLimiter)(nil)
)
