package reactive

import "fmt"

// DefaultPrefetch is how many a boundary has in flight when nothing else is asked for.
const DefaultPrefetch = 256

// PublishOn sends what p publishes from a goroutine of its own, which lives only while
// there is something to send. It requests prefetch elements at first, and 75 % of them
// again whenever as many were sent on, so that no more than prefetch are between. With
// a prefetch below 1, subscribers are told so by OnError.
func PublishOn[T any](p Publisher[T], prefetch int) Publisher[T] {
	if err := check("prefetch", prefetch); err != nil {
		return Failed[T](err)
	}
	return through[T]{p, func() *stage[T] { return boundary[T](prefetch) }}
}

// NewProcessor is what [PublishOn] puts between, for one source and one subscriber.
func NewProcessor[T any](prefetch int) (Processor[T, T], error) {
	if err := check("prefetch", prefetch); err != nil {
		return nil, err
	}
	return boundary[T](prefetch), nil
}

func boundary[T any](prefetch int) *stage[T] {
	s := &stage[T]{line: newRing[T](prefetch), first: int64(prefetch), again: int64(prefetch - prefetch/4)}
	s.open()
	s.worker = func() { s.turn.work(s.step) }
	return s
}

// OnOverflow is what happens when a source that does not wait sends more than was
// requested. All of them request without bound: they cut the demand off from the
// source, and the source is right to send.
type OnOverflow string

// The ways to deal with overflow.
const (
	// OverflowBuffer keeps up to a capacity. The first beyond it cancels the source;
	// the subscriber is still sent what was kept, and then ErrOverflow.
	OverflowBuffer OnOverflow = "buffer"
	OverflowDrop   OnOverflow = "drop"   // loses whom there is no demand for
	OverflowLatest OnOverflow = "latest" // keeps the newest only
	OverflowError  OnOverflow = "error"  // cancels the source and ends with ErrOverflow
)

// DefaultBuffer is the capacity that OverflowBuffer is mostly used with.
const DefaultBuffer = 1000

// Relieve publishes what p publishes, for subscribers that request less. The capacity
// is that of OverflowBuffer; the others have none. Each element that the subscriber
// never gets is handed to dropped, unless that is nil. A subscriber of what cannot be
// is told so by OnError.
func Relieve[T any](p Publisher[T], how OnOverflow, capacity int, dropped func(T)) Publisher[T] {
	eager := how == OverflowDrop || how == OverflowError
	if how == OverflowBuffer {
		if err := check("capacity", capacity); err != nil {
			return Failed[T](err)
		}
	} else if !eager && how != OverflowLatest {
		return Failed[T](fmt.Errorf("overflow is %q; want buffer, drop, latest or error", string(how)))
	}
	return through[T]{p, func() *stage[T] {
		s := &stage[T]{first: Unbounded, eager: eager, lossy: how == OverflowDrop, dropped: dropped}
		switch how {
		case OverflowBuffer:
			s.line = newRing[T](capacity)
		case OverflowLatest:
			s.line = newNewest[T]()
		default:
			s.line = newRing[T](1)
		}
		return s.open()
	}}
}

func check(what string, n int) error {
	if n <= 0 {
		return fmt.Errorf("%s is %d; want 1 or more", what, n)
	}
	return nil
}

// through puts a stage of its own before each subscriber.
type through[T any] struct {
	from  Publisher[T]
	stage func() *stage[T]
}

// Subscribe implements [Publisher].
func (p through[T]) Subscribe(to Subscriber[T]) {
	s := p.stage()
	s.Subscribe(to)
	p.from.Subscribe(s)
}
