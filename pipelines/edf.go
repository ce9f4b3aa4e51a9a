package pipelines

import (
	"time"

	"github.com/fcbench/fcbench/internal/events"
)

// edf serves who has to be done first: earliest deadline first, which meets all
// deadlines whenever any order does (Dertouzos, 1974). Under overload it would
// serve those that just fail, so what is too late is shed.
type edf struct {
	waiting  events.Agenda[Item]
	capacity int
	dropped  []Drop
}

// NewEDF returns a queue in the order of deadlines. When it is full it turns away
// newcomers, unless there is somebody inside who is too late already.
func NewEDF(c Config) (Policy, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return &edf{capacity: int(c.Capacity)}, nil
}

// Len implements [Policy].
func (e *edf) Len() int { return e.waiting.Len() }

// Cap implements [Policy].
func (e *edf) Cap() int { return e.capacity }

// Offer implements [Policy].
func (e *edf) Offer(now time.Duration, it *Item) Answer {
	e.dropped = e.dropped[:0]
	if e.Len() == e.capacity {
		e.expire(now)
	}
	if e.Len() == e.capacity {
		e.dropped = append(e.dropped, Drop{*it, QueueFull})
		return Answer{Verdict: Refused, Dropped: e.dropped}
	}
	inside := *it
	inside.Enqueued = now
	e.waiting.Push(it.Deadline, inside)
	return Answer{Verdict: Accepted, Dropped: e.dropped}
}

// Take implements [Policy].
func (e *edf) Take(now time.Duration, it *Item) (ok bool, shed []Drop) {
	e.dropped = e.dropped[:0]
	e.expire(now)
	*it, _, ok = e.waiting.Due(Forever)
	return ok, e.dropped
}

// expire drops those that are too late, who are the first of all.
func (e *edf) expire(now time.Duration) {
	for late, _, ok := e.waiting.Due(now - 1); ok; late, _, ok = e.waiting.Due(now - 1) {
		e.dropped = append(e.dropped, Drop{late, Expired})
	}
}
