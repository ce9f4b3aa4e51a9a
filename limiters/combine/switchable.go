package combine

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// switchable is a limiter that can be replaced while it is in use, by one of
// another algorithm, of another limit or both. In a window that holds one switch
// no key is granted more than the larger Bound of the two limiters; the package
// documentation says by what rule and why.
//
// Before the first switch, and once a hand-over is complete, a decision costs
// two atomic loads and a call more than the limiter's own. A hand-over costs up
// to two peeks and a lock per decision, and holds both limiters in memory until
// the old one has nothing left to say; the decision that finds this out walks
// over its keys.
type switchable struct {
	era atomic.Pointer[era]
	mu  sync.Mutex // held to replace the era
}

var (
	_ inner = (*switchable)(nil)
	_ inner = (*Scheduled)(nil)
)

// newSwitchable returns a limiter that is first until it is switched.
func newSwitchable(first limiters.Limiter) (*switchable, error) {
	in, c, err := successor("first", first)
	if err != nil {
		return nil, err
	}
	l := &switchable{}
	l.era.Store(&era{current: in, curve: c, capacity: in.Bound(0)})
	return l, nil
}

// successor checks a limiter that others are to be switched to or from.
func successor(what string, l limiters.Limiter) (inner, curve, error) {
	in, err := asInner(what, l)
	if err != nil {
		return nil, curve{}, err
	}
	c, err := curveOf(what, in.Info())
	return in, c, err
}

// replace puts next, which must not have been used, in the limiter's place at now:
// an instant that nobody who has asked yet was ahead of by much. Until the old
// limiters have been let go, that makes one more of them.
func (l *switchable) replace(now time.Duration, next inner, c curve) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.era.Store(l.era.Load().begin(max(0, now), next, c))
}

// Allow implements [limiters.Limiter].
//
// A request that is granted by a limiter that was being replaced meanwhile is
// asked of the next one again. What it took from the old one stays taken.
func (l *switchable) Allow(ctx context.Context, now time.Duration, key string, n int64) (d limiters.Decision, err error) {
	e := l.era.Load()
	if len(e.olds) == 0 {
		d, err = e.current.Allow(ctx, max(now, e.floor), key, n)
		if latest := l.era.Load(); latest == e || latest.number == e.number || !d.Allowed {
			return d, err
		}
	}
	return l.handOver(ctx, now, key, n)
}

// handOver is Allow while there are predecessors.
func (l *switchable) handOver(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	for {
		e := l.settled(l.era.Load(), now)
		d, err := e.ask(ctx, now, key, n, true)
		if l.era.Load().number == e.number || !d.Allowed {
			return d, err
		}
	}
}

// Peek implements [limiters.Peeker].
func (l *switchable) Peek(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	return l.settled(l.era.Load(), now).ask(ctx, now, key, n, false)
}

// settled returns e, or what takes its place because predecessors matter no more at now.
func (l *switchable) settled(e *era, now time.Duration) *era {
	if len(e.olds) == 0 || int64(now) < e.settle.Load() || !l.mu.TryLock() {
		return e
	}
	defer l.mu.Unlock()
	if l.era.Load() != e {
		return e
	}
	olds := e.remembering(now)
	next := int64(e.recheck(now, olds))
	if len(olds) == len(e.olds) {
		e.settle.Store(next)
		return e
	}
	f := &era{
		number: e.number, current: e.current, curve: e.curve, capacity: e.capacity,
		floor: now, olds: olds, began: e.began, keys: e.keys,
	}
	f.settle.Store(next)
	l.era.Store(f)
	return f
}

// Info implements [limiters.Described]: it is the current limiter's.
func (l *switchable) Info() limiters.Info { return l.era.Load().current.Info() }

// Bound implements [limiters.Described]: the largest of the current limiter and
// of those that have not been let go.
func (l *switchable) Bound(w time.Duration) int64 {
	e := l.era.Load()
	most := e.current.Bound(w)
	for _, p := range e.olds {
		most = max(most, p.Bound(w))
	}
	return most
}

// Keys implements [limiters.Reclaimer]. During a hand-over a key may have state
// in several limiters, and counts in each.
func (l *switchable) Keys() int {
	e := l.era.Load()
	keys := e.current.Keys()
	for _, p := range e.olds {
		keys += p.Keys()
	}
	return keys
}

// Reclaim implements [limiters.Reclaimer].
func (l *switchable) Reclaim(now time.Duration) int {
	before := l.Keys()
	l.settled(l.era.Load(), now).current.Reclaim(now)
	return before - l.Keys()
}
