package pipelines

import (
	"math/bits"
	"time"
)

// priority serves the most urgent first, and of one priority the oldest: strict, so
// that the least urgent may never be served.
type priority struct {
	levels   [256]ring[Item]
	used     [4]uint64 // a bit for each level where somebody waits
	n        int
	capacity int
	dropped  []Drop
}

// NewPriority returns a queue in the order of priorities. When it is full it drops
// the youngest of the least urgent for one that is more urgent, and turns away
// others.
func NewPriority(c Config) (Policy, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return &priority{capacity: int(c.Capacity)}, nil
}

// Len implements [Policy].
func (p *priority) Len() int { return p.n }

// Cap implements [Policy].
func (p *priority) Cap() int { return p.capacity }

// Offer implements [Policy].
func (p *priority) Offer(now time.Duration, it *Item) Answer {
	p.dropped = p.dropped[:0]
	if p.n == p.capacity {
		last := p.leastUrgent()
		if last <= int(it.Priority) {
			p.dropped = append(p.dropped, Drop{*it, QueueFull})
			return Answer{Verdict: Refused, Dropped: p.dropped}
		}
		p.dropped = append(p.dropped, Drop{*p.levels[last].popBack(), Displaced})
		p.left(last)
	}
	place := p.levels[it.Priority].push()
	*place = *it
	place.Enqueued = now
	p.used[it.Priority/64] |= 1 << (it.Priority % 64)
	p.n++
	return Answer{Verdict: Accepted, Dropped: p.dropped}
}

// Take implements [Policy].
func (p *priority) Take(_ time.Duration, it *Item) (ok bool, shed []Drop) {
	if p.n == 0 {
		return false, nil
	}
	first := p.mostUrgent()
	*it = *p.levels[first].popFront()
	p.left(first)
	return true, nil
}

// left notes that somebody has left the level.
func (p *priority) left(level int) {
	p.n--
	if p.levels[level].len() == 0 {
		p.used[level/64] &^= 1 << (level % 64)
	}
}

// mostUrgent is the first level where somebody waits, leastUrgent the last; there
// is one.
func (p *priority) mostUrgent() int {
	i := 0
	for p.used[i] == 0 {
		i++
	}
	return 64*i + bits.TrailingZeros64(p.used[i])
}

func (p *priority) leastUrgent() int {
	i := len(p.used) - 1
	for p.used[i] == 0 {
		i--
	}
	return 64*i + 63 - bits.LeadingZeros64(p.used[i])
}
