package generators

import (
	"math"
	"time"

	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/whole"
)

// endless is the length of a segment that outlasts every run.
const endless = math.MaxInt64

// A curve is a rate that is piecewise linear in time, and the engine of every
// deterministic process: arrival k is due at the largest integer n, in
// nanoseconds, for which the integral of the rate over [0, n) is at most k. So
// [0, T) holds exactly ⌈∫rate⌉ arrivals.
//
// All arithmetic is exact. Rates are whole numbers of arrivals per period, one
// period for all; areas under the curve count in units of 1/(2·period) of an
// arrival, in which a segment of length L from rate a to rate b has area (a+b)·L.
type curve struct {
	period   uint64 // nanoseconds, at most 2^62
	repeats  bool   // starts anew after its last segment
	segments []segment
	length   uint64 // of all segments
	area     u128   // of all segments
}

func newCurve(period uint64, repeats bool, segments ...segment) *curve {
	c := &curve{period: period, repeats: repeats}
	for _, s := range segments {
		if s.length > 0 {
			c.segments = append(c.segments, s)
			c.length += s.length
			c.area = c.area.Plus(s.area())
		}
	}
	return c
}

// Length is that of all segments, which hold arrivals at no other time.
func (c *curve) Length() (usual, least time.Duration) {
	if c.repeats || c.length >= endless {
		return 0, 0
	}
	return time.Duration(c.length), time.Duration(c.length)
}

// A segment is a stretch of time over which the rate goes linearly from one
// value to another, both at most the curve's period (one arrival a nanosecond).
type segment struct{ length, from, to uint64 }

func (s segment) area() u128 { return whole.Product(s.from+s.to, s.length) }

// due returns the largest x for which the area over [0, x) is at most owed, or
// the segment's length if it ends first. The area is 2ax + (b-a)x²/L.
func (s segment) due(owed u128) uint64 {
	if !s.area().Over(owed) {
		return s.length
	}
	lo, hi := s.bracket(s.guess(owed), owed)
	for hi-lo > 1 {
		mid := lo + (hi-lo)/2
		if s.covers(mid, owed) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo
}

// covers reports whether the area over [0, x) is at most owed, both sides
// multiplied by the length to stay whole.
func (s segment) covers(x uint64, owed u128) bool {
	area := times(whole.Product(2*s.from, s.length), x)
	bound := times(owed, s.length)
	if s.to >= s.from {
		area = area.add(times(whole.Product(x, x), s.to-s.from))
	} else {
		bound = bound.add(times(whole.Product(x, x), s.from-s.to))
	}
	return !bound.less(area)
}

// guess solves the quadratic in floating point. It decides only how long the
// exact search takes, never its result.
func (s segment) guess(owed u128) uint64 {
	a, area := float64(s.from), owed.Float()
	slope := (float64(s.to) - a) / float64(s.length)
	x := area / (a + math.Sqrt(max(a*a+slope*area, 0)))
	if x >= 1 && x < float64(s.length) {
		return uint64(x)
	}
	return 0
}

// bracket gallops from x to bounds between which due lies: lo is covered and hi is not.
func (s segment) bracket(x uint64, owed u128) (lo, hi uint64) {
	if s.covers(x, owed) {
		for step := uint64(1); ; step *= 2 {
			next := min(x+step, s.length)
			if next == s.length || !s.covers(next, owed) {
				return x, next
			}
			x = next
		}
	}
	for step := uint64(1); ; step *= 2 {
		next := x - min(step, x)
		if next == 0 || s.covers(next, owed) {
			return next, x
		}
		x = next
	}
}

// Times returns a cursor over the due times.
func (c *curve) Times(_ seed.Stream, horizon time.Duration) Times {
	t := &curveTimes{curve: c, horizon: uint64(max(horizon, 0)), at: -1}
	t.enter(0)
	return t
}

// curveTimes walks a curve segment by segment. Over constant segments it steps
// from one arrival to the next by a quotient and a remainder, without dividing.
type curveTimes struct {
	curve   *curve
	horizon uint64
	at      int    // index of the segment; -1 before the first
	start   uint64 // when the segment starts
	length  uint64
	x       uint64 // the next arrival, from start; at or past length: in a later segment

	flat      bool   // constant and above zero: the next two lines hold, else owed
	double    uint64 // 2 × rate: area per nanosecond
	rest      uint64 // area between x and the exact instant
	gap, over uint64 // period ÷ rate, and its remainder doubled
	owed      u128   // area from start to the next arrival
}

func (t *curveTimes) Next() (time.Duration, bool) {
	for t.x >= t.length {
		if !t.leave() {
			return 0, false
		}
	}
	due := t.start + t.x
	if due >= t.horizon {
		t.start, t.length = t.horizon, 0
		return 0, false
	}
	if !t.flat {
		t.owed = t.owed.Plus(u128{Lo: 2 * t.curve.period})
		t.x = t.curve.segments[t.at].due(t.owed)
		return time.Duration(due), true
	}
	t.x += t.gap
	if t.rest += t.over; t.rest >= t.double {
		t.rest -= t.double
		t.x++
	}
	return time.Duration(due), true
}

// leave goes on to the next segment; false at the end of the run or of the curve.
func (t *curveTimes) leave() bool {
	if t.start >= t.horizon || t.start+t.length >= t.horizon {
		t.start = t.horizon
		return false
	}
	owed := t.remaining()
	t.start += t.length
	if t.at+1 == len(t.curve.segments) {
		if !t.curve.repeats {
			t.start = t.horizon
			return false
		}
		t.at = -1
		owed = t.skip(owed)
	}
	t.enter(owed)
	return true
}

// remaining returns the area that the segment leaves to the next arrival.
// Arrivals are 2·period apart, so that is all it can be.
func (t *curveTimes) remaining() uint64 {
	if t.flat {
		return (t.x-t.length)*t.double + t.rest
	}
	return t.owed.Minus(t.curve.segments[t.at].area()).Lo
}

// skip passes over whole repetitions that hold no arrival.
func (t *curveTimes) skip(owed uint64) uint64 {
	area := t.curve.area
	if area.Hi > 0 || owed < area.Lo {
		return owed
	}
	passed := whole.Product(owed/area.Lo, t.curve.length)
	if passed.Hi > 0 || passed.Lo >= t.horizon {
		t.start = t.horizon
		return owed
	}
	t.start += passed.Lo
	return owed % area.Lo
}

// enter starts the segment after t.at with the area owed to the next arrival.
func (t *curveTimes) enter(owed uint64) {
	t.at++
	s := t.curve.segments[t.at]
	t.length = s.length
	t.owed = u128{Lo: owed}
	if t.flat = s.from == s.to && s.from > 0; !t.flat {
		t.x = s.due(t.owed)
		return
	}
	t.double = 2 * s.from
	t.x, t.rest = owed/t.double, owed%t.double
	t.gap, t.over = t.curve.period/s.from, 2*(t.curve.period%s.from)
}
