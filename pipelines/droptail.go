package pipelines

import "time"

// dropTail makes room by dropping the youngest inside, so that the newcomer is
// behind those who have waited for long (Pekko's dropTail).
type dropTail struct{ fifo }

// NewDropTail returns a queue that drops its youngest for a newcomer.
func NewDropTail(c Config) (Policy, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return &dropTail{newFIFO(c)}, nil
}

// Offer implements [Policy].
func (d *dropTail) Offer(now time.Duration, it *Item) Answer {
	if d.full() {
		return d.enterFor(now, it, *d.line.popBack(), DroppedTail)
	}
	return d.enter(now, it)
}
