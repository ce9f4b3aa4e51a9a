// Package reactive is Reactive Streams in Go: elements flow only as far as they were
// asked for. A [Subscriber] requests a number of elements from the [Subscription] that
// it was given, and a [Publisher] never sends more. [PublishOn] is the boundary between
// goroutines; [OnOverflow] is for sources that cannot be asked to wait.
//
// The rules are those of the Reactive Streams specification 1.0.4, and are cited by
// its numbers; package tck holds publishers, subscribers and processors to them.
package reactive

import (
	"errors"
	"fmt"
	"math"
)

// Unbounded, as a request, asks for all there is; as a length, it has no end.
const Unbounded = math.MaxInt64

// Publisher sends elements to each of its subscribers, as many as that one requests.
type Publisher[T any] interface {
	Subscribe(s Subscriber[T])
}

// Subscriber is sent OnSubscribe, then OnNext for each element, and at the end either
// OnError or OnComplete, at most once; one at a time (§1.03).
type Subscriber[T any] interface {
	OnSubscribe(s Subscription)
	OnNext(v T)
	OnError(err error)
	OnComplete()
}

// Subscription connects one subscriber with a publisher. Both methods may be called
// from within OnNext, and from any goroutine; after Cancel neither does anything.
type Subscription interface {
	// Request asks for n more. An n below 1 ends the stream with [IllegalRequest].
	Request(n int64)
	// Cancel has the publisher stop, soon, and forget the subscriber.
	Cancel()
}

// Processor is a stage: a subscriber of what comes before it, a publisher for what
// comes after.
type Processor[In, Out any] interface {
	Subscriber[In]
	Publisher[Out]
}

// IllegalRequest ends a stream whose subscriber requested less than one element.
type IllegalRequest struct{ N int64 }

func (e *IllegalRequest) Error() string {
	return fmt.Sprintf("requested elements are %d; want 1 or more (§3.09)", e.N)
}

// ErrOverflow ends a stream whose source sent more than there was room or demand for.
var ErrOverflow = errors.New("the source sent more than was requested and could be kept")

// ErrTaken refuses a second subscriber of a processor, which has room for one.
var ErrTaken = errors.New("the processor has a subscriber; want one at most")
