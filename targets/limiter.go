package targets

import (
	"context"
	"errors"

	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/results"
)

// LimiterOptions say what limiters are made for each trial, and how they are used.
type LimiterOptions struct {
	// New makes the limiters of a trial, not yet opened.
	New   func(TrialID) (Limiters, error)
	Scope string // "local" or "redis"
	// Workers is how many callers a limiter behind a network takes at once; 0
	// for one that lives in this process and is called in the runner's loop.
	Workers int
	// Waits says that answers come later than decisions: the limiter makes callers
	// wait, or what it grants is held for a while and given back.
	Waits bool
	// Hold is how long what is granted is held; nil where nothing is given back.
	Hold Hold
	// Steps change the limit of the common limiter while it is asked, in the order of
	// time; then there is one lane.
	Steps []Step
	// Virtual says that time does not pass during a call.
	Virtual bool
	// Carry makes lane i of n that asks the limiters of a trial by other means than
	// calls of Allow, in real time. A nil lane says that there are none for them.
	Carry func(ctx context.Context, trial *Limiters, env Env, i, n int) (Async, error)
}

// Limiters decide about the arrivals of one trial.
type Limiters struct {
	Common limiters.Limiter
	// Classes are limiters for arrivals of other streams: arrivals of class i ask
	// Classes[i], or where there is none the common one. They are of one kind.
	Classes []limiters.Limiter
}

// of returns the limiter for a class.
func (l *Limiters) of(class uint8) limiters.Limiter {
	if int(class) < len(l.Classes) && l.Classes[class] != nil {
		return l.Classes[class]
	}
	return l.Common
}

// all yields every limiter once.
func (l *Limiters) all(yield func(limiters.Limiter) bool) {
	if l.Common == nil || !yield(l.Common) {
		return
	}
	for _, c := range l.Classes {
		if c != nil && !yield(c) {
			return
		}
	}
}

// OfLimiters makes limiters a target. Each trial has its own.
func OfLimiters(o LimiterOptions) Target { return &limiter{o: o} }

// limiter asks a rate limiter on every request. An admission is ok, a refusal
// rejected; an error of the limiter is a failure and no decision at all.
type limiter struct {
	still
	o     LimiterOptions
	trial Limiters
	steps *stepper // nil if the limit stays
}

func (t *limiter) Info() Info {
	info := Info{
		Scope: t.o.Scope, Lanes: t.o.Workers, Limiter: t.described,
		Virtual: t.o.Workers == 0 || t.o.Virtual,
		Ordered: !t.o.Waits && (t.o.Workers == 0 || t.o.Virtual),
	}
	if len(t.o.Steps) > 0 {
		info.Lanes, info.Changed = 1, t.changed
	}
	if t.o.Workers == 0 && !t.o.Waits {
		info.Inline = t
	}
	return info
}

// described is the limiter that arrivals of a class ask; nil for one that cannot
// say what it is. Some know all of it only once they are open.
func (t *limiter) described(class uint8) limiters.Described {
	d, _ := limiters.As[limiters.Described](t.trial.of(class))
	return d
}

// Begin makes the limiters of a trial and prepares them, if there is anything to prepare.
func (t *limiter) Begin(ctx context.Context, id TrialID) (err error) {
	t.steps = newStepper(t.o.Steps)
	if t.trial, err = t.o.New(id); err != nil {
		return err
	}
	for l := range t.trial.all {
		if o, ok := limiters.As[limiters.Opener](l); ok {
			if err := o.Open(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// Lane asks in the loop, or from workers.
func (t *limiter) Lane(ctx context.Context, env Env, i, n int) (Async, error) {
	if t.o.Carry != nil && env.Time == results.Real {
		if lane, err := t.o.Carry(ctx, &t.trial, env, i, n); lane != nil || err != nil {
			return lane, err
		}
	}
	waits := waiting{limiter: t, hold: t.o.Hold}
	switch inLoop := t.o.Workers == 0 || t.o.Virtual; {
	case t.o.Waits && inLoop:
		return &eventLane{waiting: waits, env: env, ctx: context.WithoutCancel(ctx)}, nil
	case t.o.Waits: // as many callers as are in flight: each holds its grant, not a connection
		return newLane(ctx, blockingLimiter{waits}, env, 0, i, n), nil
	case inLoop:
		return newInlineLane(ctx, t, env), nil
	}
	return newLane(ctx, t, env, t.o.Workers, i, n), nil
}

// End closes the limiters of the trial that hold anything. What they are can
// still be asked.
func (t *limiter) End(ctx context.Context) error {
	var errs error
	for l := range t.trial.all {
		if c, ok := limiters.As[limiters.Closer](l); ok {
			errs = errors.Join(errs, c.Close(ctx))
		}
	}
	return errs
}

// Do asks the limiter at r.Now. It is written out for a limit that stays: whoever copies
// a decision or a response that was just written waits for it about as long as a decision
// takes, and that would count as the limiter's.
func (t *limiter) Do(ctx context.Context, _ Clock, r *Request) (answer Response) {
	if t.steps != nil {
		d, err := t.decide(ctx, r)
		return answered(ctx, &d, err)
	}
	d, err := t.trial.of(r.Class).Allow(ctx, r.Now, r.Key, r.Cost)
	if err != nil {
		return Failure(ctx, err)
	}
	answer.Decide(&d)
	return answer
}

// answered is the response for a decision, or for none.
func answered(ctx context.Context, d *limiters.Decision, err error) (r Response) {
	if err != nil {
		return Failure(ctx, err)
	}
	r.Decide(d)
	return r
}

// Decide makes r, an empty response, that for a decision.
func (r *Response) Decide(d *limiters.Decision) {
	r.Outcome = results.Rejected
	if d.Allowed {
		r.Outcome = results.OK
	}
	r.Mode, r.Judged = uint8(d.Mode), true
	r.RetryAfter, r.Decided = max(0, d.RetryAfter), d.At
}

func (t *limiter) decide(ctx context.Context, r *Request) (limiters.Decision, error) {
	l := t.trial.of(r.Class)
	if t.steps == nil {
		return l.Allow(ctx, r.Now, r.Key, r.Cost)
	}
	return t.steps.ask(ctx, r.Now, l, func() (limiters.Decision, error) {
		return l.Allow(ctx, r.Now, r.Key, r.Cost)
	})
}

func (t *limiter) changed(step int) (Change, bool) {
	if t.steps == nil { // no trial has begun
		return Change{}, false
	}
	return t.steps.changed(step)
}
