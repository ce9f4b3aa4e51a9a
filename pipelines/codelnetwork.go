package pipelines

import (
	"math"
	"time"
)

// source is what controlled delay is applied to: who is next, and how many are
// left after that.
type source interface {
	pop(it *Item) bool
	Len() int
}

// control is RFC 8289's: once the sojourn has been above the target for an
// interval it drops one, and then one after ever shorter times, until the sojourn
// is below the target again.
type control struct {
	target, interval time.Duration

	above         time.Duration // when the sojourn will have been above the target for an interval; 0 where it is not
	next          time.Duration // when the next one is dropped
	count, before int           // of those dropped in this period of dropping, and at the begin of the last
	dropping      bool
}

func newControl(c CoDelConfig) control {
	return control{target: c.Target.Std(), interval: c.Interval.Std()}
}

// take hands out who is next after those that are dropped, which it appends to
// shed.
func (c *control) take(now time.Duration, s source, it *Item, shed []Drop) (bool, []Drop) {
	ok, may := c.pop(now, s, it)
	switch {
	case c.dropping && !may:
		c.dropping = false
	case c.dropping:
		for c.dropping && now >= c.next {
			shed = append(shed, Drop{*it, Sojourn})
			c.count++
			if ok, may = c.pop(now, s, it); may {
				c.next = c.after(c.next)
			} else {
				c.dropping = false
			}
		}
	case may:
		shed = append(shed, Drop{*it, Sojourn})
		ok, _ = c.pop(now, s, it)
		c.begin(now)
	}
	return ok, shed
}

// begin begins to drop. If that has ended only lately, it goes on at the pace that
// kept the sojourn down then.
func (c *control) begin(now time.Duration) {
	c.dropping = true
	since := c.count - c.before
	c.count = 1
	if since > 1 && now-c.next < 16*c.interval {
		c.count = since
	}
	c.next = c.after(now)
	c.before = c.count
}

// after is when the next one is dropped after one at the instant at.
func (c *control) after(at time.Duration) time.Duration {
	return at + time.Duration(float64(c.interval)/math.Sqrt(float64(c.count)))
}

// pop takes out who is next, and says whether it may be dropped: not unless the
// sojourn has been above the target for an interval, and never the last but one.
func (c *control) pop(now time.Duration, s source, it *Item) (ok, may bool) {
	if !s.pop(it) {
		c.above = 0
		return false, false
	}
	switch {
	case now-it.Enqueued < c.target || s.Len() <= 1:
		c.above = 0
	case c.above == 0:
		c.above = now + c.interval
	case now >= c.above:
		return true, true
	}
	return true, false
}

// codelNetwork controls delay as routers do.
type codelNetwork struct {
	fifo
	control control
}

// NewCoDelNetwork returns a queue with controlled delay, in the form of RFC 8289.
// It turns away newcomers when it is full.
func NewCoDelNetwork(c CoDelConfig) (Policy, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return &codelNetwork{newFIFO(c.Config), newControl(c)}, nil
}

// Offer implements [Policy].
func (c *codelNetwork) Offer(now time.Duration, it *Item) Answer {
	if c.full() {
		return c.refuse(it, QueueFull)
	}
	return c.enter(now, it)
}

// Take implements [Policy].
func (c *codelNetwork) Take(now time.Duration, it *Item) (ok bool, shed []Drop) {
	ok, c.dropped = c.control.take(now, c, it, c.dropped[:0])
	return ok, c.dropped
}
