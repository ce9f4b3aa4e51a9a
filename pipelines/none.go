package pipelines

import (
	"fmt"
	"time"

	"github.com/fcbench/fcbench/internal/units"
)

// NoneConfig describes a queue without back-pressure by what would end the process.
type NoneConfig struct {
	Memory units.Size `yaml:"memory"`
}

// DefaultNoneConfig has a guard of 64 MiB.
func DefaultNoneConfig() NoneConfig { return NoneConfig{Memory: 64 << 20} }

// Lightest is what an item weighs at least, as there is something that says that
// it waits.
const Lightest = 64 // bytes

// none is a queue without a bound, as a slice behind a lock is. Only the memory of
// the process ends its growth, for which a guard stands here.
type none struct {
	fifo
	bytes, most int64
}

// NewNone returns a queue that takes whatever comes as long as there is memory.
func NewNone(c NoneConfig) (Policy, error) {
	if c.Memory < Lightest || c.Memory > Lightest*maxCapacity {
		return nil, fmt.Errorf("memory is %v; want %v to %v", c.Memory, units.Size(Lightest), units.Size(Lightest*maxCapacity))
	}
	return &none{fifo: fifo{capacity: int(c.Memory / Lightest)}, most: int64(c.Memory)}, nil
}

// Offer implements [Policy].
func (n *none) Offer(now time.Duration, it *Item) Answer {
	if weight(it) > n.most-n.bytes {
		return n.refuse(it, MemoryGuard)
	}
	n.bytes += weight(it)
	return n.enter(now, it)
}

// Take implements [Policy]: the oldest is next.
func (n *none) Take(_ time.Duration, it *Item) (ok bool, shed []Drop) {
	if !n.pop(it) {
		return false, nil
	}
	n.bytes -= weight(it)
	return true, nil
}

func weight(it *Item) int64 { return max(it.Size, Lightest) }
