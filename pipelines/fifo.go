package pipelines

import (
	"errors"
	"fmt"
	"time"

	"github.com/fcbench/fcbench/internal/units"
)

// Config describes a queue by the most items that it may hold.
type Config struct {
	Capacity units.Count `yaml:"capacity"`
}

// DefaultConfig is a channel as people write it, and RoomyConfig a queue of which
// the policy itself sees to it that nobody waits for long.
func DefaultConfig() Config { return Config{Capacity: 100} }
func RoomyConfig() Config   { return Config{Capacity: 1000} }

const maxCapacity = 1 << 24

func (c Config) check() error {
	if c.Capacity < 1 || c.Capacity > maxCapacity {
		return fmt.Errorf("capacity is %d; want 1 to %d", int64(c.Capacity), maxCapacity)
	}
	return nil
}

// positive refuses a duration that is not.
func positive(what string, d units.Duration) error {
	if d <= 0 {
		return fmt.Errorf("%s is %v; want a positive duration", what, d)
	}
	return nil
}

// checked is what constructors of configs with several values begin with.
func (c Config) checked(more ...error) error { return errors.Join(c.check(), errors.Join(more...)) }

// fifo is a bounded line, first in, first out: what most policies are made of.
type fifo struct {
	line     ring[Item]
	capacity int
	dropped  []Drop // by the latest call
}

func newFIFO(c Config) fifo { return fifo{capacity: int(c.Capacity)} }

// Len implements [Policy].
func (f *fifo) Len() int { return f.line.len() }

// Cap implements [Policy].
func (f *fifo) Cap() int { return f.capacity }

func (f *fifo) full() bool { return f.line.len() == f.capacity }

// plain is the line of a policy that is nothing else while there is room: newcomers
// stand behind the others, and the oldest is next. It is nil for all others.
func plain(p Policy) *fifo {
	switch p := p.(type) {
	case *block:
		return &p.fifo
	case *offerTimeout:
		return &p.fifo
	case *dropNewest:
		return &p.fifo
	case *dropOldest:
		return &p.fifo
	case *dropTail:
		return &p.fifo
	case *dropBuffer:
		return &p.fifo
	}
	return nil
}

// enter lets it in.
func (f *fifo) enter(now time.Duration, it *Item) Answer {
	place := f.line.push()
	*place = *it
	place.Enqueued = now
	return Answer{Verdict: Accepted}
}

// enterFor lets it in, in place of another.
func (f *fifo) enterFor(now time.Duration, it *Item, other Item, c Cause) Answer {
	f.dropped = append(f.dropped[:0], Drop{other, c})
	a := f.enter(now, it)
	a.Dropped = f.dropped
	return a
}

// Take implements [Policy]: the oldest is next.
func (f *fifo) Take(_ time.Duration, it *Item) (ok bool, shed []Drop) { return f.pop(it), nil }

func (f *fifo) pop(it *Item) bool {
	if f.line.len() == 0 {
		return false
	}
	*it = *f.line.popFront()
	return true
}

// refuse drops the newcomer.
func (f *fifo) refuse(it *Item, c Cause) Answer {
	f.dropped = append(f.dropped[:0], Drop{*it, c})
	return Answer{Verdict: Refused, Dropped: f.dropped}
}
