// Package pipelines holds what stands between stages that do not keep pace with
// each other: queues, and what they do when more arrives than leaves.
//
// The way of one item, from a source through stages to a sink:
//
//	source ──Offer──▶ Queue ──Take──▶ stage of workers ──Offer──▶ Queue ──Take──▶ … sink
//
// A [Policy] is a queue that decides: who gets in, who has to go for it, who is
// next, and who has waited so long that serving it is no use. It is a passive
// structure. It reads no clock and starts nothing; it is told the time with every
// call, and the times that it is told never go back. So the same policy runs among
// goroutines and timers, behind a lock, and in virtual time, where a simulation
// calls it and a run gives the same on any machine: arithmetic is in integers, or
// in floating point that no compiler may fuse.
//
// Whatever leaves a policy without being taken is a [Drop], with the one [Cause]
// that the policy had. Nothing else is lost, and nothing is made up: what was
// offered was taken, was dropped, or is still there; copies that a policy hands out of what
// was taken already are marked. The package conformance
// holds policies to that.
//
// A policy that is full may let the item wait outside instead of dropping anything.
// Those who wait stand at the door of a [Queue] in the order of their arrival, and
// for as long as the policy says. A Queue is a policy with its door, and with a
// count of all that happens; it is what drivers use:
//
//	verdict, dropped := q.Offer(now, &item)      // Accepted, Waiting or Refused
//	ok, dropped, admitted := q.Take(now, &item)  // the next one; room for those at the door
//	at := q.NextDeadline()                       // when somebody leaves the door
//	dropped := q.Expire(now)                     // and who that is
//
// The time that an item has waited, its sojourn, is counted from its Enqueued: the
// instant at which the policy took it. Time at the door is not in it, because
// nothing but the source stands there.
package pipelines

import (
	"time"

	"github.com/fcbench/fcbench/internal/events"
)

// Forever is later than every instant: of items that are never too late, of
// patience that has no end.
const Forever = events.Forever

// Item is one unit of work on its way.
type Item struct {
	Token    uint32 // names it to the driver; policies hand it on
	Class    uint8  // of the stream it belongs to
	Priority uint8  // 0 is the most urgent
	// Extrapolated is a copy of an item that was taken before. It is no arrival: it is
	// taken again and has no outcome.
	Extrapolated bool
	Key          uint64        // whose it is; those of one key are a flow
	Size         int64         // bytes that it weighs while it waits
	Intended     time.Duration // when it was due, on the clock of the run
	Deadline     time.Duration // when it is worth nothing any more; Forever where it always is
	Offered      time.Duration // when it came to the queue, which sets it
	Enqueued     time.Duration // when a policy took it; Offer sets it
}

// Expired reports whether nobody is served by it any more at now. At the very
// instant of the deadline there still is somebody.
func (it *Item) Expired(now time.Duration) bool { return now > it.Deadline }

// A Policy is a queue that decides. It is used by one goroutine at a time, and
// allocates nothing once it has grown to the most that it ever holds.
type Policy interface {
	// Offer hands it to the queue at now, which copies it. If it is Accepted the
	// queue holds it now; if it is Refused it is among the dropped, and the queue is
	// as it was before; if the queue is Full nothing happened at all.
	// The dropped are valid until the next call.
	Offer(now time.Duration, it *Item) Answer
	// Take hands out, into it, who is next at now; ok is false where nobody is. Those
	// who were passed over for good are shed; they are valid until the next call.
	Take(now time.Duration, it *Item) (ok bool, shed []Drop)
	// Len is how many it holds, Cap how many it may hold at most.
	Len() int
	Cap() int
}

// Learner is a policy that learns from the service of those whom it handed out. Who
// drives it says when one has ended, or those that a worker took together, before the
// worker takes the next.
type Learner interface {
	Served(now, took time.Duration)
}

// Answer is what a policy says to an offer.
type Answer struct {
	Verdict Verdict
	// Until is how long who finds the queue Full waits for room: at that instant it
	// gives up. Forever where it never does.
	Until time.Duration
	// Dropped are those who had to go, in the order in which they went.
	Dropped []Drop
}

// A Batcher is a running pipeline that can be told how many items a worker of a stage,
// counted from 0, takes at most at once from now on.
type Batcher interface {
	SetBatch(stage, n int) error
}

// Extrapolating is a policy that hands out the last item again when it is empty. It
// stands before the last stage: a copy goes no further.
type Extrapolating interface {
	Policy
	Extrapolates()
}

// Shortest is how long service of a copy takes at least, so that a consumer that needs
// no time does not spend all there is on copies.
const Shortest = 100 * time.Microsecond

// Timed is a policy in which something happens by itself: at its next deadline, Advance
// is called.
type Timed interface {
	Policy
	NextDeadline() time.Duration // Forever where nothing will happen
	Advance(now time.Duration)
}

// Fetching is a policy that fetches from a broker.
type Fetching interface {
	Policy
	Fetches() Fetches
}

// Verdict is what became of an offer.
type Verdict uint8

// The verdicts.
const (
	Accepted Verdict = 1 + iota // the policy has it
	Refused                     // it is dropped
	Full                        // a policy has no room, and drops nothing: try again when there is
	Waiting                     // it stands at the door of a Queue
)

// String names the verdict.
func (v Verdict) String() string {
	switch v {
	case Accepted:
		return "accepted"
	case Refused:
		return "refused"
	case Full:
		return "full"
	case Waiting:
		return "waiting"
	}
	return "no verdict"
}

// Drop is an item that will never be taken, and why.
type Drop struct {
	Item  Item
	Cause Cause
}
