package pipelines

import "time"

// dropBuffer drops all it holds when it is full, and begins again with the
// newcomer (Pekko's dropBuffer).
type dropBuffer struct{ fifo }

// NewDropBuffer returns a queue that is emptied for a newcomer.
func NewDropBuffer(c Config) (Policy, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return &dropBuffer{newFIFO(c)}, nil
}

// Offer implements [Policy].
func (d *dropBuffer) Offer(now time.Duration, it *Item) Answer {
	if !d.full() {
		return d.enter(now, it)
	}
	d.dropped = d.dropped[:0]
	for d.line.len() > 0 {
		d.dropped = append(d.dropped, Drop{*d.line.popFront(), DroppedBuffer})
	}
	a := d.enter(now, it)
	a.Dropped = d.dropped
	return a
}
