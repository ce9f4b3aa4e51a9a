package pipelines

import (
	"errors"
	"fmt"
	"time"

	"github.com/fcbench/fcbench/internal/units"
)

// FQCoDelConfig describes a queue that is fair to flows.
type FQCoDelConfig struct {
	CoDelConfig `yaml:",inline"`
	Flows       units.Count `yaml:"flows"`   // queues that keys are spread over
	Quantum     units.Count `yaml:"quantum"` // items of a flow in one round
}

// DefaultFQCoDelConfig has RFC 8290's 1024 queues, and one item a round.
func DefaultFQCoDelConfig() FQCoDelConfig { return FQCoDelConfig{DefaultCoDelConfig(), 1024, 1} }

// fqCoDel is RFC 8290, in items: a queue with controlled delay for each flow, round
// robin among them, first those that have only just come to wait.
type fqCoDel struct {
	flows      []flow
	fresh, old flowList
	nodes      []node // of the items of all flows
	free       int32
	n          int
	capacity   int
	quantum    int64
	dropped    []Drop
}

// flow is one of the queues: a list in the nodes that all share.
type flow struct {
	of         *fqCoDel
	control    control
	head, tail int32
	n          int
	credit     int64
	next       *flow
	listed     bool
}

type node struct {
	item Item
	next int32
}

const nobody = int32(-1)

// NewFQCoDel returns a queue that is fair to flows and controls the delay of each.
// For a newcomer for which there is no room the flow that takes most of it loses half of
// what it has there, its oldest, but at most 64.
func NewFQCoDel(c FQCoDelConfig) (Policy, error) {
	var problems []error
	if c.Flows < 1 || c.Flows > maxFlows {
		problems = append(problems, fmt.Errorf("flows is %d; want 1 to %d", int64(c.Flows), maxFlows))
	}
	if c.Quantum < 1 || c.Quantum > maxCapacity {
		problems = append(problems, fmt.Errorf("quantum is %d; want 1 to %d", int64(c.Quantum), maxCapacity))
	}
	if err := c.check(errors.Join(problems...)); err != nil {
		return nil, err
	}
	q := &fqCoDel{flows: make([]flow, c.Flows), free: nobody, capacity: int(c.Capacity), quantum: int64(c.Quantum)}
	for i := range q.flows {
		q.flows[i] = flow{of: q, control: newControl(c.CoDelConfig), head: nobody, tail: nobody}
	}
	return q, nil
}

const maxFlows, mostAtOnce = 1 << 16, 64

// Len implements [Policy].
func (q *fqCoDel) Len() int { return q.n }

// Cap implements [Policy].
func (q *fqCoDel) Cap() int { return q.capacity }

// Offer implements [Policy].
func (q *fqCoDel) Offer(now time.Duration, it *Item) Answer {
	q.dropped = q.dropped[:0]
	if q.n == q.capacity {
		q.thin()
	}
	f := &q.flows[spread(it.Key)%uint64(len(q.flows))]
	f.push(now, it)
	if !f.listed {
		f.credit = q.quantum
		q.fresh.append(f)
	}
	return Answer{Verdict: Accepted, Dropped: q.dropped}
}

// thin drops the oldest of the flow that has most inside.
func (q *fqCoDel) thin() {
	fattest := &q.flows[0]
	for i := range q.flows {
		if f := &q.flows[i]; f.n > fattest.n {
			fattest = f
		}
	}
	var it Item
	for range min(mostAtOnce, (fattest.n+1)/2) {
		fattest.pop(&it)
		q.dropped = append(q.dropped, Drop{it, FattestFlow})
	}
}

// Take implements [Policy].
func (q *fqCoDel) Take(now time.Duration, it *Item) (ok bool, shed []Drop) {
	q.dropped = q.dropped[:0]
	for {
		list := &q.fresh
		if list.first == nil {
			list = &q.old
		}
		f := list.first
		if f == nil {
			return false, q.dropped
		}
		if f.credit <= 0 {
			f.credit += q.quantum
			list.pop()
			q.old.append(f)
			continue
		}
		if ok, q.dropped = f.control.take(now, f, it, q.dropped); ok {
			f.credit--
			return true, q.dropped
		}
		list.pop()
		if list == &q.fresh { // or a flow that comes and goes would always be fresh
			q.old.append(f)
		}
	}
}

// spread mixes a key, so that those that follow each other do not stay together.
func spread(key uint64) uint64 {
	key ^= key >> 32
	key *= 0x9e3779b97f4a7c15
	return key >> 32
}

// Len is how many of the flow are inside.
func (f *flow) Len() int { return f.n }

func (f *flow) push(now time.Duration, it *Item) {
	q := f.of
	i := q.free
	if i == nobody {
		i = int32(len(q.nodes))
		q.nodes = append(q.nodes, node{})
	} else {
		q.free = q.nodes[i].next
	}
	q.nodes[i] = node{*it, nobody}
	q.nodes[i].item.Enqueued = now
	if f.tail == nobody {
		f.head = i
	} else {
		q.nodes[f.tail].next = i
	}
	f.tail = i
	f.n++
	q.n++
}

func (f *flow) pop(it *Item) bool {
	q, i := f.of, f.head
	if i == nobody {
		return false
	}
	*it = q.nodes[i].item
	if f.head = q.nodes[i].next; f.head == nobody {
		f.tail = nobody
	}
	q.nodes[i].next, q.free = q.free, i
	f.n--
	q.n--
	return true
}

// flowList is a list of flows, each in one list at most.
type flowList struct{ first, last *flow }

func (l *flowList) append(f *flow) {
	f.next, f.listed = nil, true
	if l.first == nil {
		l.first = f
	} else {
		l.last.next = f
	}
	l.last = f
}

func (l *flowList) pop() {
	f := l.first
	l.first = f.next
	f.next, f.listed = nil, false
}
