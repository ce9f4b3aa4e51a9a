package limiters

import (
	"sync"
	"time"
)

// algorithm is what one limiter is, for one key at a time. The instant of the
// latest grant, last, is kept beside its state S; it is asked about that instant
// and later ones only.
type algorithm[S any] interface {
	// fresh is the state of a key that was granted nothing.
	fresh() S
	// idle reports whether s is as good as fresh at the instant at.
	idle(s *S, last, at time.Duration) bool
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
	algorithm[S]
	most int64 // the largest cost that is ever granted: above it no key is kept
	*Keyed[guarded[S]]
}

func newGuardedKeys[S any](most int64, a algorithm[S]) *guardedKeys[S] {
	return &guardedKeys[S]{a, most, NewKeyed(
		func(g *guarded[S], since time.Duration) { g.at, g.state = since, a.fresh() },
		func(g *guarded[S], now time.Duration) bool {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.retired = now >= g.at && a.idle(&g.state, g.at, now)
			return g.retired
		})}
}

// hold returns the state of key, locked; the caller unlocks it. keep is as in [Keyed.Get].
func (k *guardedKeys[S]) hold(key string, now time.Duration, keep bool) *guarded[S] {
	g := k.Get(key, now, keep)
	g.mu.Lock()
	for g.retired {
		g.mu.Unlock()
		g = k.Again(key, now, keep)
		g.mu.Lock()
	}
	return g
}

// decide implements [states].
func (k *guardedKeys[S]) decide(now time.Duration, key string, n int64, take bool) (at time.Duration, a answer) {
	g := k.hold(key, now, take && n <= k.most)
	at, a = k.ask(g, now, n, take)
	g.mu.Unlock()
	return at, a
}

// ask decides on n tokens of a key whose lock is held.
func (k *guardedKeys[S]) ask(g *guarded[S], now time.Duration, n int64, take bool) (at time.Duration, a answer) {
	at = max(now, g.at)
	a = k.step(&g.state, g.at, at, n, take)
	if take && a.wait == 0 {
		g.at = at
	}
	return at, a
}
