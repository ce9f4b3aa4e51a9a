package sim

import (
	"time"

	"github.com/fcbench/fcbench/pipelines"
)

// batch is what a worker of a stage has in hand: items that it serves together.
type batch struct {
	stage  int
	began  time.Duration
	items  []pipelines.Item
	passed int    // of them, to the next stage
	next   *batch // in the line in which it stands
}

// copied is whether it is a copy, which always comes alone.
func (b *batch) copied() bool { return b.items[0].Extrapolated }

// get returns an empty batch for a worker of stage i, put takes one back.
func (l *lane) get(i int) *batch {
	b := l.spare
	if b == nil {
		b = &batch{}
	} else {
		l.spare = b.next
	}
	*b = batch{stage: i, items: b.items[:0]}
	return b
}

func (l *lane) put(b *batch) { b.next, l.spare = l.spare, b }

// line is batches in the order in which they came.
type line struct{ first, last *batch }

func (l *line) enter(b *batch) {
	b.next = nil
	if l.first == nil {
		l.first = b
	} else {
		l.last.next = b
	}
	l.last = b
}

// leave takes out the first n, which stay a line of their own.
func (l *line) leave(n int) (first *batch) {
	first = l.first
	last := first
	for range n - 1 {
		last = last.next
	}
	l.first, last.next = last.next, nil
	return first
}
