package reactive

import "sync/atomic"

// line holds what was sent and not requested yet, for one sender and one taker.
type line[T any] interface {
	// offer reports whether there was room. A line that makes room returns whom for.
	offer(v T) (gone T, replaced, ok bool)
	take() (v T, ok bool)
	empty() bool
}

// ring is a line with room for len(all), a power of two; limit of them are used.
type ring[T any] struct {
	all        []T
	limit      uint64
	head, tail atomic.Uint64
}

func newRing[T any](limit int) *ring[T] {
	size := 1
	for size < limit {
		size *= 2
	}
	return &ring[T]{all: make([]T, size), limit: uint64(limit)}
}

func (r *ring[T]) offer(v T) (gone T, replaced, ok bool) {
	tail := r.tail.Load()
	if tail-r.head.Load() == r.limit {
		return gone, false, false
	}
	r.all[tail&uint64(len(r.all)-1)] = v
	r.tail.Store(tail + 1)
	return gone, false, true
}

func (r *ring[T]) take() (v T, ok bool) {
	head := r.head.Load()
	if head == r.tail.Load() {
		return v, false
	}
	at := &r.all[head&uint64(len(r.all)-1)]
	var none T
	v, *at = *at, none
	r.head.Store(head + 1)
	return v, true
}

func (r *ring[T]) empty() bool { return r.head.Load() == r.tail.Load() }

// newest is a line of one, in which a newcomer replaces who is there. Of its three
// places the sender has one, the taker another; they exchange theirs for the third.
type newest[T any] struct {
	places      [3]T
	write, read uint32
	third       atomic.Uint32 // a place, with fresh when there is somebody in it
}

const fresh = 4

func newNewest[T any]() *newest[T] {
	n := &newest[T]{write: 0, read: 1}
	n.third.Store(2)
	return n
}

func (n *newest[T]) offer(v T) (gone T, replaced, ok bool) {
	n.places[n.write] = v
	old := n.third.Swap(n.write | fresh)
	n.write = old &^ fresh
	var none T
	gone, n.places[n.write] = n.places[n.write], none
	return gone, old&fresh != 0, true
}

func (n *newest[T]) take() (v T, ok bool) {
	if n.third.Load()&fresh == 0 {
		return v, false
	}
	n.read = n.third.Swap(n.read) &^ fresh
	var none T
	v, n.places[n.read] = n.places[n.read], none
	return v, true
}

func (n *newest[T]) empty() bool { return n.third.Load()&fresh == 0 }
