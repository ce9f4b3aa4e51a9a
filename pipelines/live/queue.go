package live

import (
	"sync"
	"time"

	"github.com/fcbench/fcbench/pipelines"
)

// Queue is a [pipelines.Queue] among goroutines: the same policy, the same door,
// the same counts, behind a lock. Like a channel it hands an item to a worker who
// waits for one, and takes that of a sender who waits for room, without waking
// them first.
//
// Instants are handed in. One that is earlier than what the queue has been told
// already counts as that: goroutines do not come in the order of their clocks.
type Queue struct {
	mu      sync.Mutex
	queue   *pipelines.Queue
	now     time.Duration // the latest instant that it was told
	dropped func(now time.Duration, all []pipelines.Drop)
	idle    *Seat // those who wait for an item, the latest first
	senders line  // those at the door
	alarm   alarm // when the next one gives up there
	closed  bool  // nothing more comes
	over    bool  // nobody gets anything any more
	crew    crew
	timed   bool // something happens inside by itself
}

// NewQueue returns an empty queue. It tells dropped, which may be nil, who had to
// go, while it is locked: dropped may not wait, nor call the queue. The clock is
// needed where senders wait for a time that ends.
func NewQueue(p pipelines.Policy, clock func() time.Duration, dropped func(now time.Duration, all []pipelines.Drop)) *Queue {
	if dropped == nil {
		dropped = func(time.Duration, []pipelines.Drop) {}
	}
	q := &Queue{queue: pipelines.NewQueue(p), dropped: dropped}
	q.timed = q.queue.Timed()
	q.alarm = alarm{clock: clock, ring: q.expire}
	return q
}

// Offer hands it to the queue at now, and waits for nothing: who finds no room, and
// is not dropped, stands at the door without anybody waiting with it. There is no
// verdict, 0, when the queue has ended.
func (q *Queue) Offer(now time.Duration, it *pipelines.Item) pipelines.Verdict {
	verdict, _ := q.offer(now, it, nil)
	return verdict
}

// Send hands it to the queue at now, and waits as long as it stands at the door. It
// returns when that was over, let in or dropped; false when the queue has ended.
func (q *Queue) Send(now time.Duration, it *pipelines.Item, s *Seat) (at time.Duration, goesOn bool) {
	verdict, at := q.offer(now, it, s)
	if verdict == pipelines.Waiting {
		return s.wait()
	}
	return at, verdict != 0
}

// offer does not count what comes after the end: it never came.
func (q *Queue) offer(now time.Duration, it *pipelines.Item, s *Seat) (verdict pipelines.Verdict, at time.Duration) {
	q.mu.Lock()
	at = max(q.now, now)
	q.now = at
	if !q.over && !q.closed {
		var dropped []pipelines.Drop
		verdict, dropped = q.queue.OfferOf(at, now, it)
		if verdict != pipelines.Accepted || len(dropped) > 0 || q.idle != nil || q.timed {
			q.offered(verdict, dropped, s)
		}
	}
	q.mu.Unlock()
	return verdict, at
}

// offered does what follows an offer.
func (q *Queue) offered(verdict pipelines.Verdict, dropped []pipelines.Drop, s *Seat) {
	if verdict == pipelines.Waiting {
		q.senders.enter(s)
	}
	q.drop(dropped)
	q.serve()
	if verdict == pipelines.Waiting || q.timed {
		q.alarm.set(q.queue.NextDeadline())
	}
}

// serve gives what is inside to those who wait for it.
func (q *Queue) serve() {
	for s := q.idle; s != nil && q.crew.room() && q.take(q.now, s.place(0)); s = q.idle {
		q.idle = s.next
		if q.timed { // it came when it was offered, and is here now
			s.Items[0].Offered = q.now
		}
		q.hand(s)
		q.more(s, s.atOnce())
		s.call(q.now, true)
	}
}

// Take waits until somebody is next, at now or later, and puts it into the seat, with
// those behind it that are there then, n in all at most. It returns false when the
// queue has ended.
func (q *Queue) Take(now time.Duration, s *Seat, n int) bool {
	q.mu.Lock()
	q.now = max(q.now, now)
	if s.inHand {
		s.inHand = false
		q.crew.change(q.now, -1)
	}
	if !q.ended() && q.crew.room() && q.take(q.now, s.place(0)) {
		q.hand(s)
		if n > 1 {
			q.more(s, n)
		}
		if q.timed {
			q.settle()
		}
		q.mu.Unlock()
		return true
	}
	return q.rest(s, n)
}

// rest waits for an item, if one may still come, and unlocks.
func (q *Queue) rest(s *Seat, n int) bool {
	if q.over || q.closed && !q.fetching() {
		q.dismiss() // who had to rest has nothing to wait for either
		q.mu.Unlock()
		return false
	}
	s.most = n
	q.sit(s)
	q.mu.Unlock()
	_, ok := s.wait()
	return ok
}

// ended is whether nobody gets anything any more. Copies are none of what was sent.
func (q *Queue) ended() bool { return q.over || q.closed && q.queue.Empty() }

// fetching is whether somebody is still to come who is inside already.
func (q *Queue) fetching() bool { return q.timed && !q.queue.Empty() }

// settle follows a call after which something else may happen by itself, or nothing
// any more.
func (q *Queue) settle() {
	if !q.timed {
		return
	}
	if q.ended() {
		q.dismiss()
	}
	q.alarm.set(q.queue.NextDeadline())
}

// more takes those who are there until n are in the seat.
func (q *Queue) more(s *Seat, n int) {
	for i := 1; i < n && !q.over && !q.queue.Empty(); i++ {
		if !q.take(q.now, s.place(i)) {
			s.Items = s.Items[:i]
			return
		}
	}
}

// hand counts who has items in hand now.
func (q *Queue) hand(s *Seat) {
	s.inHand = true
	q.crew.change(q.now, 1)
}

// sit lets a worker wait for an item. It needs no lock before anybody else is there.
func (q *Queue) sit(s *Seat) { s.next, q.idle = q.idle, s }

// take takes one, if somebody is next, and lets in those at the door.
func (q *Queue) take(now time.Duration, it *pipelines.Item) bool {
	outside := q.queue.Waiting()
	ok, dropped, _ := q.queue.Take(now, it)
	if len(dropped) > 0 {
		q.dropped(q.now, dropped)
	}
	if outside > 0 {
		q.senders.leave(outside-q.queue.Waiting(), now, true)
	}
	return ok
}

func (q *Queue) drop(all []pipelines.Drop) {
	if len(all) > 0 {
		q.dropped(q.now, all)
	}
}

// expire lets those leave the door whose time there is over.
func (q *Queue) expire(now time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.over {
		return
	}
	q.now = max(q.now, now)
	gone := q.queue.Expire(q.now)
	q.drop(gone)
	q.senders.leave(len(gone), q.now, true)
	q.alarm.armed = false
	if q.timed {
		q.serve()
	}
	q.settle()
	if !q.timed {
		q.alarm.set(q.queue.NextDeadline())
	}
}

// Served says that the service of one that was taken has ended, which took so long.
// It costs nothing where the policy does not want to know.
func (q *Queue) Served(now, took time.Duration) {
	if !q.queue.Learns() {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.now = max(q.now, now)
	q.queue.Served(q.now, took)
}

// Close says that nothing more comes, which only those who send can know: what is
// sent all the same does not come in. What is inside and at the door is still taken.
func (q *Queue) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed = true; q.queue.Len()+q.queue.Waiting() == 0 {
		q.dismiss()
	}
}

// Abort ends it for everybody at once, whatever is still inside.
func (q *Queue) Abort() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.over = true
	q.dismiss()
	q.senders.leave(q.queue.Waiting(), q.now, false)
	q.alarm.stop()
}

// dismiss sends home those who wait for an item.
func (q *Queue) dismiss() {
	for s := q.idle; s != nil; s = q.idle {
		q.idle = s.next
		s.call(q.now, false)
	}
}

// Len is how many are inside, Waiting how many stand at the door.
func (q *Queue) Len() (inside, waiting int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.queue.Len(), q.queue.Waiting()
}

// Counts are what has happened so far.
func (q *Queue) Counts() pipelines.Counts {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.queue.Counts()
}
