package reactive

import "sync/atomic"

// Consumer is a subscriber that calls functions. It requests Prefetch elements at the
// start, and 75 % of them again whenever as many were taken; with Prefetch 0 it
// requests nothing by itself, and Unbounded asks for everything at once.
type Consumer[T any] struct {
	Prefetch int64
	Next     func(v T)       // nil: takes and forgets
	End      func(err error) // nil error: complete; a nil function: not told

	up    atomic.Pointer[Subscription]
	over  atomic.Bool
	taken int64
}

// OnSubscribe implements [Subscriber]. A second source is refused (§2.05).
func (c *Consumer[T]) OnSubscribe(up Subscription) {
	if !c.up.CompareAndSwap(nil, &up) {
		up.Cancel()
		return
	}
	if c.Prefetch > 0 {
		up.Request(c.Prefetch)
	}
}

// OnNext implements [Subscriber].
func (c *Consumer[T]) OnNext(v T) {
	if c.Next != nil {
		c.Next(v)
	}
	if c.Prefetch <= 0 || c.Prefetch == Unbounded {
		return
	}
	if c.taken++; c.taken == c.Prefetch-c.Prefetch/4 {
		n := c.taken
		c.taken = 0
		c.Request(n)
	}
}

// OnError implements [Subscriber].
func (c *Consumer[T]) OnError(err error) { c.finish(err) }

// OnComplete implements [Subscriber].
func (c *Consumer[T]) OnComplete() { c.finish(nil) }

func (c *Consumer[T]) finish(err error) {
	c.over.Store(true)
	if c.End != nil {
		c.End(err)
	}
}

// Request asks the source for n more. Before there is one, and after the end, it does
// nothing.
func (c *Consumer[T]) Request(n int64) {
	if up := c.up.Load(); up != nil && !c.over.Load() {
		(*up).Request(n)
	}
}

// Cancel tells the source to stop. What is on its way still arrives.
func (c *Consumer[T]) Cancel() {
	if up := c.up.Load(); up != nil && c.over.CompareAndSwap(false, true) {
		(*up).Cancel()
	}
}
