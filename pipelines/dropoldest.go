package pipelines

import "time"

// dropOldest makes room by dropping who has waited longest, and so is the least
// likely to be still in time. A channel cannot do that: the idiom of receiving
// before sending again drops too much when several send.
type dropOldest struct{ fifo }

// NewDropOldest returns a queue that drops its oldest for a newcomer.
func NewDropOldest(c Config) (Policy, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return &dropOldest{newFIFO(c)}, nil
}

// Offer implements [Policy].
func (d *dropOldest) Offer(now time.Duration, it *Item) Answer {
	if d.full() {
		return d.enterFor(now, it, *d.line.popFront(), DroppedOldest)
	}
	return d.enter(now, it)
}
