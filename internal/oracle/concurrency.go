package oracle

import (
	"math"
	"time"
)

// concurrency is the exact limit on what is held at once. What is given back at
// an instant makes room for what is asked at that instant.
type concurrency struct {
	limit int64
	held  wide // tokens
	holds heap[hold, *hold]
}

type hold struct {
	until  time.Duration
	tokens int64
}

func (h *hold) before(g *hold) bool { return h.until < g.until }

func concurrencyModel(l Limit) func() model {
	return func() model { return &concurrency{limit: l.Burst} }
}

func (c *concurrency) advance(at time.Duration) {
	for len(c.holds) > 0 && c.holds[0].until <= at {
		c.held = c.held.minus(wide{lo: uint64(c.holds.pop().tokens)})
	}
}

func (c *concurrency) admits(n int64) bool { return n <= c.room() }

func (c *concurrency) admitsAt(at time.Duration, n int64) bool {
	held := c.held
	for _, h := range c.holds {
		if h.until <= at {
			held = held.minus(wide{lo: uint64(h.tokens)})
		}
	}
	return n <= roomBetween(held, wide{lo: uint64(c.limit)}, 1)
}

// take holds n until until. What was never given back needs no place in the heap.
func (c *concurrency) take(_ time.Duration, n int64, until time.Duration) {
	c.held = c.held.plus(wide{lo: uint64(n)})
	if until < math.MaxInt64 {
		c.holds.push(hold{until, n})
	}
}

func (c *concurrency) room() int64 {
	return roomBetween(c.held, wide{lo: uint64(c.limit)}, 1)
}
