package pipelines

import (
	"time"

	"github.com/fcbench/fcbench/internal/units"
)

// CoDelConfig describes a queue that controls delay.
type CoDelConfig struct {
	Config   `yaml:",inline"`
	Target   units.Duration `yaml:"target"`   // the sojourn that is acceptable
	Interval units.Duration `yaml:"interval"` // the time in which a burst has to be over
}

// DefaultCoDelConfig has the values of folly and of RFC 8289: 5 ms and 100 ms.
func DefaultCoDelConfig() CoDelConfig {
	return CoDelConfig{RoomyConfig(), units.Duration(5 * time.Millisecond), units.Duration(100 * time.Millisecond)}
}

func (c CoDelConfig) check(more ...error) error {
	return c.checked(append(more, positive("target", c.Target), positive("interval", c.Interval))...)
}

// codel controls delay as services do (folly's executors/Codel.cpp): when even the
// shortest sojourn of an interval was above the target, all that wait for more than
// twice the target are shed in the next one.
type codel struct {
	fifo
	target, interval time.Duration

	end        time.Duration // of the interval
	shortest   time.Duration // sojourn of the interval
	overloaded bool          // by the interval before
}

// NewCoDel returns a queue with controlled delay, in the form for services. It turns
// away newcomers when it is full.
func NewCoDel(c CoDelConfig) (Policy, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return &codel{fifo: newFIFO(c.Config), target: c.Target.Std(), interval: c.Interval.Std()}, nil
}

// Offer implements [Policy].
func (c *codel) Offer(now time.Duration, it *Item) Answer {
	if c.full() {
		return c.refuse(it, QueueFull)
	}
	return c.enter(now, it)
}

// Take implements [Policy]: the oldest that has not waited too long is next.
func (c *codel) Take(now time.Duration, it *Item) (ok bool, shed []Drop) {
	c.dropped = c.dropped[:0]
	for c.pop(it) {
		if !c.tooLong(now-it.Enqueued, now) {
			return true, c.dropped
		}
		c.dropped = append(c.dropped, Drop{*it, Sojourn})
	}
	return false, c.dropped
}

// tooLong reports whether one that has waited for the sojourn is to be shed at
// now. The first of an interval never is.
func (c *codel) tooLong(sojourn, now time.Duration) bool {
	if now > c.end {
		c.end = now + c.interval
		c.overloaded = c.shortest > c.target
		c.shortest = sojourn
		return false
	}
	c.shortest = min(c.shortest, sojourn)
	return c.overloaded && sojourn > 2*c.target
}
