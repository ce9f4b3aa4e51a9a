package runner

import (
	"context"
	"time"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/events"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// pollEvery is how many releases may follow each other without a Poll. However
// late the loop is, answers that are already there must be taken, or they would
// be stamped late and fill the in-flight cap.
const pollEvery = 16

// longestPoll bounds one Poll, so that a request to stop is seen in time.
const longestPoll = 10 * time.Millisecond

// stillPunctual is how long after the window an arrival of it still counts as
// sent in time, so that one short stall at the end does not make a short run invalid.
const stillPunctual = 100 * time.Millisecond

// lane is one goroutine's part of a session: a shard of the schedule, a lane of
// the target, slots and a recorder.
type lane struct {
	*session
	index   int
	source  Source
	async   targets.Async
	record  Recorder
	done    targets.Done // l.finish, bound once
	clock   targets.Clock
	slots   slots
	retries events.Agenda[uint32] // tokens that will ask again
	budget  budget
	feeder  *feeder         // nil without witnesses
	request targets.Request // these are reused, so that nothing is allocated or copied per request
	sample  results.Sample
	turn    turn

	now       time.Duration
	fresh     bool // now was read since the last release
	unpolled  int
	windowing bool // this lane is in the measured window
	attempts  uint64
	denied    uint64
	partial   bool
	exhausted bool // there are no more arrivals
	punctual  uint64
	end       time.Duration // of the window and what is still punctual, where the window is known
	last      time.Duration // instant at which an arrival may be due that is none of the fade
	fading    bool          // what is sent is not recorded
	ended     time.Duration // when the arrivals did
}

func (s *session) newLane(ctx context.Context, i int) (l *lane, err error) {
	l = &lane{
		session: s, index: i, turn: newTurn(), source: s.Source(i, s.Lanes), record: s.Record(i), end: Forever,
		slots: newSlots(targets.Share(s.MaxInFlight, i, s.Lanes), s.Timeout), feeder: s.courier.feeder(i), budget: newBudget(s.Retry.Budget), last: Forever,
		windowing: s.Warmup == 0,
	}
	if s.Window > 0 {
		l.end = s.Warmup + s.Window + stillPunctual
	}
	if s.Fade > 0 {
		l.last = s.Warmup + s.Window - 1
	}
	l.done = l.finish
	env := s.env(l, i)
	l.clock = env.Clock
	l.async, err = s.Target.Lane(ctx, env, i, s.Lanes)
	return l, err
}

// work sends and drains, on a thread of its own in real time.
func (l *lane) work() {
	if l.Time == results.Real {
		defer claimThread()()
	}
	defer close(l.turn.over)
	l.offer()
	l.endOffer()
	l.fade()
	l.drain()
	l.feeder.settled(Forever)
}

// offer sends what is due until there is no more.
func (l *lane) offer() {
	var due time.Duration
	var ok bool
	for due, ok = l.source.Due(); ok && due <= l.last && !l.Stop.Load(); due, ok = l.source.Due() {
		if l.now < due {
			if due >= l.Warmup && !l.windowing {
				l.enterWindow()
			}
			l.poll(due)
			continue
		}
		if !l.fresh {
			l.now, l.fresh = l.clock(), true
		}
		if l.unpolled >= pollEvery {
			l.poll(l.now)
		}
		l.release(l.source.Take())
	}
	l.partial, l.exhausted, l.ended = ok && due <= l.last || l.source.Err() != nil, true, l.now
	if !l.windowing && l.now >= l.Warmup {
		l.enterWindow()
	}
}

func (l *lane) enterWindow() {
	l.windowing = true
	l.openWindow()
}

// poll waits for the target, at most until the instant until.
func (l *lane) poll(until time.Duration) {
	if l.turn.wanted.Load() {
		l.takeTurn()
	}
	if o := l.slots.first(); o != none {
		until = min(until, l.slots.all[o].deadline)
	}
	if next, ok := l.retries.Next(); ok {
		until = min(until, next)
	}
	if l.Time != results.Virtual {
		until = min(until, l.now+longestPoll)
	}
	l.now = max(l.now, l.async.Poll(l.now, max(until, l.now), l.done))
	l.fresh, l.unpolled = true, 0
	l.expire()
	l.retry()
	if l.feeder != nil {
		l.feeder.settled(l.slots.oldest(l.now))
	}
}

// release sends an arrival for the first time.
func (l *lane) release(a *generators.Arrival) {
	measured := a.At >= l.Warmup && !l.fading
	if measured && !l.windowing { // late: there was no time for it before
		l.enterWindow()
		l.now = l.clock()
	}
	token, ok := l.slots.take()
	if !ok {
		l.poll(l.now)
		token, ok = l.slots.take()
	}
	if measured {
		l.record.Offer(a.At, a.Class, a.KeyID, a.Cost)
		if l.now < l.end {
			l.punctual++
		}
	}
	if !ok {
		l.overflow(a, measured)
		return
	}
	s := &l.slots.all[token]
	s.intended, s.released, s.due, s.seq, s.attempt = a.At, l.now, a.At, a.Seq, 0
	s.key, s.keyID, s.cost, s.size, s.class, s.kind, s.measured = a.Key, a.KeyID, a.Cost, a.Size, a.Class, l.kind(a), measured
	l.budget.deposit(l.now)
	l.send(token)
}

// kind is which kind of request an arrival is.
func (l *lane) kind(a *generators.Arrival) uint8 {
	if l.Kind == nil {
		return 0
	}
	return l.Kind(a.Seq, a.Class)
}

// send hands the request named token to the target, for the first time or again.
func (l *lane) send(token uint32) {
	s := &l.slots.all[token]
	s.called, s.deadline, s.state = l.now, l.now+l.slots.list(s.class).timeout, calling
	s.attempt++
	if s.measured {
		l.attempts++
	}
	l.unpolled++
	l.fresh = false
	// Field by field: a struct literal would be built aside and copied.
	r := &l.request
	r.Token, r.Seq, r.Now, r.Intended, r.Deadline = token, s.seq, l.now, s.intended, s.deadline
	r.Key, r.KeyID, r.Cost, r.Size, r.Class, r.Kind = s.key, s.keyID, s.cost, s.size, s.class, s.kind
	l.async.Start(l.now, r, l.done)
	if s.state == calling {
		l.slots.link(token)
	}
}

// overflow gives up an arrival for which there is no room in flight. It is
// counted, never silently delayed.
func (l *lane) overflow(a *generators.Arrival, measured bool) {
	if l.feeder != nil {
		l.feeder.unsent(l.now, a, l.kind(a), measured)
	}
	if measured {
		l.sample = results.Sample{
			Intended: a.At, Released: l.now, Started: l.now, Done: l.now,
			Outcome: results.Unsent, Class: a.Class, Kind: l.kind(a), KeyID: a.KeyID, Cost: a.Cost, Cause: noRoom,
		}
		l.record.Record(&l.sample)
	}
	l.source.Done(l.now + longestPoll) // a client that found no room looks again a little later
}

const noRoom = "in-flight cap"
