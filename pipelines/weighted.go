package pipelines

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// WeightedConfig describes a queue that is shared among priorities.
type WeightedConfig struct {
	Config  `yaml:",inline"`
	Weights Weights `yaml:"weights"`
}

// DefaultWeightedConfig has four levels, each served twice as often as the next.
func DefaultWeightedConfig() WeightedConfig {
	return WeightedConfig{RoomyConfig(), Weights{8, 4, 2, 1}}
}

// Weights say how often levels are served, the most urgent one first; written as
// 8,4,2,1.
type Weights []int64

// UnmarshalText reads what MarshalText writes.
func (w *Weights) UnmarshalText(text []byte) error {
	var all Weights
	var problems []error
	for _, part := range strings.Split(string(text), ",") {
		n, err := strconv.ParseInt(strings.TrimSpace(part), 10, 64)
		if err != nil || n < 1 || n > maxWeight {
			problems = append(problems, fmt.Errorf("weight is %q; want 1 to %d", strings.TrimSpace(part), maxWeight))
		}
		all = append(all, n)
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	*w = all
	return nil
}

// MarshalText writes weights as 8,4,2,1.
func (w Weights) MarshalText() ([]byte, error) {
	parts := make([]string, len(w))
	for i, n := range w {
		parts[i] = strconv.FormatInt(n, 10)
	}
	return []byte(strings.Join(parts, ",")), nil
}

const maxWeight, maxLevels = 1_000_000, 256

// weighted serves priorities in proportion to weights, as long as somebody of each
// waits: smooth weighted round robin, as nginx has it, in which turns of one level
// are spread out. Each has its own part of the room.
type weighted struct {
	levels []level
	n      int
}

type level struct {
	fifo
	weight int64
	credit int64
}

// NewWeighted returns a queue that is shared among priorities. Priorities for which
// there is no weight have the last one. It turns away newcomers whose part of the
// room is full.
func NewWeighted(c WeightedConfig) (Policy, error) {
	var err error
	switch n := len(c.Weights); {
	case n < 1 || n > maxLevels:
		err = fmt.Errorf("weights has %d entries; want 1 to %d", n, maxLevels)
	case int(c.Capacity) < n:
		err = fmt.Errorf("capacity is %d; want at least 1 for each of %d weights", int64(c.Capacity), n)
	}
	if err = c.checked(err); err != nil {
		return nil, err
	}
	w := &weighted{levels: make([]level, len(c.Weights))}
	var sum int64
	for _, weight := range c.Weights {
		sum += weight
	}
	for i, weight := range c.Weights {
		part := max(1, int64(c.Capacity)*weight/sum)
		w.levels[i] = level{fifo: fifo{capacity: int(part)}, weight: weight}
	}
	return w, nil
}

// Len implements [Policy].
func (w *weighted) Len() int { return w.n }

// Cap implements [Policy].
func (w *weighted) Cap() (all int) {
	for i := range w.levels {
		all += w.levels[i].capacity
	}
	return all
}

// Offer implements [Policy].
func (w *weighted) Offer(now time.Duration, it *Item) Answer {
	l := &w.levels[min(int(it.Priority), len(w.levels)-1)]
	if l.full() {
		return l.refuse(it, QueueFull)
	}
	w.n++
	return l.enter(now, it)
}

// Take implements [Policy]: whoever waits gains credit by weight; the level with the
// most is next, and pays for it what all gained.
func (w *weighted) Take(_ time.Duration, it *Item) (ok bool, shed []Drop) {
	var next *level
	var gained int64
	for i := range w.levels {
		l := &w.levels[i]
		if l.Len() == 0 {
			continue
		}
		l.credit += l.weight
		gained += l.weight
		if next == nil || l.credit > next.credit {
			next = l
		}
	}
	if next == nil {
		return false, nil
	}
	next.credit -= gained
	next.pop(it)
	if next.Len() == 0 {
		next.credit = 0 // who is away saves nothing up
	}
	w.n--
	return true, nil
}
