package limiters

import (
	"time"

	"github.com/fcbench/fcbench/internal/whole"
)

// SlidingWindowLog remembers every grant of the last period and admits what
// fits beside them, so that no trailing period holds more than the limit. It is
// exact and has its price: up to Rate entries of 16 bytes per key.
type SlidingWindowLog struct{ adjustable[grants] }

// NewSlidingWindowLog returns a log per key, which grows as it is used.
func NewSlidingWindowLog(config WindowConfig) (*SlidingWindowLog, error) {
	l := new(SlidingWindowLog)
	return l, l.onWindows(config, Info{Algorithm: "sliding-window-log", State: "ring of grants, mutex"},
		func(limit Limit) algorithm[grants] { return &slidingLog{window[grants]{limit}} })
}

type slidingLog struct{ window[grants] }

func (l *slidingLog) idle(s *grants, last, at time.Duration) bool {
	return s.used == 0 || at-last >= l.limit.Period
}

func (l *slidingLog) step(s *grants, last, at time.Duration, n int64, take bool) answer {
	expired, freed := s.expired(at, l.limit.Period)
	used := s.used - freed
	a, over := l.limit.ask(used, n)
	switch {
	case over > 0:
		a.wait = s.freeing(expired, over) - at + l.limit.Period
	case a.wait == 0:
		last = at
		used += n
	}
	if used > 0 {
		a.reset = last - at + l.limit.Period
	}
	if take && a.wait == 0 {
		s.drop(expired, freed)
		s.push(at, n)
	}
	return a
}

// Bound implements [Described]: one limit for every period begun.
func (l *slidingLog) Bound(w time.Duration) int64 {
	return addClipped(l.limit.Rate, whole.MulDiv(l.limit.Rate, int64(w/l.limit.Period), 1))
}
