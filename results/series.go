package results

import "time"

const (
	maxIntervals  = 1000
	firstInterval = 100 * time.Millisecond
	maxPending    = 4096
)

// series cuts a run into at most [maxIntervals] intervals of one width. When
// they are used up, the width doubles and neighbours become one. Its memory
// does not grow with the length of the run or the number of arrivals.
//
// Response times of ok wait in a small buffer, as interval and bucket, and are
// folded into the packed histograms of their intervals when it is full. So a
// value costs one store, and values may come in any order of time.
type series struct {
	origin, width time.Duration
	rows          [maxIntervals]row
	used          int // rows up to the newest instant seen

	due, done cursor

	pending [maxPending]uint32 // interval<<16 | bucket
	queued  int
	active  dense
	scratch packed
}

// row is one interval, the size of a cache line.
type row struct {
	offered, ok, rejected, other uint64
	inFlight                     int64 // the most at once
	response                     packed
}

// cursor remembers the interval last asked for, because the next instant is
// nearly always in it and a division is what costs most of finding it.
type cursor struct {
	from, width time.Duration
	index       int
}

func (c *cursor) holds(at time.Duration) bool { return uint64(at-c.from) < uint64(c.width) }

// start makes s count from origin. A window known beforehand is given the
// width it will end with, so that no run stops to merge its intervals.
func (s *series) start(origin, window time.Duration) {
	s.origin, s.width = origin, firstInterval
	for !s.covers(window - 1) {
		s.width *= 2
	}
	s.active.reset()
}

// covers reports whether the offset from origin lies within the intervals there are.
func (s *series) covers(offset time.Duration) bool { return offset/maxIntervals < s.width }

// seek moves c to the interval of at. When that opens a new one, it returns the
// index of the one that was newest until then, else -1. level is the number in
// flight, which was also that of any interval passed over.
func (s *series) seek(c *cursor, at time.Duration, level int64) (closed int) {
	for !s.covers(at - s.origin) {
		s.double()
	}
	c.index = int(max(at-s.origin, 0) / s.width)
	c.from, c.width = s.origin+time.Duration(c.index)*s.width, s.width
	if c.index < s.used {
		return -1
	}
	closed = s.used - 1
	for ; s.used <= c.index; s.used++ {
		s.rows[s.used].inFlight = level
	}
	return closed
}

// push notes a response time of ok in interval index.
func (s *series) push(index int, ns int64) {
	s.pending[s.queued] = uint32(index)<<16 | uint32(coarse.Bucket(ns))
	s.queued++
	if s.queued == maxPending {
		s.fold()
	}
}

// fold empties the buffer, one interval per pass: those of the interval of the
// first value are counted, the others move up.
func (s *series) fold() {
	for s.queued > 0 {
		interval := s.pending[0] >> 16
		r := &s.rows[interval]
		s.active.unpack(r.response)
		kept := 0
		for _, p := range s.pending[:s.queued] {
			if p>>16 == interval {
				s.active.add(int(p&0xffff), 1)
			} else {
				s.pending[kept] = p
				kept++
			}
		}
		s.queued = kept
		s.store(r)
	}
}

// store packs the active histogram into r, in exactly the bytes it needs.
func (s *series) store(r *row) {
	s.scratch = s.active.pack(s.scratch[:0])
	if len(s.scratch) > cap(r.response) {
		r.response = make(packed, 0, len(s.scratch))
	}
	r.response = append(r.response[:0], s.scratch...)
}

// double merges neighbours.
func (s *series) double() {
	s.fold()
	for i := range (s.used + 1) / 2 {
		sum := s.rows[2*i]
		if 2*i+1 < s.used {
			s.addRow(&sum, &s.rows[2*i+1])
		}
		s.rows[i] = sum
	}
	s.used = (s.used + 1) / 2
	clear(s.rows[s.used:])
	s.width *= 2
	s.due, s.done = cursor{}, cursor{}
}

// addRow adds b to a; the most at once in both is that of the fuller one.
func (s *series) addRow(a, b *row) {
	a.offered, a.ok, a.rejected, a.other = a.offered+b.offered, a.ok+b.ok, a.rejected+b.rejected, a.other+b.other
	a.inFlight = max(a.inFlight, b.inFlight)
	if len(b.response) == 0 {
		return
	}
	s.active.unpack(a.response)
	s.active.unpack(b.response)
	s.store(a)
}

// add merges the series of another loop over the same window. The most at once
// in two loops is not known; their sum is what it was at most.
func (s *series) add(other *series) {
	s.merge(other, func(a, b int64) int64 { return a + b })
}

// extend merges what the same loop counted afterwards.
func (s *series) extend(other *series) {
	s.merge(other, func(a, b int64) int64 { return max(a, b) })
}

func (s *series) merge(other *series, level func(a, b int64) int64) {
	other.fold()
	s.fold()
	for s.width < other.width {
		s.double()
	}
	for other.width < s.width {
		other.double()
	}
	for i := range other.used {
		a, b := &s.rows[i], &other.rows[i]
		most := level(a.inFlight, b.inFlight)
		s.addRow(a, b)
		a.inFlight = most
	}
	s.used = max(s.used, other.used)
}

// intervals lists the series, from the start of the window to its end or to
// the last answer, whichever is later.
func (s *series) intervals(measured time.Duration) []Interval {
	s.fold()
	for !s.covers(measured - 1) {
		s.double()
	}
	n := max(s.used, int((measured+s.width-1)/s.width))
	list := make([]Interval, n)
	for i := range list {
		r := &s.rows[i]
		list[i] = Interval{
			TNS: int64(i) * int64(s.width), WidthNS: int64(s.width),
			Offered: r.offered, OK: r.ok, Rejected: r.rejected, Other: r.other,
			InFlight: r.inFlight,
		}
		if r.ok > 0 {
			half, most := r.response.at(p50), r.response.at(p99)
			list[i].P50NS, list[i].P99NS = &half, &most
		}
	}
	return list
}
