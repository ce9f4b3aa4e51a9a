package limiters

import (
	"sync"
	"time"
)

// guarded is the state of one key behind a lock of its own.
type guarded[S any] struct {
	mu      sync.Mutex
	retired bool
	state   S
}

// guardedKeys is a registry of states too large for one atomic word.
type guardedKeys[S any] struct{ *keyed[guarded[S]] }

// newGuardedKeys needs what [newKeyed] does, but idle only has to report: the
// lock is held when it is called.
func newGuardedKeys[S any](fresh func(*S, time.Duration), idle func(*S, time.Duration) bool) guardedKeys[S] {
	return guardedKeys[S]{newKeyed(
		func(g *guarded[S], since time.Duration) { fresh(&g.state, since) },
		func(g *guarded[S], now time.Duration) bool {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.retired = idle(&g.state, now)
			return g.retired
		})}
}

// hold returns the state of key, locked; the caller unlocks it. keep is as in [keyed.get].
func (k guardedKeys[S]) hold(key string, now time.Duration, keep bool) *guarded[S] {
	g := k.get(key, now, keep)
	g.mu.Lock()
	for g.retired {
		g.mu.Unlock()
		g = k.getSlow(key, now, keep)
		g.mu.Lock()
	}
	return g
}
