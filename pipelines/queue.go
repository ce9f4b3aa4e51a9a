package pipelines

import (
	"time"

	"github.com/fcbench/fcbench/internal/loglinear"
)

// Queue is a policy, the door before it, and a count of all that happens at both.
// Like a policy it is used by one goroutine at a time and allocates nothing once
// it has grown.
type Queue struct {
	plain   *fifo                // of the policy, which need not be asked while there is room; or nil
	head    *head                // nil where nobody wants to know
	sojourn *loglinear.Histogram // of those taken
	door    door
	counts  Counts
	policy  Policy
	timed   Timed   // nil where nothing happens in it by itself
	learner Learner // the policy, if it is one
	dropped []Drop
}

// Counts are what has happened at a queue so far. Offered is always Taken + all
// Dropped + those inside + those at the door.
type Counts struct {
	Offered, Taken uint64
	Bytes          int64 // that those inside and at the door weigh now
	MostInside     int   // high-water marks
	MostWaiting    int
	MostBytes      int64
	Extrapolated   uint64 // taken once more, and in none of the others
	Dropped        [Causes]uint64
	SojournP99     time.Duration // of those taken
	Fetches        Fetches       // from a broker
}

// NewQueue returns a queue with nobody at its door. The policy is the queue's own.
func NewQueue(p Policy) *Queue {
	learner, _ := p.(Learner)
	timed, _ := p.(Timed)
	return &Queue{policy: p, plain: plain(p), learner: learner, timed: timed, sojourn: loglinear.New(5)}
}

// Timed is whether something happens inside by itself: then somebody may be next after
// Expire who was not before.
func (q *Queue) Timed() bool { return q.timed != nil }

// Learns reports whether the policy wants to know what [Queue.Served] tells it.
func (q *Queue) Learns() bool { return q.learner != nil }

// Served says that the service of one that was taken has ended at now, which took so
// long.
func (q *Queue) Served(now, took time.Duration) {
	if q.learner != nil {
		q.learner.Served(now, took)
	}
}

// Empty is whether nobody is there, inside or at the door.
func (q *Queue) Empty() bool { return q.policy.Len()+q.door.len() == 0 }

// Len is how many are inside, Waiting how many stand at the door.
func (q *Queue) Len() int     { return q.policy.Len() }
func (q *Queue) Waiting() int { return q.door.len() }

// Counts are what has happened so far.
func (q *Queue) Counts() Counts {
	c := q.counts
	c.SojournP99 = time.Duration(q.sojourn.At(loglinear.Quantile{Num: 99, Den: 100}))
	if f, ok := q.policy.(Fetching); ok {
		c.Fetches = f.Fetches()
	}
	return c
}

// Offer hands it to the policy at now. Where that is full, it waits at the door
// behind those that are there already. The dropped are valid until the next call.
func (q *Queue) Offer(now time.Duration, it *Item) (Verdict, []Drop) { return q.OfferOf(now, now, it) }

// OfferOf is Offer of one that came at an instant that the queue is told of late, as
// goroutines do not come in the order of their clocks.
func (q *Queue) OfferOf(now, came time.Duration, it *Item) (Verdict, []Drop) {
	q.counts.Offered++
	q.counts.Bytes += it.Size
	l := q.plain
	if l == nil || l.full() || q.head != nil {
		return q.ask(now, came, it)
	}
	place := l.line.push()
	*place = *it
	place.Offered, place.Enqueued = came, now
	q.counts.MostInside = max(q.counts.MostInside, l.line.len())
	q.counts.MostBytes = max(q.counts.MostBytes, q.counts.Bytes)
	return Accepted, nil
}

// ask asks the policy.
func (q *Queue) ask(now, came time.Duration, it *Item) (Verdict, []Drop) {
	it.Offered = came
	q.dropped = q.dropped[:0]
	if q.head != nil {
		q.head.enter(now, it.Token)
	}
	a := q.policy.Offer(now, it)
	if a.Verdict == Full {
		a = q.wait(now, it, a.Until)
	}
	q.drop(a.Dropped)
	q.counts.MostInside = max(q.counts.MostInside, q.policy.Len())
	q.counts.MostBytes = max(q.counts.MostBytes, q.counts.Bytes)
	return a.Verdict, q.dropped
}

// wait lets it stand at the door, unless it has no time for that.
func (q *Queue) wait(now time.Duration, it *Item, until time.Duration) Answer {
	if until <= now {
		q.dropped = append(q.dropped, Drop{*it, OfferTimeout})
		q.count(OfferTimeout, it)
		return Answer{Verdict: Refused}
	}
	q.door.push(it, until)
	q.counts.MostWaiting = max(q.counts.MostWaiting, q.door.len())
	return Answer{Verdict: Waiting}
}

// Take hands out, into it, who is next at now, and lets in those at the door whom
// there is room for then: the first admitted of them. Before that, those leave the
// door who had given up earlier than now; they are among the dropped, which are
// valid until the next call.
func (q *Queue) Take(now time.Duration, it *Item) (ok bool, dropped []Drop, admitted int) {
	l := q.plain
	if l == nil || q.door.len() > 0 {
		return q.takeAsked(now, it)
	}
	if ok = l.pop(it); ok {
		q.took(now, it)
	}
	return ok, nil, 0
}

// takeAsked asks the policy.
func (q *Queue) takeAsked(now time.Duration, it *Item) (ok bool, dropped []Drop, admitted int) {
	q.dropped = q.dropped[:0]
	q.giveUp(now - 1)
	ok = q.take(now, it)
	for q.door.len() > 0 && q.admit(now) {
		admitted++
	}
	if !ok && admitted > 0 { // who waited to be wanted
		ok = q.take(now, it)
	}
	return ok, q.dropped, admitted
}

func (q *Queue) take(now time.Duration, it *Item) bool {
	ok, shed := q.policy.Take(now, it)
	switch {
	case ok && it.Extrapolated:
		q.counts.Extrapolated++
	case ok:
		q.took(now, it)
	}
	q.drop(shed)
	return ok
}

// took notes that an item was taken.
func (q *Queue) took(now time.Duration, it *Item) {
	q.counts.Taken++
	q.sojourn.Add(int64(now - it.Enqueued))
	q.left(it)
}

// admit lets in who stands first at the door, if there is room.
func (q *Queue) admit(now time.Duration) bool {
	a := q.policy.Offer(now, &q.door.first().item)
	if a.Verdict == Full {
		return false
	}
	q.drop(a.Dropped)
	q.door.pop()
	return true
}

// NextDeadline is when Expire has something to do: when the next one gives up at the
// door, or something happens inside; Forever where neither will be.
func (q *Queue) NextDeadline() time.Duration {
	if q.timed != nil {
		return min(q.patience(), q.timed.NextDeadline())
	}
	return q.patience()
}

// patience is when the next one gives up at the door.
func (q *Queue) patience() time.Duration {
	if q.door.len() == 0 {
		return Forever
	}
	return q.door.first().until
}

// Expire lets those leave the door who have no more time at now, and happen inside what
// is due: to be called after
// every Take of that instant, as who is let in at the last instant is in. The
// dropped are valid until the next call.
func (q *Queue) Expire(now time.Duration) []Drop {
	q.dropped = q.dropped[:0]
	q.giveUp(now)
	if q.timed != nil {
		q.timed.Advance(now)
	}
	return q.dropped
}

func (q *Queue) giveUp(now time.Duration) {
	for q.patience() <= now && q.door.len() > 0 {
		w := q.door.pop()
		q.dropped = append(q.dropped, Drop{w.item, OfferTimeout})
		q.count(OfferTimeout, &w.item)
	}
}

func (q *Queue) drop(all []Drop) {
	for i := range all {
		q.dropped = append(q.dropped, all[i])
		q.count(all[i].Cause, &all[i].Item)
	}
}

func (q *Queue) count(c Cause, it *Item) {
	q.counts.Dropped[c]++
	q.left(it)
}

// left notes that an item is neither inside nor at the door any more.
func (q *Queue) left(it *Item) {
	q.counts.Bytes -= it.Size
	if q.head != nil {
		q.head.leave(it.Token)
	}
}
