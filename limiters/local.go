package limiters

import (
	"context"
	"time"
)

// local is a limiter in this process, as seen from outside.
type local struct {
	info   Info
	states states
}

// states is an algorithm with its state per key.
type states interface {
	decide(now time.Duration, key string, n int64, take bool) (at time.Duration, a answer)
	Bound(w time.Duration) int64
	Reclaimer
}

// answer is what an algorithm decides. It is four words, which are handed back
// in registers; a [Decision] would be copied at each return.
type answer struct {
	remaining          int64
	wait, reset, delay time.Duration // a wait of 0 is a grant
}

var (
	_ Limiter   = (*local)(nil)
	_ Described = (*local)(nil)
	_ Peeker    = (*local)(nil)
	_ Reclaimer = (*local)(nil)
)

// newLocal returns a limiter that is described by info; its limit must be there.
func newLocal[S any](info Info, a algorithm[S]) local {
	return withStates(info, newGuardedKeys(info.Limit.most(), a))
}

func withStates(info Info, s states) local {
	info.Scope, info.TimeSource = "local", TimeArgument
	return local{info, s}
}

// Allow implements [Limiter].
func (l *local) Allow(_ context.Context, now time.Duration, key string, n int64) (d Decision, err error) {
	if err := checkCost(n); err != nil {
		return Decision{}, err
	}
	at, a := l.states.decide(now, key, n, true)
	a.write(&d, at)
	return d, nil
}

// Peek implements [Peeker].
func (l *local) Peek(_ context.Context, now time.Duration, key string, n int64) (d Decision, err error) {
	if err := checkCost(n); err != nil {
		return Decision{}, err
	}
	at, a := l.states.decide(now, key, n, false)
	a.write(&d, at)
	return d, nil
}

// write makes d, an empty decision, say what a does.
func (a answer) write(d *Decision, at time.Duration) {
	d.Allowed = a.wait == 0
	d.At = at
	d.Delay = a.delay
	d.RetryAfter = a.wait
	d.ResetAfter = a.reset
	d.Remaining = a.remaining
}

// Info implements [Described].
func (l *local) Info() Info { return l.info }

// Bound implements [Described].
func (l *local) Bound(w time.Duration) int64 { return l.states.Bound(w) }

// Keys implements [Reclaimer].
func (l *local) Keys() int { return l.states.Keys() }

// Reclaim implements [Reclaimer].
func (l *local) Reclaim(now time.Duration) int { return l.states.Reclaim(now) }
