package runner

import (
	"time"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// finish takes an answer from the target.
func (l *lane) finish(token uint32, at time.Duration, r *targets.Response) {
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
	again := l.again(token, s, at, r)
	if l.feeder != nil {
		l.feeder.see(s, started, at, r, !again)
	}
	if again {
		s.called, s.ended = started, at
		return
	}
	l.settle(s, started, at, r)
	l.slots.give(token)
}

var tooLate = targets.Response{Outcome: results.TimedOut, Cause: "timeout"}

// settle records the one outcome of an arrival.
func (l *lane) settle(s *slot, started, at time.Duration, r *targets.Response) {
	if s.measured {
		m := &l.sample
		m.Intended, m.Released, m.Started, m.Done = s.intended, s.released, started, at
		m.Outcome, m.Class, m.Kind, m.Mode, m.KeyID, m.Cost, m.Cause = r.Outcome, s.class, s.kind, r.Mode, s.keyID, s.cost, r.Cause
		m.Status, m.RetryUnread, m.Own, m.Watched = r.Status, r.RetryUnread, r.Own, r.Watched
		m.Phases = r.Phases
		l.record.Record(m)
	}
	l.source.Done(at)
}

// expire gives up attempts whose callers have waited for their timeout.
func (l *lane) expire() {
	for o := l.slots.first(); o != none && l.slots.all[o].deadline <= l.now; o = l.slots.first() {
		l.abandon(o, &tooLate)
	}
}

// abandon leaves an attempt to the target, which holds its token until it
// answers. Its caller may try again, in another slot.
func (l *lane) abandon(token uint32, r *targets.Response) {
	s := &l.slots.all[token]
	l.slots.unlink(token)
	again := l.elsewhere(s, r)
	if l.feeder != nil {
		l.feeder.see(s, s.called, l.now, r, !again)
	}
	if !again {
		l.settle(s, s.called, l.now, r)
	}
	s.state = abandoned
}

var drained = targets.Response{Outcome: results.TimedOut, Cause: "drain"}

// drain waits for what is still in flight, as long as the trial allows.
func (l *lane) drain() {
	if l.Stop.Load() {
		l.giveUp()
	}
	for end := l.now + l.Drain; (l.slots.first() != none || l.retries.Len() > 0) && l.now < end; {
		l.poll(end)
	}
	l.giveUp()
	for o := l.slots.first(); o != none; o = l.slots.first() {
		l.abandon(o, &drained)
	}
}
