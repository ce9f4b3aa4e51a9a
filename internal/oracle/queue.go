package oracle

import "time"

// queue is the exact leaky bucket as a queue, a shaper. It accepts what the
// meter of the same burst accepts, and what it accepts leaves as soon as all
// that was accepted before has drained, at a whole nanosecond: a request waits
// ⌈level before it / rate⌉.
type queue struct{ bucket }

func queueModel(l Limit) func() model {
	s := newScale(l)
	return func() model { return &queue{bucket{scale: s}} }
}

// leaves is when a request that is accepted now is let go.
func (q *queue) leaves() time.Duration {
	up := q.level.Plus(wide{Lo: uint64(q.rate - 1)})
	return time.Duration(sum(int64(q.now), up.Quo(q.rate)))
}

// lateness is by how much until differs from when the model lets go, if by more
// than tolerance: below 0 for too early.
func (q *queue) lateness(until, tolerance time.Duration) time.Duration {
	late := max(until, 0) - q.leaves() // neither is negative: no overflow
	if -tolerance <= late && late <= tolerance {
		return 0
	}
	return late
}

// leaving is the capacity that what leaves a shaper is measured against: it
// lets one go at a time, hence the largest cost; and what drains in a
// nanosecond, by less than which one instant is rounded up further than another.
func (s *scale) leaving(largest int64) wide {
	return product(largest, s.period).Plus(wide{Lo: uint64(s.rate)})
}
