package runner

import (
	"context"
	"errors"
	"sync/atomic"
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

// nap bounds one wait, so that a request to stop is seen in time.
const nap = 10 * time.Millisecond

// grace is how long after the window an arrival of it still counts as sent in
// time: a moment's stall at the end must not condemn a short run.
const grace = 100 * time.Millisecond

type loop struct {
	Trial
	source  Source
	async   targets.Async
	done    targets.Done // l.finish, bound once
	clock   targets.Clock
	env     targets.Env
	wall    wallClock
	slots   slots
	retries events.Agenda[uint32] // tokens that will ask again
	watch   *watch
	request targets.Request // these two are reused, so that nothing is allocated or copied per request
	sample  results.Sample
	stop    atomic.Bool
	cancel  context.CancelFunc

	now       time.Duration
	fresh     bool // now was read since the last release
	unpolled  int
	windowing bool // the measured window is open
	attempts  uint64
	partial   bool
	punctual  uint64
	end       time.Duration // of the window and its grace, where the window is known
	ended     time.Duration // when the arrivals did
}

func newLoop(ctx context.Context, t Trial) (*loop, error) {
	l := &loop{Trial: t, source: t.Source, slots: newSlots(t.MaxInFlight), end: Forever}
	if t.Window > 0 {
		l.end = t.Warmup + t.Window + grace
	}
	l.done = l.finish
	l.env = newEnv(l)
	l.clock = l.env.Clock
	ctx, l.cancel = context.WithCancel(context.WithoutCancel(ctx))
	l.async = drive(ctx, t, l.env)
	var err error
	l.watch, err = newWatch(t)
	return l, err
}

// open connects the target and starts the clock.
func (l *loop) open(ctx context.Context) error {
	if o, ok := l.Target.(targets.Opener); ok {
		if err := o.Open(ctx, l.env); err != nil {
			return err
		}
	}
	l.watch.start()
	if l.Warmup == 0 {
		l.openWindow() // which takes a moment that no arrival should wait for
	}
	l.wall.restart()
	return nil
}

// close ends the workers, then the target.
func (l *loop) close() (err error) {
	l.cancel()
	if p, ok := l.async.(*pool); ok {
		err = p.close()
	}
	if c, ok := l.Target.(targets.Closer); ok {
		ctx, cancel := context.WithTimeout(context.Background(), lastWords)
		defer cancel()
		err = errors.Join(err, c.Close(ctx))
	}
	return err
}

func (l *loop) run() {
	var due time.Duration
	var ok bool
	for due, ok = l.source.Due(); ok && !l.stop.Load(); due, ok = l.source.Due() {
		if l.now < due {
			if due >= l.Warmup && !l.windowing {
				l.openWindow()
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
	l.partial, l.ended = ok || l.source.Err() != nil, l.now
	if !l.windowing && l.now >= l.Warmup {
		l.openWindow()
	}
}

// poll waits for the target, at most until the instant until.
func (l *loop) poll(until time.Duration) {
	if o := l.slots.oldest; o != none {
		until = min(until, l.slots.all[o].deadline)
	}
	if next, ok := l.retries.Next(); ok {
		until = min(until, next)
	}
	if !l.Virtual {
		until = min(until, l.now+nap)
	}
	l.now = max(l.now, l.async.Poll(l.now, max(until, l.now), l.done))
	l.fresh, l.unpolled = true, 0
	l.expire()
	l.retry()
	l.watch.advance(l)
}

func (l *loop) release(a *generators.Arrival) {
	measured := a.At >= l.Warmup
	if measured && !l.windowing { // late: there was no time for it before
		l.openWindow()
		l.now = l.clock()
	}
	token, ok := l.slots.take()
	if !ok {
		l.poll(l.now)
		token, ok = l.slots.take()
	}
	if measured {
		l.Record.Offer(a.At, a.Class, a.KeyID, a.Cost)
		if l.now < l.end {
			l.punctual++
		}
	}
	if !ok {
		l.overflow(a, measured)
		return
	}
	l.start(token, a, measured)
}

func (l *loop) start(token uint32, a *generators.Arrival, measured bool) {
	s := &l.slots.all[token]
	s.intended, s.released, s.seq, s.attempt = a.At, l.now, a.Seq, 0
	s.key, s.keyID, s.cost, s.size, s.class, s.measured = a.Key, a.KeyID, a.Cost, a.Size, a.Class, measured
	l.attempt(token)
}

// attempt hands the request named token to the target, for the first time or again.
func (l *loop) attempt(token uint32) {
	s := &l.slots.all[token]
	s.called, s.deadline, s.state = l.now, l.now+l.Timeout, calling
	s.attempt++
	if s.measured {
		l.attempts++
	}
	l.unpolled++
	l.fresh = false
	// Field by field: a struct literal would be built aside and copied.
	r := &l.request
	r.Token, r.Seq, r.Now, r.Deadline = token, s.seq, l.now, s.deadline
	r.Key, r.KeyID, r.Cost, r.Size, r.Class = s.key, s.keyID, s.cost, s.size, s.class
	l.async.Start(l.now, r, l.done)
	if s.state == calling {
		l.slots.link(token)
	}
}

// overflow gives up an arrival for which there is no room in flight. It is
// counted, never silently delayed.
func (l *loop) overflow(a *generators.Arrival, measured bool) {
	if measured {
		l.sample = results.Sample{
			Intended: a.At, Released: l.now, Started: l.now, Done: l.now,
			Outcome: results.Unsent, Class: a.Class, KeyID: a.KeyID, Cost: a.Cost, Cause: "in-flight cap",
		}
		l.Record.Record(&l.sample)
	}
	l.source.Done(l.now + nap) // a client that found no room looks again a little later
}

// finish takes an answer from the target.
func (l *loop) finish(token uint32, at time.Duration, r *targets.Response) {
	s := &l.slots.all[token]
	switch s.state {
	case calling:
		l.now, l.fresh = max(l.now, at), true
	case pending:
		l.slots.unlink(token)
		if at > s.deadline { // its caller had left by then
			at, r = s.deadline, &tooLate
		}
	case abandoned: // its outcome was decided by the timeout
		l.slots.give(token)
		return
	case idle, resting:
		panic("target answered a request twice")
	}
	started := max(r.Started, s.called)
	if l.watch != nil {
		l.watch.see(s, started, at, r)
	}
	if l.again(token, s, at, r) {
		s.called, s.refused = started, at
		return
	}
	l.settle(s, started, at, r)
	l.slots.give(token)
}

var tooLate = targets.Response{Outcome: results.TimedOut, Cause: "timeout"}

// settle records the one outcome of a request.
func (l *loop) settle(s *slot, started, at time.Duration, r *targets.Response) {
	if s.measured {
		m := &l.sample
		m.Intended, m.Released, m.Started, m.Done = s.intended, s.released, started, at
		m.Outcome, m.Class, m.Mode, m.Status, m.RetryUnread = r.Outcome, s.class, r.Mode, r.Status, r.RetryUnread
		m.KeyID, m.Cost, m.Cause = s.keyID, s.cost, r.Cause
		l.Record.Record(m)
	}
	l.source.Done(at)
}

// expire gives up requests whose callers have waited for their timeout.
func (l *loop) expire() {
	for o := l.slots.oldest; o != none && l.slots.all[o].deadline <= l.now; o = l.slots.oldest {
		l.abandon(o, "timeout")
	}
}

func (l *loop) abandon(token uint32, cause string) {
	s := &l.slots.all[token]
	l.slots.unlink(token)
	r := targets.Response{Outcome: results.TimedOut, Cause: cause}
	if l.watch != nil {
		l.watch.see(s, s.called, l.now, &r)
	}
	l.settle(s, s.called, l.now, &r)
	s.state = abandoned
}

// drain waits for what is still in flight, as long as the trial allows.
func (l *loop) drain() {
	l.closeWindow()
	if l.stop.Load() {
		l.giveUp()
	}
	for end := l.now + l.Drain; (l.slots.oldest != none || l.retries.Len() > 0) && l.now < end; {
		l.poll(end)
	}
	l.giveUp()
	for l.slots.oldest != none {
		l.abandon(l.slots.oldest, "drain")
	}
}

func (l *loop) openWindow() {
	l.windowing = true
	if l.Meter != nil {
		l.Meter.Open()
	}
}

func (l *loop) closeWindow() {
	if l.windowing && l.Meter != nil {
		l.Meter.Close()
	}
}

// late reports whether the loop fell so far behind that the schedule took
// longer than its window: then that is the time over which load was offered.
func (l *loop) late() bool {
	return l.Window > 0 && float64(l.ended-l.Warmup) > 1.01*float64(l.Window)
}

func (l *loop) report() Report {
	measured := l.Window
	if end, counted := l.source.Counted(); counted {
		measured = max(l.ended, end) - l.Warmup
	}
	if l.partial || l.late() {
		measured = max(0, l.ended-l.Warmup)
	}
	return Report{Attempts: l.attempts, Punctual: l.punctual, Measured: measured, Partial: l.partial, Observed: l.watch.close()}
}
