package pipelines

import "time"

// block holds up whoever comes when it is full: select { case ch <- v: case
// <-ctx.Done(): } on a channel with a buffer. It drops nothing, and passes the
// pressure on to who is before it.
type block struct{ fifo }

// NewBlock returns a queue before which the source waits.
func NewBlock(c Config) (Policy, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return &block{newFIFO(c)}, nil
}

// Offer implements [Policy].
func (b *block) Offer(now time.Duration, it *Item) Answer {
	if b.full() {
		return Answer{Verdict: Full, Until: Forever}
	}
	return b.enter(now, it)
}
