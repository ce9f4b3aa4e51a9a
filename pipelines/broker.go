package pipelines

import (
	"errors"
	"fmt"
	"time"

	"github.com/fcbench/fcbench/internal/units"
)

// BrokerConfig describes a consumer of a broker: a partition, from which it fetches into
// a queue of its own, and a queue of its workers.
type BrokerConfig struct {
	// Config has room for those whom the workers take next.
	Config `yaml:",inline"`
	// Partition is how many the broker keeps at most; it refuses who comes then.
	Partition units.Count `yaml:"partition"`
	// MaxPoll is how many come by one fetch at most, which takes Fetch.
	MaxPoll units.Count    `yaml:"max_poll"`
	Fetch   units.Duration `yaml:"fetch"`
	// The consumer pauses when High or more are in its own queue, and goes on when no more
	// than Low are.
	High units.Count `yaml:"high"`
	Low  units.Count `yaml:"low"`
	// Memory is what both queues may weigh.
	Memory units.Size `yaml:"memory"`
}

// DefaultBrokerConfig pauses at twice what one fetch brings, and goes on at half of that.
func DefaultBrokerConfig() BrokerConfig {
	return BrokerConfig{
		Config: Config{Capacity: 20}, Partition: maxCapacity, MaxPoll: 500, Fetch: units.Duration(5 * time.Millisecond),
		High: 1000, Low: 500, Memory: 64 << 20,
	}
}

func (c BrokerConfig) check() error {
	within := func(what string, n, least int64) error {
		if n < least || n > maxCapacity {
			return fmt.Errorf("%s is %d; want %d to %d", what, n, least, maxCapacity)
		}
		return nil
	}
	problems := []error{
		c.Config.check(), within("partition", int64(c.Partition), 1), within("max_poll", int64(c.MaxPoll), 1),
		within("high", int64(c.High), 1), within("low", int64(c.Low), 0),
	}
	if c.Low >= c.High {
		problems = append(problems, fmt.Errorf("low is %d and high %d; want low below high", int64(c.Low), int64(c.High)))
	}
	if c.Fetch < 0 {
		problems = append(problems, fmt.Errorf("fetch is %v; want 0s or more", c.Fetch))
	}
	if c.Memory < Lightest || c.Memory > Lightest*maxCapacity {
		problems = append(problems, fmt.Errorf("memory is %v; want %v to %v", c.Memory, units.Size(Lightest), units.Size(Lightest*maxCapacity)))
	}
	return errors.Join(problems...)
}

// broker is a partition with a consumer that fetches ahead, as clients of Kafka do: the
// next fetch is under way while what the last one brought is worked on. What arrives
// while the consumer pauses is thrown away, and fetched again later.
type broker struct {
	BrokerConfig
	partition ring[Item] // not handed over yet
	consumer  ring[Item]
	worker    ring[Item]
	dropped   []Drop

	asked   int           // by the fetch under way, of those at the front; 0 where none is
	arrives time.Duration // that fetch
	paused  bool
	bytes   int64 // of both queues
	fetches Fetches
}

// Fetches is what has happened between a broker and its consumer so far.
type Fetches struct {
	Pauses    uint64
	Fetched   uint64        // items, those that came again counted again
	Delivered uint64        // to the consumer's queue
	Span      time.Duration // until the latest of all this, from the start of the run
	// The most that there were at once on each level, and what both queues of the
	// consumer weighed, of what they may.
	MostPartition, MostConsumer, MostWorker int
	MostBytes, Memory                       int64
}

// NewBroker returns a partition with its consumer.
func NewBroker(c BrokerConfig) (Policy, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return &broker{BrokerConfig: c}, nil
}

// Len implements [Policy].
func (b *broker) Len() int { return b.partition.len() + b.consumer.len() + b.worker.len() }

// Cap implements [Policy].
func (b *broker) Cap() int {
	return int(b.Partition) + int(b.High-1+b.MaxPoll) + int(b.Capacity)
}

// Fetches implements [Fetching].
func (b *broker) Fetches() Fetches {
	out := b.fetches
	out.Memory = int64(b.Memory)
	return out
}

// Offer implements [Policy]: it is appended to the partition.
func (b *broker) Offer(now time.Duration, it *Item) Answer {
	b.Advance(now)
	cause := Cause(0)
	switch {
	case weight(it) > int64(b.Memory):
		cause = MemoryGuard // no consumer could ever take it
	case b.partition.len() == int(b.Partition):
		cause = QueueFull
	}
	if cause != 0 {
		b.dropped = append(b.dropped[:0], Drop{*it, cause})
		return Answer{Verdict: Refused, Dropped: b.dropped}
	}
	place := b.partition.push()
	*place = *it
	place.Enqueued = now
	b.fetches.MostPartition = max(b.fetches.MostPartition, b.partition.len())
	b.fetch(now)
	b.Advance(now)
	return Answer{Verdict: Accepted}
}

// Take implements [Policy]: the oldest whom the consumer has is next.
func (b *broker) Take(now time.Duration, it *Item) (ok bool, shed []Drop) {
	b.Advance(now)
	if b.worker.len() == 0 {
		return false, nil
	}
	*it = *b.worker.popFront()
	b.bytes -= weight(it)
	b.handOn()
	if b.paused && b.consumer.len() <= int(b.Low) {
		b.paused = false
		b.fetch(now)
		b.Advance(now)
	}
	return true, nil
}

// NextDeadline implements [Timed]: when the fetch under way arrives.
func (b *broker) NextDeadline() time.Duration {
	if b.asked == 0 {
		return Forever
	}
	return b.arrives
}

// Advance implements [Timed].
func (b *broker) Advance(now time.Duration) {
	b.fetches.Span = now
	for b.asked > 0 && b.arrives <= now {
		b.arrive(b.arrives)
	}
}

// fetch asks for what comes next in the partition, unless the consumer pauses or waits
// for an answer already.
func (b *broker) fetch(now time.Duration) { b.ask(now, 0) }

// ask is a fetch of what is behind the first n of the partition.
func (b *broker) ask(now time.Duration, n int) {
	if b.paused || b.asked > 0 {
		return
	}
	b.asked, b.arrives = min(b.partition.len()-n, int(b.MaxPoll)), now+b.Fetch.Std()
}

// arrive takes what a fetch has brought, if the consumer does not pause, after the next
// one was sent on its way.
func (b *broker) arrive(now time.Duration) {
	n := b.asked
	b.asked = 0
	b.fetches.Fetched += uint64(n)
	if b.paused {
		return
	}
	b.ask(now, n)
	for range n {
		if b.bytes+weight(b.partition.at(0)) > int64(b.Memory) {
			b.lose()
			break
		}
		it := b.partition.popFront()
		b.bytes += weight(it)
		*b.consumer.push() = *it
		b.fetches.Delivered++
	}
	b.fetches.MostBytes = max(b.fetches.MostBytes, b.bytes)
	b.handOn()
	b.fetches.MostConsumer = max(b.fetches.MostConsumer, b.consumer.len())
	if b.consumer.len() >= int(b.High) {
		b.pause()
	}
}

// lose is called where there is no memory for the rest of a fetch. The one under way,
// which asks for what comes behind it, is worth nothing then.
func (b *broker) lose() {
	b.fetches.Fetched += uint64(b.asked)
	b.asked = 0
	b.pause()
}

func (b *broker) pause() {
	if !b.paused {
		b.paused = true
		b.fetches.Pauses++
	}
}

// handOn fills the queue of the workers.
func (b *broker) handOn() {
	for b.consumer.len() > 0 && b.worker.len() < int(b.Capacity) {
		*b.worker.push() = *b.consumer.popFront()
	}
	b.fetches.MostWorker = max(b.fetches.MostWorker, b.worker.len())
}
