// Package targets holds what load is sent to: limiters, services, simulated
// and null targets. A target knows nothing of schedules or of the generator;
// it is handed requests and says what became of each.
//
// There are two contracts. A [Target] blocks until the answer is there. An
// [Async] never blocks in Start and reports completions from Poll. The runner
// drives both in one loop, in real and in virtual time.
package targets

import (
	"context"
	"time"

	"github.com/fcbench/fcbench/internal/events"
	"github.com/fcbench/fcbench/results"
)

// Request is one call.
type Request struct {
	Token uint32        // names the request to Done; unique among those in flight
	Seq   uint64        // of the arrival: what is drawn at random for it is drawn by this
	Now   time.Duration // the instant of the call on the run's clock
	// Deadline is when the caller stops waiting, on the same clock.
	Deadline time.Duration
	Key      string
	KeyID    uint32
	Cost     int64
	Size     int
	Class    uint8
}

// Response is what became of a request.
type Response struct {
	Outcome results.Outcome
	// Cause says why, for every loss (shed, timed_out, failed); a short stable
	// phrase from a small set, because causes are counted by name.
	Cause string
	// Status is what the service says of it in a number, such as HTTP's 200; 0
	// where it says none.
	Status uint16
	// Started is when service began: a worker took it, or its first byte was
	// written. Zero means at the call.
	Started time.Duration
	// RetryAfter is how long the target asks who was rejected to wait; 0 where it
	// does not say, or says that there is nothing to wait for.
	RetryAfter time.Duration
	// RetryAtOnce is set where it says so, RetryUnread where it says something
	// that was not understood.
	RetryAtOnce, RetryUnread bool
	// Decided is the instant that a limiter says its decision used, on its own
	// clock; meaningful when Judged is set. An answer without it is no decision.
	Decided time.Duration
	Judged  bool
	// Until is, on the same clock, when a shaper let the request go, or when
	// what was held was given back; 0 for what neither waits nor holds.
	Until time.Duration
	// Caller numbers whoever waited for the answer from 1, where several do at once.
	Caller uint32
	// Mode says who decided, for limiters behind a failure policy: an index
	// into [results.DecisionModes].
	Mode uint8
}

// Target answers one request at a time per caller and blocks until it is
// answered or ctx ends. It is called from many goroutines at once, unless it is [Inline].
type Target interface {
	// r is only valid during the call.
	Do(ctx context.Context, r *Request) Response
}

// Pooled is implemented by Targets that take a limited number of callers at
// once, such as a client with so many connections. Further requests wait before
// service begins, and that wait shows as such.
type Pooled interface {
	Target
	Workers() int
}

// Inline is implemented by Targets that answer within nanoseconds and without
// waiting for anything outside the process. They are called in the runner's own loop.
type Inline interface {
	Target
	Inline()
}

// Async is the contract of event loops and simulations. One loop owns it; its
// methods are never called concurrently.
type Async interface {
	// Start begins r at now. It never blocks, and may call done at once. r is
	// only valid during the call.
	Start(now time.Duration, r *Request, done Done)
	// Poll waits for completions, not past until, calls done for those there
	// are, and returns the time it then is. It may return early, but at the
	// instant it returns nothing may be left to complete: at one instant,
	// completions come before arrivals. A request whose Deadline has passed may
	// be given up by its caller; it must be answered all the same, and soon.
	Poll(now, until time.Duration, done Done) time.Duration
}

// Done reports that the request named token was answered at the instant at.
// Requests and responses are handed on by reference: at this pace, copying them
// costs more than the clock does.
type Done func(token uint32, at time.Duration, r *Response)

// Clock reads the run's only clock: the offset from the start of the run.
type Clock func() time.Duration

// Env is what a target needs of the run. In virtual time Wait returns until at
// once and Clock the instant that the loop has reached, so that one piece of
// code serves both. Neither may be used before the first request: the run
// starts, at 0, once every target is open.
type Env struct {
	Clock Clock
	Wait  func(now, until time.Duration) time.Duration // sleeps until the instant until; returns the time it then is
}

// Opener is implemented by targets that must know the run's clock, or that
// connect to something. Open is called once, before the first request.
type Opener interface {
	Open(ctx context.Context, env Env) error
}

// Closer is implemented by targets that hold something to give back. Close is
// called once, after the last answer.
type Closer interface {
	Close(ctx context.Context) error
}

// await goes on to the next instant at which something happens, not past until.
func await[T any](agenda *events.Agenda[T], env Env, now, until time.Duration) time.Duration {
	if next, ok := agenda.Next(); ok {
		until = min(until, next)
	}
	if until <= now {
		return now
	}
	return env.Wait(now, until)
}
