// Package targets holds what load is sent to: limiters, services, simulated
// and null targets. A target is handed requests and says what became of each; it
// has nothing to do with schedules.
//
// A [Target] is opened once and then serves any number of trials, one after the
// other. A trial asks it through lanes, one for each goroutine that sends: a lane
// is an [Async], which never blocks. What blocks until its answer is there is a
// [Caller], and [Inline] or [Pooled] makes a target of it.
//
//	Open                          connects
//	  Begin   Lane … Close   End  a trial on fresh state, with a clock of its own
//	  Begin   Lane … Close   End  the next one
//	Close
package targets

import (
	"context"
	"time"

	"github.com/fcbench/fcbench/internal/events"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/results"
)

// Target is something that load is sent to. Its methods are called one after the
// other, by one goroutine, but for Lane, which is called for all lanes at once; its
// lanes work at once.
type Target interface {
	// Info says what it is. Open and Begin may settle parts of it.
	Info() Info
	// Open connects. There is no clock yet.
	Open(ctx context.Context) error
	// Begin makes fresh state for the trial. What a trial before left is not seen.
	Begin(ctx context.Context, id TrialID) error
	// Lane is lane i of the n of the trial, and its part of connections and
	// workers. What it calls ends with ctx.
	Lane(ctx context.Context, env Env, i, n int) (Async, error)
	// End gives up the state of the trial, whose lanes are closed. It follows every
	// Begin, also one that failed.
	End(ctx context.Context) error
	// Close gives up everything else.
	Close(ctx context.Context) error
}

// TrialID names a trial: no two of one process have the same. Keys that are
// stored outside the process carry it.
type TrialID string

// Info is what a target says of itself.
type Info struct {
	Scope   string // "local", "redis", "service", "pipeline" or "simulated"
	Address string // host:port of a service; else empty
	// Inline answers within nanoseconds when it is called in the loop, and may be
	// called without a lane; nil for everything else. Tables show its decision time.
	Inline Caller
	// Ordered says that the decisions of one lane come back in the order in which
	// they were made.
	Ordered bool
	// Virtual says that it follows a time that is not the world's.
	Virtual bool
	// Lanes is how many lanes there may be at most; 0 for any number.
	Lanes int
	// Limiter is what decides about a class of arrivals, to be asked what it is;
	// nil, or nil for a class, where nothing says. It is known from Begin on.
	Limiter func(class uint8) limiters.Described
	// Changed is what became of a step of the limit in this trial, if it was made; nil
	// where there are none. What was decided under it comes later.
	Changed func(step int) (Change, bool)
	// Method is that of requests whose payload has so many bytes; nil where
	// requests have none.
	// {method} stands for one that follows the key.
	Method func(size int) string
	// Requests are the kinds of requests that the target can send, where there are
	// several; which one is, the caller says.
	Requests []RequestKind
	// Phases says that responses have them.
	Phases bool
	// CheckKey reports why no request can be made of a key; nil where all keys will do.
	CheckKey func(key string) error
}

// RequestKind is one kind of request of a mix.
type RequestKind struct {
	Name   string
	Weight uint32 // how many of each so many there are, beside those of the others
	Digest string // of what is sent for a key, to whatever host
}

// Described is the limiter of a class, or nil.
func (i Info) Described(class uint8) limiters.Described {
	if i.Limiter == nil {
		return nil
	}
	return i.Limiter(class)
}

// Request is one call.
type Request struct {
	Token uint32 // names the request to Done; unique among those in flight in its lane
	KeyID uint32
	Seq   uint64        // of the arrival: what is drawn at random for it is drawn by this
	Now   time.Duration // the instant of the call on the run's clock
	// Intended is when the arrival was due on it: a retry has that of the first
	// attempt.
	Intended time.Duration
	// Deadline is when the caller stops waiting, on the same clock.
	Deadline time.Duration
	Key      string
	Cost     int64
	Size     int
	Class    uint8
	Kind     uint8 // which of [Info.Requests] it is
}

// Response is what became of a request. One is made for every call: what is short
// stands together, so that it is no larger than it must be.
type Response struct {
	Outcome results.Outcome
	// Mode says who decided, for limiters behind a failure policy: an index
	// into [results.DecisionModes].
	Mode uint8
	// Judged says that Decided is the instant of a decision. An answer without it is
	// no decision.
	Judged bool
	// Watched says that Own is known.
	Watched bool
	// RetryAtOnce is set where the target says that there is nothing to wait for after
	// a refusal, RetryUnread where it says something that was not understood.
	RetryAtOnce, RetryUnread bool
	// Status is what the service says of it in a number, such as HTTP's 200; 0
	// where it says none.
	Status uint16
	// Caller is the number of the worker that waited for the answer, from 1, where
	// several do at once.
	Caller uint32
	// Cause says why, for every loss (shed, timed_out, failed); a short stable
	// phrase from a small set, because causes are counted by name.
	Cause string
	// Started is when service began: a worker took it, or its first byte was
	// written. Zero means at the call.
	Started time.Duration
	// RetryAfter is how long the target asks to wait after a refusal; 0 where it does
	// not say, or says that there is nothing to wait for.
	RetryAfter time.Duration
	// Decided is the instant that a limiter says its decision used, on its own
	// clock; meaningful when Judged is set.
	Decided time.Duration
	// Until is, on the same clock, when a shaper let the request go, or when
	// what was held was given back; 0 for what neither waits nor holds.
	Until time.Duration
	// Own is how much of the time from the call to the answer was the caller's own:
	// until its first byte was really written, and since the last one of the answer was
	// there; meaningful when Watched is set.
	Own time.Duration
	// Phases are the parts of what the answer took; nil where nobody asked for them.
	Phases *results.Phases
}

// Async is a lane. One goroutine owns it; its methods are never called concurrently.
type Async interface {
	// Start begins r at now. It never blocks, and may call done at once, for r and
	// for what ends at now or before: several requests may be started without a
	// Poll between them, and whatever ends first is over for those that come after.
	// r is only valid during the call.
	Start(now time.Duration, r *Request, done Done)
	// Poll waits for completions, not past until, calls done for those there
	// are, and returns the time it then is. It may return early, but at the
	// instant it returns nothing may be left to complete: at one instant,
	// completions come before arrivals. A request whose Deadline has passed may
	// be given up by its caller; it must be answered all the same, and soon.
	Poll(now, until time.Duration, done Done) time.Duration
	// Close follows the last Poll. Answers that are still to come are discarded;
	// no worker, connection or file of the lane is left behind.
	Close(ctx context.Context) error
}

// Queued is a target with queues and workers of its own.
type Queued interface {
	// Pipeline says what they came to in the trial whose lanes were closed last.
	Pipeline() results.Pipeline
	// Capacity is how many requests they could serve a second, between two instants
	// of that trial.
	Capacity(from, to time.Duration) float64
	// Decider is the first queue alone and fresh, which decides on one more item with
	// every call, for a pass that measures what that costs.
	Decider() (Caller, error)
}

// Done reports that the request named token was answered at the instant at.
// Requests and responses are handed on by reference: at this pace, copying them
// costs more than the clock does.
type Done func(token uint32, at time.Duration, r *Response)

// Clock reads the run's only clock: the offset from the start of the run.
type Clock func() time.Duration

// Env is what a lane needs of the run. In virtual time Wait returns until at
// once and Clock the instant that the loop has reached, so that one piece of
// code serves both. Neither may be used before the first request: the run
// starts, at 0, once every lane is there.
type Env struct {
	Time  results.Time
	Clock Clock
	Wait  func(now, until time.Duration) time.Duration // sleeps until the instant until; returns the time it then is
	// Lead is how long before the instant until a lane that blocks in the kernel
	// should stop to, and look at the clock instead: it is woken late. Woke tells how
	// late it was. Both may be nil in other time than real.
	Lead     func(until time.Duration) time.Duration
	Woke     func(late time.Duration)
	InFlight int // requests that the lane has in flight at most
}

// still is a target without state, connected to nothing.
type still struct{}

func (still) Open(context.Context) error           { return nil }
func (still) Begin(context.Context, TrialID) error { return nil }
func (still) End(context.Context) error            { return nil }
func (still) Close(context.Context) error          { return nil }

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

// Share is part i of n parts of total that differ by one at most.
func Share(total, i, n int) int { return (total + n - 1 - i) / n }
