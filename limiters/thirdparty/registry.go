package thirdparty

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// unkeyed makes a keyed limiter of a library whose limiters L have no keys.
type unkeyed[L any] struct {
	library
	only   *instance[L]                 // decides for all keys; nil if each has its own
	keys   *limiters.Keyed[instance[L]] // nil if bare
	decide func(of L, at time.Duration, n int64) limiters.Decision
}

// instance is one limiter of the library.
type instance[L any] struct {
	limiter L
	since   time.Duration // decides on nothing earlier
	retired atomic.Bool
}

// maker makes the limiters of a library and asks them.
type maker[L any] struct {
	make   func() L
	decide func(of L, at time.Duration, n int64) limiters.Decision
	// idle reports whether a limiter is as good as new; nil if the library cannot tell.
	idle func(of L, now time.Duration) bool
}

func newUnkeyed[L any](bare bool, lib library, m maker[L]) *unkeyed[L] {
	lib.info.Unkeyed = bare
	l := &unkeyed[L]{library: lib, decide: m.decide}
	if bare {
		l.only = &instance[L]{limiter: m.make()}
		return l
	}
	l.keys = limiters.NewKeyed(
		func(s *instance[L], since time.Duration) { s.limiter, s.since = m.make(), since },
		func(s *instance[L], now time.Duration) bool { return m.idle != nil && s.retire(m.idle, now) })
	return l
}

// retire marks the instance if it is as good as new. The mark comes first: who
// takes something after the look finds it, who took it before is seen.
func (s *instance[L]) retire(idle func(L, time.Duration) bool, now time.Duration) bool {
	s.retired.Store(true)
	if now >= s.since && idle(s.limiter, now) {
		return true
	}
	s.retired.Store(false)
	return false
}

// Allow implements [limiters.Limiter].
func (l *unkeyed[L]) Allow(_ context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	return l.ask(l.decide, now, key, n)
}

func (l *unkeyed[L]) ask(decide func(L, time.Duration, int64) limiters.Decision, now time.Duration, key string, n int64) (limiters.Decision, error) {
	if err := l.check(now, n); err != nil {
		return limiters.Decision{}, err
	}
	s := l.only
	if s == nil {
		s = l.keys.Get(key, now, true)
	}
	for {
		d := decide(s.limiter, max(now, s.since), n)
		if !s.retired.Load() {
			return d, nil
		}
		current := l.keys.Again(key, now, true)
		if current == s { // it was not retired after all
			return d, nil
		}
		s = current
	}
}

// Keys implements [limiters.Reclaimer].
func (l *unkeyed[L]) Keys() int {
	if l.keys == nil {
		return 0
	}
	return l.keys.Keys()
}

// Reclaim implements [limiters.Reclaimer].
func (l *unkeyed[L]) Reclaim(now time.Duration) int {
	if l.keys == nil {
		return 0
	}
	return l.keys.Reclaim(now)
}
