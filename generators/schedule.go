package generators

import (
	"fmt"
	"time"
)

// A Schedule is a cursor over the arrivals of a workload. It is for one
// goroutine; a workload gives out as many as are wanted.
type Schedule struct {
	cursors []cursor
	closed  bool
	seq     uint64 // of the next arrival
	turn    uint64 // open: arrivals to pass over first; closed: the stream whose turn it is
	round   uint64 // closed: requests that the stream made before
	shards  uint64
	err     error
}

// Schedule returns all arrivals due in [0, horizon), in order of time; arrivals
// of one instant come in order of their streams.
func (w *Workload) Schedule(horizon time.Duration) *Schedule { return w.Shard(horizon, 0, 1) }

// Shard returns those arrivals of the schedule whose Seq modulo n is i. The n
// shards are disjoint and together the whole schedule. It panics unless 0 ≤ i < n.
func (w *Workload) Shard(horizon time.Duration, i, n int) *Schedule {
	checkShard(i, n)
	s := &Schedule{turn: uint64(i), shards: uint64(n), cursors: w.cursors()}
	for i := range s.cursors {
		if c := &s.cursors[i]; c.process != nil && s.err == nil {
			c.start(horizon)
			s.advance(c)
		}
	}
	return s
}

func checkShard(i, n int) {
	if i < 0 || i >= n {
		panic(fmt.Sprintf("generators: shard is %d of %d; want 0 to n-1", i, n))
	}
}

// Next fills in the next arrival, or returns false at the end or on an error.
func (s *Schedule) Next(a *Arrival) bool {
	if s.closed {
		return s.nextRequest(a)
	}
	for {
		c := s.earliest()
		if c == nil {
			return false
		}
		mine := s.turn == 0
		if mine {
			s.turn = s.shards
			a.Seq, a.At = s.seq, c.at
			c.fill(a)
		}
		s.turn--
		s.seq++
		c.k++
		s.advance(c)
		if mine {
			return true
		}
	}
}

// Err reports why the schedule ended early, such as a trace that became
// unreadable; nil at a proper end.
func (s *Schedule) Err() error { return s.err }

// earliest returns the stream whose arrival is next, or nil.
func (s *Schedule) earliest() *cursor {
	var first *cursor
	for i := range s.cursors {
		if c := &s.cursors[i]; c.live && (first == nil || c.at < first.at) {
			first = c
		}
	}
	return first
}

// advance moves a stream to its next arrival. A stream that fails ends the schedule.
func (s *Schedule) advance(c *cursor) {
	c.at, c.live = c.due.Next()
	if !c.live && c.recorded != nil && c.recorded.Err() != nil {
		s.fail(c)
	}
}

func (s *Schedule) fail(c *cursor) {
	s.err = fmt.Errorf("stream %s: %w", c.name, c.recorded.Err())
	for i := range s.cursors {
		s.cursors[i].live = false
	}
}
