package limiters

import (
	"time"

	"github.com/fcbench/fcbench/internal/whole"
)

// FixedWindow counts what was granted in each period, where periods are aligned
// to multiples of their length. What is denied does not count. Around the edge
// between two windows it admits twice its limit within an instant.
type FixedWindow struct{ adjustable[count] }

// NewFixedWindow returns a fixed window counter per key.
func NewFixedWindow(config WindowConfig) (*FixedWindow, error) {
	l := new(FixedWindow)
	return l, l.onWindows(config, Info{Algorithm: "fixed-window", State: "count and its instant, mutex"},
		func(limit Limit) algorithm[count] { return &fixedWindow{window[count]{limit}} })
}

type fixedWindow struct{ window[count] }

// count is what the window of the latest grant has granted.
type count int64

func (w *fixedWindow) idle(s *count, last, at time.Duration) bool {
	return w.used(*s, last, at) == 0
}

func (w *fixedWindow) step(s *count, last, at time.Duration, n int64, take bool) answer {
	used := w.used(*s, last, at)
	a, over := w.limit.ask(used, n)
	next := w.limit.Period - at%w.limit.Period
	if over > 0 {
		a.wait = next
	}
	if a.remaining < w.limit.Rate {
		a.reset = next
	}
	if take && a.wait == 0 {
		*s = count(used + n)
	}
	return a
}

// used returns what the window of at has granted, when that of last granted s.
func (w *fixedWindow) used(s count, last, at time.Duration) int64 {
	if at/w.limit.Period > last/w.limit.Period {
		return 0
	}
	return int64(s)
}

// Bound implements [Described]: the windows that w can touch, each in full.
func (w *fixedWindow) Bound(length time.Duration) int64 {
	more := int64(length / w.limit.Period)
	if length%w.limit.Period != 0 {
		more++
	}
	return addClipped(w.limit.Rate, whole.MulDiv(w.limit.Rate, more, 1))
}
