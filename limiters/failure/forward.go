package failure

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// Info implements [limiters.Described]: the primary's, and the policy beside its state.
func (g *guard) Info() limiters.Info {
	info := g.primary.Info()
	info.State = fmt.Sprintf("%s; on error %v", info.State, g.policy.Mode)
	return info
}

// Bound implements [limiters.Described]. It is the primary's: who decides in
// its place keeps no account of what it granted.
func (g *guard) Bound(w time.Duration) int64 { return g.primary.Bound(w) }

// Unwrap returns the primary, for what else it can do.
func (g *guard) Unwrap() limiters.Limiter {
	primary, ok := limiters.As[limiters.LimitSetter](g.primary)
	local, both := limiters.As[limiters.LimitSetter](g.policy.Local)
	if ok && both {
		return pair{g.primary, primary, local}
	}
	return g.primary
}

// pair is a primary and who decides in its place, which have the same limit.
type pair struct {
	limiters.Limiter
	primary, local limiters.LimitSetter
}

func (p pair) Unwrap() limiters.Limiter { return p.Limiter }

// SetLimit implements [limiters.LimitSetter]. The instant is the primary's.
func (p pair) SetLimit(ctx context.Context, now time.Duration, limit limiters.Limit) (time.Duration, error) {
	at, err := p.primary.SetLimit(ctx, now, limit)
	if err == nil {
		_, err = p.local.SetLimit(ctx, now, limit)
	}
	return at, err
}

// Open implements [limiters.Opener]. If the primary cannot be opened, that is
// an error in mode error only. In the others it is a failure like those to come:
// each call that the breaker lets through tries again to open it.
func (g *guard) Open(ctx context.Context) error {
	if o, ok := limiters.As[limiters.Opener](g.policy.Local); ok {
		if err := o.Open(ctx); err != nil {
			return err
		}
	}
	o, ok := limiters.As[limiters.Opener](g.primary)
	if !ok {
		return nil
	}
	err := o.Open(ctx)
	if err == nil || g.policy.Mode == Error || ctx.Err() != nil {
		return err
	}
	g.unopened.Store(true)
	return nil
}

// reopen opens a primary that could not be opened before. One caller does; the
// others do not wait for it.
func (g *guard) reopen(ctx context.Context) error {
	if !g.opening.TryLock() {
		return errOpening
	}
	defer g.opening.Unlock()
	if !g.unopened.Load() {
		return nil
	}
	o, _ := limiters.As[limiters.Opener](g.primary) // or it could not have failed to
	if err := o.Open(ctx); err != nil {
		return err
	}
	g.unopened.Store(false)
	return nil
}

// Close implements [limiters.Closer].
func (g *guard) Close(ctx context.Context) error {
	var errs error
	for _, l := range []limiters.Limiter{g.primary, g.policy.Local} {
		if c, ok := limiters.As[limiters.Closer](l); ok {
			errs = errors.Join(errs, c.Close(ctx))
		}
	}
	return errs
}

// holder is a guard whose grants are given back. With a local limiter it gives
// permits of its own, whose lowest bit says which of the two granted.
type holder struct {
	*guard
	primary, local limiters.Releaser
}

// Allow implements [limiters.Limiter].
func (h holder) Allow(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	d, err := h.guard.Allow(ctx, now, key, n)
	if h.local == nil || d.Permit == 0 {
		return d, err
	}
	from, mark := h.primary, uint64(0)
	if d.Mode == limiters.LocalFallback {
		from, mark = h.local, 1
	}
	if d.Permit>>63 != 0 {
		err = errPermit
		if _, kept := from.Release(ctx, now, key, n, d.Permit); kept != nil {
			err = fmt.Errorf("%v; giving it back: %w", errPermit, kept)
		}
		return limiters.Decision{}, fmt.Errorf("permit is %d: %w", d.Permit, err)
	}
	d.Permit = d.Permit<<1 | mark
	return d, nil
}

// Release implements [limiters.Releaser]. What passed because nobody decided
// holds nothing, and giving it back, with permit 0, does nothing.
func (h holder) Release(ctx context.Context, now time.Duration, key string, n int64, permit uint64) (time.Duration, error) {
	switch {
	case permit == 0:
		return h.at(now), nil
	case h.local == nil:
		return h.primary.Release(ctx, now, key, n, permit)
	case permit&1 == 0:
		return h.primary.Release(ctx, now, key, n, permit>>1)
	}
	at, err := h.local.Release(ctx, now, key, n, permit>>1)
	if !h.onRunTime() {
		at = limiters.Unknown
	}
	return at, err
}
