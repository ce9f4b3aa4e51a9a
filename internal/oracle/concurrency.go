package oracle

import (
	"time"

	"github.com/fcbench/fcbench/internal/events"
)

// concurrency is the exact limit on what is held at once. What is given back at
// an instant makes room for what is asked at that instant.
type concurrency struct {
	limit int64
	held  wide                 // tokens
	holds events.Agenda[int64] // tokens that are given back
}

func concurrencyModel(l Limit) func() model {
	return func() model { return &concurrency{limit: l.Burst} }
}

func (c *concurrency) advance(at time.Duration) {
	c.holds.Settle(at, func(_ time.Duration, tokens int64) {
		c.held = c.held.Minus(wide{Lo: uint64(tokens)})
	})
}

func (c *concurrency) admits(n int64) bool { return n <= c.room() }

func (c *concurrency) admitsAt(at time.Duration, n int64) bool {
	return n <= roomBetween(c.heldAt(at), wide{Lo: uint64(c.limit)}, 1)
}

// heldAt is what will still be held at at.
func (c *concurrency) heldAt(at time.Duration) wide {
	held := c.held
	for until, tokens := range c.holds.All {
		if until <= at {
			held = held.Minus(wide{Lo: uint64(*tokens)})
		}
	}
	return held
}

// take holds n until until. What was never given back needs no place in the agenda.
func (c *concurrency) take(_ time.Duration, n int64, until time.Duration) {
	c.held = c.held.Plus(wide{Lo: uint64(n)})
	if until < events.Forever {
		c.holds.Push(until, n)
	}
}

func (c *concurrency) room() int64 {
	return roomBetween(c.held, wide{Lo: uint64(c.limit)}, 1)
}

func (c *concurrency) gone(at time.Duration) bool { return c.heldAt(at) == (wide{}) }
