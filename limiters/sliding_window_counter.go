package limiters

import (
	"time"

	"github.com/fcbench/fcbench/internal/whole"
)

// SlidingWindowCounter keeps two counts per key: what was granted in the
// current window, and in the one before. Windows are aligned to multiples of
// their length. The older count is weighted by the share of its window that
// still lies in the trailing period, as if its grants had been spread evenly:
// with prev and cur granted, n more pass at an offset e into a window of
// length P if and only if
//
//	prev×(P−e) + (cur+n)×P ≤ limit×P
//
// The sum is exact, in integers; the evenness is an assumption. Where it is
// wrong most, when the older window was spent at its very end, almost twice
// the limit passes in a period. In turn, who asks at just the rate is denied
// about one request per window. What is denied does not count.
type SlidingWindowCounter struct{ adjustable[counts] }

// NewSlidingWindowCounter returns two counts per key.
func NewSlidingWindowCounter(config WindowConfig) (*SlidingWindowCounter, error) {
	l := new(SlidingWindowCounter)
	return l, l.onWindows(config, Info{Algorithm: "sliding-window-counter", State: "two counts and an instant, mutex"},
		func(limit Limit) algorithm[counts] { return &slidingCounter{window[counts]{limit}} })
}

type slidingCounter struct{ window[counts] }

// counts is what the window of the latest grant has granted, and the window before it.
type counts struct{ prev, cur int64 }

func (l *slidingCounter) idle(s *counts, last, at time.Duration) bool {
	seen, _ := s.seenFrom(last, at, l.limit.Period)
	return seen == counts{}
}

func (l *slidingCounter) step(s *counts, last, at time.Duration, n int64, take bool) answer {
	seen, offset := s.seenFrom(last, at, l.limit.Period)
	// Costs are whole, so the weighted count may be rounded up to a whole
	// number, here by rounding down what has left, and nothing changes.
	left := whole.MulDiv(seen.prev, int64(offset), int64(l.limit.Period))
	a, over := l.limit.ask(seen.cur+seen.prev-left, n)
	if over > 0 {
		a.wait = l.wait(seen, offset, n)
	}
	if a.wait == 0 {
		seen.cur += n
	}
	a.reset = l.reset(seen, offset)
	if take && a.wait == 0 {
		*s = seen
	}
	return a
}

// seenFrom returns the counts as they are at the instant at, and how far into
// its window that is.
func (s counts) seenFrom(last, at, period time.Duration) (_ counts, offset time.Duration) {
	offset = at % period
	switch start := at - offset; {
	case last >= start:
		return s, offset
	case last >= start-period:
		return counts{prev: s.cur}, offset
	}
	return counts{}, offset
}

// wait returns how long until n, which are not above the limit and do not fit
// now, do. The weighted count never grows by itself, so that is the first
// instant at which the older count weighs no more than what n leave free.
func (l *slidingCounter) wait(seen counts, offset time.Duration, n int64) time.Duration {
	period := int64(l.limit.Period)
	rest := period - int64(offset)
	if free := l.limit.Rate - seen.cur - n; free >= 0 {
		return time.Duration(rest - whole.MulDiv(free, period, seen.prev))
	}
	// Not in this window: in the next one cur is the older count.
	return time.Duration(addClipped(rest, period-whole.MulDiv(l.limit.Rate-n, period, seen.cur)))
}

// reset returns how long until both counts are 0.
func (l *slidingCounter) reset(seen counts, offset time.Duration) time.Duration {
	rest := l.limit.Period - offset
	switch {
	case seen.cur > 0:
		return time.Duration(addClipped(int64(rest), int64(l.limit.Period)))
	case seen.prev > 0:
		return rest
	}
	return 0
}

// Bound implements [Described]. It is reached by who spends the limit L in the
// last nanosecond of a window, then all there is in the last nanosecond of each
// window that follows, and at the end of w all there is once more.
//
// After a window that granted c, the next has granted at most L − c×(P−e)/P by
// its offset e, so the two together at most L + c×e/P. As e ends at P−1, a
// window after one that granted anything grants at most L−1. So of the windows
// that w touches the first brings L, each in the middle L−1 at most, and the
// last two together what was just said. Leaving a window empty to have the one
// token more in the next pays for a limit of 1 only, which has no other choice.
func (l *slidingCounter) Bound(w time.Duration) int64 {
	limit, period := l.limit.Rate, int64(l.limit.Period)
	beyond := int64(w) - 1 // what of w is after that last nanosecond
	switch {
	case w == 0:
		return limit
	case int64(w) <= period:
		return addClipped(limit, whole.MulDiv(limit, beyond, period))
	case limit == 1:
		return 1 + (beyond/period+1)/2
	}
	return addClipped(limit, addClipped(1, whole.MulDiv(limit-1, beyond, period)))
}
