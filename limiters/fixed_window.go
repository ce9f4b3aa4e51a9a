package limiters

import (
	"context"
	"time"
)

// FixedWindow counts what was granted in each period, where periods are aligned
// to multiples of their length. What is denied does not count. Around the edge
// between two windows it admits twice its limit within an instant.
type FixedWindow struct {
	limit Limit
	guardedKeys[count]
}

// count is the state of one key: what the window that at lies in has granted.
type count struct {
	used int64
	at   time.Duration // of the latest grant
}

var (
	_ Limiter   = (*FixedWindow)(nil)
	_ Described = (*FixedWindow)(nil)
	_ Peeker    = (*FixedWindow)(nil)
	_ Reclaimer = (*FixedWindow)(nil)
)

// NewFixedWindow returns a fixed window counter per key.
func NewFixedWindow(config WindowConfig) (*FixedWindow, error) {
	limit, err := config.Limit()
	if err != nil {
		return nil, err
	}
	return &FixedWindow{limit, newGuardedKeys(
		func(s *count, since time.Duration) { *s = count{0, since} },
		func(s *count, now time.Duration) bool {
			return s.used == 0 && now >= s.at || now/limit.Period > s.at/limit.Period
		})}, nil
}

// Allow implements [Limiter].
func (l *FixedWindow) Allow(_ context.Context, now time.Duration, key string, n int64) (d Decision, err error) {
	err = l.decide(&d, now, key, n, true)
	return d, err
}

// Peek implements [Peeker].
func (l *FixedWindow) Peek(_ context.Context, now time.Duration, key string, n int64) (d Decision, err error) {
	err = l.decide(&d, now, key, n, false)
	return d, err
}

func (l *FixedWindow) decide(d *Decision, now time.Duration, key string, n int64, take bool) error {
	if err := checkCost(n); err != nil {
		return err
	}
	g := l.hold(key, now, take && n <= l.limit.Rate)
	defer g.mu.Unlock()
	s := &g.state
	at, used := max(now, s.at), s.used
	if at/l.limit.Period > s.at/l.limit.Period {
		used = 0
	}
	l.limit.grant(d, at, used, n)
	next := l.limit.Period - at%l.limit.Period
	if d.Remaining < l.limit.Rate {
		d.ResetAfter = next
	}
	if !d.Allowed && d.RetryAfter != Never {
		d.RetryAfter = next
	}
	if d.Allowed && take {
		*s = count{used + n, at}
	}
	return nil
}

// Bound implements [Described]: the windows that w can touch, each in full.
func (l *FixedWindow) Bound(w time.Duration) int64 {
	more := int64(w / l.limit.Period)
	if w%l.limit.Period != 0 {
		more++
	}
	return addClipped(l.limit.Rate, mulDiv(l.limit.Rate, more, 1))
}

// Info implements [Described].
func (l *FixedWindow) Info() Info {
	return Info{
		Algorithm:  "fixed-window",
		Scope:      "local",
		State:      "count and its instant, mutex",
		TimeSource: TimeArgument,
		Limit:      l.limit,
	}
}
