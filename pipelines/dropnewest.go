package pipelines

import "time"

// dropNewest turns away who comes when it is full: select { case ch <- v: default:
// drop }.
type dropNewest struct{ fifo }

// NewDropNewest returns a queue that turns away newcomers when it is full.
func NewDropNewest(c Config) (Policy, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return &dropNewest{newFIFO(c)}, nil
}

// Offer implements [Policy].
func (d *dropNewest) Offer(now time.Duration, it *Item) Answer {
	if d.full() {
		return d.refuse(it, QueueFull)
	}
	return d.enter(now, it)
}
