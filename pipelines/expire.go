package pipelines

import (
	"fmt"
	"time"

	"github.com/fcbench/fcbench/internal/units"
)

// ExpireConfig describes a queue whose items may come too late.
type ExpireConfig struct {
	Config `yaml:",inline"`
	// Reserve is how long before its deadline an item is given up: what service
	// is expected to take.
	Reserve units.Duration `yaml:"reserve"`
}

// DefaultExpireConfig gives up what is too late, and not what will be.
func DefaultExpireConfig() ExpireConfig { return ExpireConfig{Config: RoomyConfig()} }

// expire looks at the deadline before service: the cheapest remedy against work
// that nobody waits for any more.
type expire struct {
	fifo
	reserve time.Duration
}

// NewExpire returns a queue that hands out nothing that is too late. It turns away
// newcomers when it is full.
func NewExpire(c ExpireConfig) (Policy, error) {
	var err error
	if c.Reserve < 0 {
		err = fmt.Errorf("reserve is %v; want 0s or more", c.Reserve)
	}
	if err = c.checked(err); err != nil {
		return nil, err
	}
	return &expire{newFIFO(c.Config), c.Reserve.Std()}, nil
}

// Offer implements [Policy].
func (e *expire) Offer(now time.Duration, it *Item) Answer {
	if e.full() {
		return e.refuse(it, QueueFull)
	}
	return e.enter(now, it)
}

// Take implements [Policy]: the oldest that can still be in time is next.
func (e *expire) Take(now time.Duration, it *Item) (ok bool, shed []Drop) {
	e.dropped = e.dropped[:0]
	for e.pop(it) {
		if !it.Expired(now + e.reserve) {
			return true, e.dropped
		}
		e.dropped = append(e.dropped, Drop{*it, Expired})
	}
	return false, e.dropped
}
