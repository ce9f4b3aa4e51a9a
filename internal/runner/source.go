package runner

import (
	"math"
	"time"

	"github.com/fcbench/fcbench/generators"
)

// Source says what is due next. Open loops read a schedule; closed loops wait
// for their clients.
type Source interface {
	// Due returns when the next arrival is due, or Forever while that depends
	// on a completion. ok is false when there are no more.
	Due() (at time.Duration, ok bool)
	// Take returns that arrival, valid until the next Due.
	Take() *generators.Arrival
	// Done is told that an arrival was finished at the instant at.
	Done(at time.Duration)
	// Counted reports whether a count ended the arrivals, and when: at the instant
	// at which the next one would have been due; 0 where that is not known.
	Counted() (end time.Duration, ok bool)
	// Err reports why the source ended early.
	Err() error
}

// Open is the source of an open loop: arrivals come when the schedule says,
// whatever the target does. Those from position end of the whole schedule on are
// left out; 0 leaves out none.
func Open(s *generators.Schedule, end uint64) Source {
	if end == 0 {
		end = math.MaxUint64
	}
	return &open{schedule: s, end: end}
}

type open struct {
	schedule *generators.Schedule
	next     generators.Arrival
	have     bool
	ended    bool // at a position, not because the schedule did
	end      uint64
}

func (o *open) Due() (time.Duration, bool) {
	if !o.have && !o.ended {
		if o.have = o.schedule.Next(&o.next); o.have && o.next.Seq >= o.end {
			o.have, o.ended = false, true
		}
	}
	return o.next.At, o.have
}

func (o *open) Take() *generators.Arrival {
	o.have = false
	return &o.next
}

func (o *open) Done(time.Duration) {}
func (o *open) Err() error         { return o.schedule.Err() }

func (o *open) Counted() (time.Duration, bool) { return o.next.At, o.ended }

// Closed is the source of a closed loop: each of the clients sends its next
// request think after its previous one was answered, until horizon. At most
// count of the requests after the warm-up, or any number when count is 0. A lane
// has its share of clients and of the count.
func Closed(requests *generators.Schedule, clients int, think, warmup, horizon time.Duration, count uint64) Source {
	return &closed{
		requests: requests, ready: make([]time.Duration, clients), waiting: clients,
		think: think, warmup: warmup, horizon: horizon, left: leftOf(count),
	}
}

// closed keeps the instants at which idle clients become ready in a ring.
// Think time is constant and completions come in order, so the ring is in order too.
type closed struct {
	requests *generators.Schedule
	ready    []time.Duration
	head     int
	waiting  int
	think    time.Duration
	warmup   time.Duration
	horizon  time.Duration
	left     uint64
	next     generators.Arrival
}

func leftOf(count uint64) uint64 {
	if count == 0 {
		return math.MaxUint64
	}
	return count
}

func (c *closed) Due() (time.Duration, bool) {
	if c.left == 0 {
		return 0, false
	}
	if c.waiting == 0 {
		return Forever, true
	}
	at := c.ready[c.head]
	return at, at < c.horizon
}

func (c *closed) Take() *generators.Arrival {
	c.requests.Next(&c.next)
	c.next.At = c.ready[c.head]
	if c.head++; c.head == len(c.ready) {
		c.head = 0
	}
	c.waiting--
	if c.next.At >= c.warmup {
		c.left--
	}
	return &c.next
}

func (c *closed) Done(at time.Duration) {
	tail := c.head + c.waiting
	if tail >= len(c.ready) {
		tail -= len(c.ready)
	}
	c.ready[tail] = at + c.think
	c.waiting++
}

func (c *closed) Err() error { return c.requests.Err() }

func (c *closed) Counted() (time.Duration, bool) { return 0, c.left == 0 }
