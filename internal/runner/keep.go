package runner

import (
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/results"
)

// Keeper takes what a trial has measured while it goes on. Now and then each lane
// takes its turn to record elsewhere, between two requests; when all have, what
// they recorded before can be read. All but Turn are called on one goroutine.
type Keeper interface {
	Prepare() // before the turns
	// Turn returns what lane i records into from now on. The lane itself calls it,
	// and sends nothing until it returns.
	Turn(i int) Recorder
	Keep(SoFar) // after the turns
}

// SoFar is a trial that goes on. Its totals, in which nothing is Seen, are of the
// arrivals that have an outcome.
type SoFar struct {
	Totals
	Pending []results.Pending // arrivals of the window that were offered and have none yet
}

// keep lets the keeper have what there is, every so often, until the function that
// it returns is called. The lanes have ended then.
func (s *session) keep() (stop func()) {
	if s.Keeper == nil {
		return func() {}
	}
	ended, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(s.KeepEvery)
		defer tick.Stop()
		for {
			select {
			case <-ended:
				return
			case <-tick.C:
				s.Keeper.Prepare()
				s.Keeper.Keep(s.takeTurns())
			}
		}
	}()
	return func() {
		close(ended)
		<-done
	}
}

// takeTurns has every lane take its turn, and adds up what they know.
func (s *session) takeTurns() (sum SoFar) {
	for _, l := range s.lanes {
		l.turn.want(len(l.slots.all))
	}
	var until time.Duration
	for _, l := range s.lanes {
		l.awaitTurn()
		t := &l.turn
		sum.Attempts, sum.Denied, sum.Punctual = sum.Attempts+t.attempts, sum.Denied+t.denied, sum.Punctual+t.punctual
		sum.Pending = append(sum.Pending, t.pending...)
		until = max(until, t.until)
	}
	sum.Partial, sum.Measured = true, max(0, until-s.Warmup)
	return sum
}

// turn is what a lane says when it takes its turn.
type turn struct {
	wanted atomic.Bool
	taken  chan struct{}
	over   chan struct{} // closed when the lane has ended: then it takes no turn by itself

	until                      time.Duration // arrivals were offered
	attempts, denied, punctual uint64
	pending                    []results.Pending
}

func newTurn() turn { return turn{taken: make(chan struct{}, 1), over: make(chan struct{})} }

// want asks for a turn of a lane that has so many slots.
func (t *turn) want(slots int) {
	if t.pending == nil {
		t.pending = make([]results.Pending, 0, slots)
	}
	t.wanted.Store(true)
}

// awaitTurn returns when the turn is taken: by whoever waits for it, when the lane
// has ended and does not come to it any more.
func (l *lane) awaitTurn() {
	select {
	case <-l.turn.taken:
	case <-l.turn.over:
		if l.turn.wanted.Load() {
			l.takeTurn()
		}
		<-l.turn.taken
	}
}

// takeTurn goes on with another recorder. No request is being sent or answered.
func (l *lane) takeTurn() {
	t := &l.turn
	t.wanted.Store(false)
	l.record = l.Keeper.Turn(l.index)
	t.until, t.attempts, t.denied, t.punctual = l.now, l.attempts, l.denied, l.punctual
	if l.exhausted {
		t.until = l.ended
	}
	t.pending = t.pending[:0]
	for i := range l.slots.lists {
		for token := l.slots.lists[i].oldest; token != none; token = l.slots.all[token].newer {
			t.leave(&l.slots.all[token])
		}
	}
	for _, token := range l.retries.All {
		t.leave(&l.slots.all[*token])
	}
	t.taken <- struct{}{}
}

// leave takes note of an arrival that has no outcome yet.
func (t *turn) leave(s *slot) {
	if s.measured {
		t.attempts -= uint64(s.attempt)
		t.pending = append(t.pending, results.Pending{Intended: s.intended, Cost: s.cost, KeyID: s.keyID, Class: s.class})
	}
}
