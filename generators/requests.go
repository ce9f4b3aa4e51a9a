package generators

import "math"

// Requests returns the work of a closed loop: endless, due at 0, the streams
// taking turns. Where keys or costs are as recorded, a recording begins again
// at its end.
func (w *Workload) Requests() *Schedule { return w.RequestShard(0, 1) }

// RequestShard returns every n-th of the Requests, beginning with the i-th: its
// request k is request k·n + i of the one sequence, and has that Seq. The n shards
// are disjoint and together the whole. A law is asked for what is read alone; a
// recording is read past what other shards have. It panics unless 0 ≤ i < n.
func (w *Workload) RequestShard(i, n int) *Schedule {
	checkShard(i, n)
	s := &Schedule{closed: true, shards: uint64(n), seq: uint64(i), cursors: w.cursors()}
	streams := uint64(len(s.cursors))
	s.turn, s.round = s.seq%streams, s.seq/streams
	for i := range s.cursors {
		if c := &s.cursors[i]; c.isRecorded() {
			c.start(math.MaxInt64)
		}
	}
	return s
}

func (s *Schedule) nextRequest(a *Arrival) bool {
	c := &s.cursors[s.turn]
	if c.k = s.round; s.err != nil || c.recorded != nil && !s.seek(c) {
		return false
	}
	a.Seq, a.At = s.seq, 0
	c.fill(a)
	s.pass()
	return true
}

// pass goes on to the next request of the shard.
func (s *Schedule) pass() {
	s.seq += s.shards
	s.turn += s.shards
	if streams := uint64(len(s.cursors)); s.turn >= streams {
		s.round += s.turn / streams
		s.turn %= streams
	}
}

// seek reads a recording up to the record of request c.k, from its start again
// if it is past that already.
func (s *Schedule) seek(c *cursor) bool {
	record := c.k%c.process.(Recording).Len() + 1
	if record < c.read {
		c.start(math.MaxInt64)
	}
	for ; c.read < record; c.read++ {
		if _, ok := c.recorded.Next(); !ok {
			s.fail(c)
			return false
		}
	}
	return true
}
