package combine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// Change is a limiter that takes over at an instant.
type Change struct {
	At      time.Duration
	Limiter limiters.Limiter
}

// Scheduled is a limiter that is replaced by others, each at the first decision at
// or after its instant of a schedule.
type Scheduled struct {
	*switchable
	due     atomic.Int64 // when the next change is, or never
	mu      sync.Mutex
	pending []change
	limits  []limiters.Limit // of all, and their bounds
	bounds  []func(time.Duration) int64
}

type change struct {
	at    time.Duration
	next  inner
	curve curve
}

// NewScheduled returns a limiter that is first and changes as then says, in the
// order of time.
func NewScheduled(first limiters.Limiter, then []Change) (*Scheduled, error) {
	inner, err := newSwitchable(first)
	l := &Scheduled{switchable: inner}
	problems := []error{err}
	last := time.Duration(0)
	for i, c := range then {
		next, curve, err := successor(fmt.Sprintf("limiter %d", i+1), c.Limiter)
		if err == nil && c.At <= last {
			err = fmt.Errorf("limiter %d takes over at %v; want after %v", i+1, c.At, last)
		}
		problems = append(problems, err)
		last = c.At
		l.pending = append(l.pending, change{c.At, next, curve})
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	l.limits, l.bounds = append(l.limits, inner.Info().Limit), append(l.bounds, inner.Bound)
	for _, c := range l.pending {
		l.limits, l.bounds = append(l.limits, c.next.Info().Limit), append(l.bounds, c.next.Bound)
	}
	l.due.Store(int64(l.next()))
	return l, nil
}

// next is when the next change is due.
func (l *Scheduled) next() time.Duration {
	if len(l.pending) == 0 {
		return limiters.Never
	}
	return l.pending[0].at
}

// advance makes the changes that are due by now.
func (l *Scheduled) advance(now time.Duration) {
	if int64(now) < l.due.Load() {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.pending) > 0 && l.pending[0].at <= now {
		c := l.pending[0]
		l.replace(c.at, c.next, c.curve)
		l.pending = l.pending[1:]
	}
	l.due.Store(int64(l.next()))
}

// Allow implements [limiters.Limiter].
func (l *Scheduled) Allow(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	l.advance(now)
	return l.switchable.Allow(ctx, now, key, n)
}

// Peek implements [limiters.Peeker].
func (l *Scheduled) Peek(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	l.advance(now)
	return l.switchable.Peek(ctx, now, key, n)
}

// Reclaim implements [limiters.Reclaimer].
func (l *Scheduled) Reclaim(now time.Duration) int {
	l.advance(now)
	return l.switchable.Reclaim(now)
}

// Info implements [limiters.Described]: that of the limiter in force. With
// changes to come or behind it, it goes by a name of its own, as no exact model
// of one algorithm follows it, promises no more than its Bound, and has no Limit
// unless all have the same.
func (l *Scheduled) Info() limiters.Info {
	info := l.switchable.Info()
	if len(l.bounds) > 1 {
		info.Algorithm, info.Approximate = "switchable", true
	}
	if len(slices.Compact(slices.Clone(l.limits))) > 1 {
		info.Limit = limiters.Limit{}
	}
	return info
}

// Bound implements [limiters.Described]: the largest of all limiters of the schedule.
func (l *Scheduled) Bound(w time.Duration) int64 {
	most := int64(0)
	for _, bound := range l.bounds {
		most = max(most, bound(w))
	}
	return most
}
