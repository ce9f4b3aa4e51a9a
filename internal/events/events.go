// Package events holds what is still to come, earliest first: the agenda of
// simulations and of everything else that waits for instants.
package events

import (
	"cmp"
	"time"
)

// Queue yields what was pushed in the order of its instants, and of one instant
// in the order in which it was pushed. The zero Queue is empty. It is a binary
// heap of its own because container/heap would allocate a box for every event.
type Queue[T any] struct {
	heap   []event[T]
	pushed uint64
}

type event[T any] struct {
	at   time.Duration
	turn uint64
	what T
}

func (e *event[T]) before(o *event[T]) bool {
	return cmp.Or(cmp.Compare(e.at, o.at), cmp.Compare(e.turn, o.turn)) < 0
}

// Len is how many are still to come.
func (q *Queue[T]) Len() int { return len(q.heap) }

// Next is the instant of the earliest, if there is one.
func (q *Queue[T]) Next() (at time.Duration, ok bool) {
	if len(q.heap) == 0 {
		return 0, false
	}
	return q.heap[0].at, true
}

// Push adds what is to happen at the instant at.
func (q *Queue[T]) Push(at time.Duration, what T) {
	q.heap = append(q.heap, event[T]{at, q.pushed, what})
	q.pushed++
	for i := len(q.heap) - 1; i > 0; {
		parent := (i - 1) / 2
		if !q.heap[i].before(&q.heap[parent]) {
			return
		}
		q.heap[i], q.heap[parent] = q.heap[parent], q.heap[i]
		i = parent
	}
}

// Due takes out the earliest that is due at now, if any is.
func (q *Queue[T]) Due(now time.Duration) (what T, at time.Duration, ok bool) {
	if len(q.heap) == 0 || q.heap[0].at > now {
		return what, 0, false
	}
	first, last := q.heap[0], len(q.heap)-1
	q.heap[0] = q.heap[last]
	q.heap[last] = event[T]{} // let go of what it holds
	q.heap = q.heap[:last]
	q.sink()
	return first.what, first.at, true
}

// sink lets the first event find its place again.
func (q *Queue[T]) sink() {
	for i := 0; ; {
		child := 2*i + 1
		if child >= len(q.heap) {
			return
		}
		if right := child + 1; right < len(q.heap) && q.heap[right].before(&q.heap[child]) {
			child = right
		}
		if !q.heap[child].before(&q.heap[i]) {
			return
		}
		q.heap[i], q.heap[child] = q.heap[child], q.heap[i]
		i = child
	}
}
