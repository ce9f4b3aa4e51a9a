package pipelines

import "time"

// fail ends the stream with the first item that it has no room for. What is inside
// then is still handed out, as an error that is told after what came before it;
// whatever comes later is lost.
type fail struct {
	fifo
	failed bool
}

// NewFail returns a queue that ends when it overflows.
func NewFail(c Config) (Policy, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return &fail{fifo: newFIFO(c)}, nil
}

// Offer implements [Policy].
func (f *fail) Offer(now time.Duration, it *Item) Answer {
	switch {
	case f.failed:
		return f.refuse(it, StreamFailed)
	case f.full():
		f.failed = true
		return f.refuse(it, Overflow)
	}
	return f.enter(now, it)
}
