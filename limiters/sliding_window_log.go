package limiters

import (
	"context"
	"time"
)

// SlidingWindowLog remembers every grant of the last period and admits what
// fits beside them, so that no trailing period holds more than the limit. It is
// exact and has its price: up to Rate entries of 16 bytes per key.
type SlidingWindowLog struct {
	limit Limit
	guardedKeys[grants]
}

var (
	_ Limiter   = (*SlidingWindowLog)(nil)
	_ Described = (*SlidingWindowLog)(nil)
	_ Peeker    = (*SlidingWindowLog)(nil)
	_ Reclaimer = (*SlidingWindowLog)(nil)
)

// NewSlidingWindowLog returns a log per key, which grows as it is used.
func NewSlidingWindowLog(config WindowConfig) (*SlidingWindowLog, error) {
	limit, err := config.Limit()
	if err != nil {
		return nil, err
	}
	return &SlidingWindowLog{limit, newGuardedKeys(
		func(s *grants, since time.Duration) { s.at = since },
		func(s *grants, now time.Duration) bool {
			return now >= s.at && (s.used == 0 || now-s.at >= limit.Period)
		})}, nil
}

// Allow implements [Limiter].
func (l *SlidingWindowLog) Allow(_ context.Context, now time.Duration, key string, n int64) (d Decision, err error) {
	err = l.decide(&d, now, key, n, true)
	return d, err
}

// Peek implements [Peeker].
func (l *SlidingWindowLog) Peek(_ context.Context, now time.Duration, key string, n int64) (d Decision, err error) {
	err = l.decide(&d, now, key, n, false)
	return d, err
}

func (l *SlidingWindowLog) decide(d *Decision, now time.Duration, key string, n int64, take bool) error {
	if err := checkCost(n); err != nil {
		return err
	}
	g := l.hold(key, now, take && n <= l.limit.Rate)
	defer g.mu.Unlock()
	s := &g.state
	at := max(now, s.at)
	expired, freed := s.expired(at, l.limit.Period)
	used := s.used - freed
	l.limit.grant(d, at, used, n)
	if d.Allowed && take {
		s.drop(expired, freed)
		s.push(at, n)
	}
	switch {
	case d.Allowed:
		d.ResetAfter = l.limit.Period
	case d.RetryAfter != Never:
		over := used + n - l.limit.Rate
		d.RetryAfter = s.freeing(expired, over) - at + l.limit.Period
	}
	if !d.Allowed && used > 0 {
		d.ResetAfter = s.at - at + l.limit.Period
	}
	return nil
}

// Bound implements [Described]: one limit for every period begun.
func (l *SlidingWindowLog) Bound(w time.Duration) int64 {
	return addClipped(l.limit.Rate, mulDiv(l.limit.Rate, int64(w/l.limit.Period), 1))
}

// Info implements [Described].
func (l *SlidingWindowLog) Info() Info {
	return Info{
		Algorithm:  "sliding-window-log",
		Scope:      "local",
		State:      "ring of grants, mutex",
		TimeSource: TimeArgument,
		Limit:      l.limit,
	}
}
