// Package events holds what is still to come, earliest first: the agenda of
// simulations and of everything else that waits for instants.
package events

import "time"

// Forever is later than every instant.
const Forever = time.Duration(1<<63 - 1)

// Agenda yields what was pushed in the order of its instants, and of one instant
// in the order in which it was pushed. The zero Agenda is empty. It is a binary
// heap of its own because container/heap would allocate a box for every event.
type Agenda[T any] struct {
	heap   []event[T]
	pushed uint64
}

type event[T any] struct {
	at   time.Duration
	turn uint64 // the rank in the top byte, then how many were pushed before
	what T
}

const turnBits = 56

func (e *event[T]) before(o *event[T]) bool {
	return e.at < o.at || e.at == o.at && e.turn < o.turn
}

// Len is how many are still to come.
func (a *Agenda[T]) Len() int { return len(a.heap) }

// Next is the instant of the earliest, if there is one.
func (a *Agenda[T]) Next() (at time.Duration, ok bool) {
	if len(a.heap) == 0 {
		return 0, false
	}
	return a.heap[0].at, true
}

// First is the earliest, which may be changed where it lies until anything is
// pushed or taken out; nil if there is none.
func (a *Agenda[T]) First() *T {
	if len(a.heap) == 0 {
		return nil
	}
	return &a.heap[0].what
}

// Push adds what is to happen at the instant at.
func (a *Agenda[T]) Push(at time.Duration, what T) { a.PushRanked(at, 0, what) }

// PushRanked adds what is to happen at the instant at, after all that is of the
// same instant and of a lower rank.
func (a *Agenda[T]) PushRanked(at time.Duration, rank uint8, what T) {
	a.heap = append(a.heap, event[T]{at, uint64(rank)<<turnBits | a.pushed, what})
	a.pushed++
	for i := len(a.heap) - 1; i > 0; {
		parent := (i - 1) / 2
		if !a.heap[i].before(&a.heap[parent]) {
			return
		}
		a.heap[i], a.heap[parent] = a.heap[parent], a.heap[i]
		i = parent
	}
}

// Due takes out the earliest that is due at now, if any is.
func (a *Agenda[T]) Due(now time.Duration) (what T, at time.Duration, ok bool) {
	if len(a.heap) == 0 || a.heap[0].at > now {
		return what, 0, false
	}
	first, last := a.heap[0], len(a.heap)-1
	a.heap[0] = a.heap[last]
	a.heap[last] = event[T]{} // let go of what it holds
	a.heap = a.heap[:last]
	a.sink(0)
	return first.what, first.at, true
}

// Settle takes out all that is due at now, one after the other, and hands each
// to do, which may push more; that too is settled if it is due.
func (a *Agenda[T]) Settle(now time.Duration, do func(at time.Duration, what T)) {
	for what, at, ok := a.Due(now); ok; what, at, ok = a.Due(now) {
		do(at, what)
	}
}

// Keep lets go of all that keep reports false for, which it is asked in no
// particular order. The others keep their places.
func (a *Agenda[T]) Keep(keep func(at time.Duration, what *T) bool) {
	left := a.heap[:0]
	for i := range a.heap {
		if e := &a.heap[i]; keep(e.at, &e.what) {
			left = append(left, *e)
		}
	}
	clear(a.heap[len(left):])
	a.heap = left
	for i := len(left)/2 - 1; i >= 0; i-- {
		a.sink(i)
	}
}

// All yields what is still to come, in no particular order.
func (a *Agenda[T]) All(yield func(at time.Duration, what *T) bool) {
	for i := range a.heap {
		if e := &a.heap[i]; !yield(e.at, &e.what) {
			return
		}
	}
}

// sink lets the i-th event find its place among those below it.
func (a *Agenda[T]) sink(i int) {
	for {
		child := 2*i + 1
		if child >= len(a.heap) {
			return
		}
		if right := child + 1; right < len(a.heap) && a.heap[right].before(&a.heap[child]) {
			child = right
		}
		if !a.heap[child].before(&a.heap[i]) {
			return
		}
		a.heap[i], a.heap[child] = a.heap[child], a.heap[i]
		i = child
	}
}
