package pipelines

import "time"

// adaptiveLIFO is Facebook's ("Fail at scale", ACM Queue 2015): first in, first
// out, but while the queue has not been empty for an interval the newest is next,
// because it is the one that can still be in time. Nobody waits longer than the
// interval, nor longer than the target while the queue stands.
type adaptiveLIFO struct {
	fifo
	target, interval time.Duration
	empty            time.Duration // when the queue was empty last
}

// NewAdaptiveLIFO returns a queue that turns around while it stands. It drops its
// oldest for a newcomer.
func NewAdaptiveLIFO(c CoDelConfig) (Policy, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return &adaptiveLIFO{fifo: newFIFO(c.Config), target: c.Target.Std(), interval: c.Interval.Std()}, nil
}

// Offer implements [Policy].
func (a *adaptiveLIFO) Offer(now time.Duration, it *Item) Answer {
	if a.line.len() == 0 {
		a.empty = now
	}
	if a.full() {
		return a.enterFor(now, it, *a.line.popFront(), DroppedOldest)
	}
	return a.enter(now, it)
}

// Take implements [Policy].
func (a *adaptiveLIFO) Take(now time.Duration, it *Item) (ok bool, shed []Drop) {
	a.dropped = a.dropped[:0]
	standing := now-a.empty > a.interval
	longest := a.interval
	if standing {
		longest = a.target
	}
	for a.line.len() > 0 && now-a.line.at(0).Enqueued > longest {
		a.dropped = append(a.dropped, Drop{*a.line.popFront(), Sojourn})
	}
	ok = a.line.len() > 0
	if ok && standing {
		*it = *a.line.popBack()
	} else {
		a.pop(it)
	}
	if a.line.len() == 0 {
		a.empty = now
	}
	return ok, a.dropped
}
