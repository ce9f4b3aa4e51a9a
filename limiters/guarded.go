package limiters

import (
	"sync"
	"sync/atomic"
	"time"
)

// algorithm is what one limiter is, for one key at a time. The instant of the
// latest grant, last, is kept beside its state S; it is asked about that instant
// and later ones only.
type algorithm[S any] interface {
	// fresh is the state of a key that was granted nothing, while the limit has not changed.
	fresh() S
	// idle reports whether s is as good as fresh at the instant at.
	idle(s *S, last, at time.Duration) bool
	// under makes s, under this limit, what it is under another one that takes its
	// place at the instant at, and returns what last is then.
	under(other algorithm[S], s *S, last, at time.Duration) time.Duration
	// step asks for n tokens at the instant at. What is granted is taken only
	// if take is set.
	step(s *S, last, at time.Duration, n int64, take bool) answer
	// Bound is that of [Described].
	Bound(w time.Duration) int64
}

// guarded is the state of one key behind a lock of its own.
type guarded[S any] struct {
	mu      sync.Mutex
	retired bool
	at      time.Duration // of the latest grant or release
	state   S
}

// guardedKeys is an algorithm with a state per key, each too large for one atomic word.
type guardedKeys[S any] struct {
	now atomic.Pointer[regime[S]]
}

// regime is the time of one limit.
type regime[S any] struct {
	algorithm[S]
	most int64 // the largest cost that is ever granted: above it no key is kept
	Keyed[guarded[S]]
	untouched guarded[S] // the state of a key that was never granted anything, when the limit came into force
}

func newGuardedKeys[S any](most int64, a algorithm[S]) *guardedKeys[S] {
	k, r := &guardedKeys[S]{}, &regime[S]{algorithm: a, most: most}
	r.untouched.state = a.fresh()
	r.open(r.begin, r.retire)
	k.now.Store(r)
	return k
}

// begin makes g a key that was granted nothing, from since on.
func (r *regime[S]) begin(g *guarded[S], since time.Duration) {
	g.state = r.untouched.state
	g.at = max(since, r.under(r.algorithm, &g.state, r.untouched.at, since))
}

// retire marks a key that is like one that was never granted anything. After a
// change none is before both are as good as new.
func (r *regime[S]) retire(g *guarded[S], now time.Duration) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	u := r.untouched.state
	g.retired = g.retired || now >= max(g.at, r.untouched.at) && r.idle(&g.state, g.at, now) && r.idle(&u, r.untouched.at, now)
	return g.retired
}

// change puts a in force at now, and returns once nobody is decided on under the
// algorithm before it any more. One call at a time.
func (k *guardedKeys[S]) change(now time.Duration, most int64, a algorithm[S]) {
	old, r := k.now.Load(), &regime[S]{algorithm: a, most: most}
	now = max(now, old.untouched.at, old.since())
	r.untouched.state = old.untouched.state
	r.untouched.at = max(now, old.under(a, &r.untouched.state, old.untouched.at, now))
	inherit := func(from, to *guarded[S]) {
		from.mu.Lock()
		defer from.mu.Unlock()
		if !from.retired {
			from.retired, to.state = true, from.state
			to.at = old.under(a, &to.state, from.at, now)
		}
	}
	r.open(r.begin, r.retire)
	r.follow(&old.Keyed, inherit, func(g *guarded[S]) { g.retired = true })
	k.now.Store(r)
	r.settle(now)
}

// hold returns the state of key, locked, and the regime that it is under; the
// caller unlocks it. A key that was not known stays unknown unless up to as many
// tokens as take may be taken from it.
func (k *guardedKeys[S]) hold(key string, now time.Duration, take int64) (*regime[S], *guarded[S]) {
	r := k.now.Load()
	keep := 0 < take && take <= r.most
	g := r.Get(key, now, keep)
	g.mu.Lock()
	for g.retired {
		g.mu.Unlock()
		r = k.now.Load()
		g = r.Again(key, now, 0 < take && take <= r.most)
		g.mu.Lock()
	}
	return r, g
}

// decide implements [states].
func (k *guardedKeys[S]) decide(now time.Duration, key string, n int64, take bool) (at time.Duration, a answer) {
	most := int64(0)
	if take {
		most = n
	}
	r, g := k.hold(key, now, most)
	at, a = r.ask(g, now, n, take)
	g.mu.Unlock()
	return at, a
}

// Bound, Keys and Reclaim implement [states].
func (k *guardedKeys[S]) Bound(w time.Duration) int64   { return k.now.Load().Bound(w) }
func (k *guardedKeys[S]) Keys() int                     { return k.now.Load().Keys() }
func (k *guardedKeys[S]) Reclaim(now time.Duration) int { return k.now.Load().Reclaim(now) }

// ask decides on n tokens of a key whose lock is held.
func (r *regime[S]) ask(g *guarded[S], now time.Duration, n int64, take bool) (at time.Duration, a answer) {
	at = max(now, g.at)
	a = r.step(&g.state, g.at, at, n, take)
	if take && a.wait == 0 {
		g.at = at
	}
	return at, a
}
