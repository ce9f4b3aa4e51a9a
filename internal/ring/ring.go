// Package ring carries values from one goroutine to another without a lock.
package ring

import (
	"fmt"
	"sync/atomic"
)

// Ring carries values from one producer to one consumer without a lock
// (Lamport, "Specifying concurrent program modules", 1983). Positions count
// up for ever; a position's slot is its low bits. Each side owns one position,
// publishes it after it has touched the slots, and looks at the other's only
// when the value it saw last does not suffice, so that in a steady stream the
// two cache lines seldom travel.
//
// A full ring takes nothing, and says so: the producer is never delayed.
type Ring[T any] struct {
	slots []T
	_     padding

	// The producer's.
	tail     atomic.Uint64 // next position to write
	seenHead uint64
	_        padding

	// The consumer's.
	head     atomic.Uint64 // next position to read
	seenTail uint64
	_        padding
}

// padding keeps two fields on different cache lines, and on different pairs of
// them, because processors fetch lines in pairs.
type padding [128]byte

// New returns an empty ring of size slots, a power of two.
func New[T any](size int) (*Ring[T], error) {
	if size < 1 || size&(size-1) != 0 {
		return nil, fmt.Errorf("ring size is %d; want a power of two", size)
	}
	return &Ring[T]{slots: make([]T, size)}, nil
}

// Push adds the value, or returns false when the ring is full.
// Only the producer calls it.
func (r *Ring[T]) Push(value *T) bool {
	tail := r.tail.Load()
	if tail-r.seenHead == uint64(len(r.slots)) {
		r.seenHead = r.head.Load()
		if tail-r.seenHead == uint64(len(r.slots)) {
			return false
		}
	}
	r.slots[tail&uint64(len(r.slots)-1)] = *value
	r.tail.Store(tail + 1)
	return true
}

// Pop moves the oldest values into dst and returns how many, 0 when the
// ring is empty. Only the consumer calls it.
func (r *Ring[T]) Pop(dst []T) int {
	head := r.head.Load()
	if r.seenTail-head < uint64(len(dst)) {
		r.seenTail = r.tail.Load()
	}
	n := min(r.seenTail-head, uint64(len(dst)))
	for i := range n {
		dst[i] = r.slots[(head+i)&uint64(len(r.slots)-1)]
	}
	r.head.Store(head + n)
	return int(n)
}
