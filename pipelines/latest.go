package pipelines

import "time"

// latest keeps nothing but the newest: one slot that is overwritten, for what is
// out of date as soon as there is something newer, such as a price.
type latest struct{ fifo }

// NewLatest returns a queue of one, in which a newcomer replaces who is inside.
func NewLatest(struct{}) (Policy, error) { return &latest{fifo{capacity: 1}}, nil }

// Offer implements [Policy].
func (l *latest) Offer(now time.Duration, it *Item) Answer {
	if l.full() {
		return l.enterFor(now, it, *l.line.popFront(), Conflated)
	}
	return l.enter(now, it)
}
