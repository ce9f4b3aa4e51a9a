package runner

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/internal/oracle"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// Observed says how much of what a limiter decided the oracle got to see.
type Observed struct {
	Decisions uint64
	Dropped   uint64 // lost to a full ring, so as never to delay a request
}

// watch carries decisions from the loop to the oracle. In real time they go
// through a ring to a goroutine of their own; in virtual time, where there is
// nothing to disturb, straight to the judge. So do those of a plain loop that
// come in order: in a bubble the clock wakes no goroutine within one instant,
// and without a core to spare there is nowhere else to judge.
type watch struct {
	judge     Judge
	seq       *oracle.Sequencer // nil: decisions come in order
	ring      *oracle.Ring      // nil: no goroutine
	oldest    atomic.Int64      // release of the oldest request still in flight
	origin    time.Duration     // the limiter's clock minus the run's, its lower bound
	decisions uint64
	dropped   map[string]bool // keys of which an observation was lost and the judge does not know yet
	ended     chan struct{}
	waiting   sync.WaitGroup
}

const (
	ringSize  = 1 << 16
	batchSize = 256
	// slew is allowed for between the limiter's clock and the run's within one run.
	slew = 5 * time.Millisecond
	// glance is how long the oracle's goroutine rests when the ring is empty.
	glance = time.Millisecond
)

func newWatch(t Trial) (*watch, error) {
	if t.Judge == nil {
		return nil, nil
	}
	w := &watch{judge: t.Judge, origin: -Forever, dropped: map[string]bool{}, ended: make(chan struct{})}
	if !answersInOrder(t) {
		w.seq = oracle.NewSequencer(t.Judge.Observe)
	}
	if t.Virtual {
		w.origin = 0
		return w, nil
	}
	if t.Plain && w.seq == nil {
		return w, nil
	}
	var err error
	w.ring, err = oracle.NewRing(ringSize)
	return w, err
}

// answersInOrder reports whether decisions come back in the order in which they
// were taken: from a target called in the loop, as in virtual time every
// blocking one is.
func answersInOrder(t Trial) bool {
	if _, async := t.Target.(targets.Async); async {
		return false
	}
	_, inline := t.Target.(targets.Inline)
	return inline || t.Virtual
}

// start begins judging. It is followed by exactly one close.
func (w *watch) start() {
	if w != nil && w.ring != nil {
		w.waiting.Go(w.consume)
	}
}

// see takes one answer from the loop.
func (w *watch) see(s *slot, called, returned time.Duration, r *targets.Response) {
	o := oracle.Observation{
		Key: s.key, N: s.cost, Class: s.class, Called: called, Returned: returned, At: r.Decided, Until: r.Until, Caller: r.Caller,
		Allowed: r.Outcome == results.OK, Errored: r.Outcome > results.Rejected || r.Mode != 0, // what a policy decided says nothing of the limiter
	}
	if !r.Judged {
		o.At = limiters.Unknown
	}
	w.decisions++
	if w.ring == nil {
		w.pass(o)
		return
	}
	w.push(o)
}

// push never waits: when the ring is full the observation is dropped. What the
// key was granted is then no longer known, so its next observation says that
// one was lost, and the oracle judges the key no more.
func (w *watch) push(o oracle.Observation) {
	if len(w.dropped) > 0 && w.dropped[o.Key] {
		o.Errored, o.At = true, limiters.Unknown
	}
	if !w.ring.Push(o) {
		w.dropped[o.Key] = true
	} else if o.Errored {
		delete(w.dropped, o.Key)
	}
}

// advance tells the other side how far the past is settled.
func (w *watch) advance(l *loop) {
	if w == nil || w.seq == nil {
		return
	}
	oldest := l.now
	if o := l.slots.oldest; o != none {
		oldest = l.slots.all[o].called
	}
	if w.ring == nil {
		w.settle(oldest)
		return
	}
	w.oldest.Store(int64(oldest))
}

// settle tells the sequencer that no decision before oldest is still to come.
func (w *watch) settle(oldest time.Duration) {
	if w.seq == nil {
		return
	}
	w.seq.AdvanceCalled(oldest)
	if w.origin != -Forever {
		w.seq.Advance(oldest + w.origin - slew)
	}
}

// consume is the goroutine between ring and oracle.
func (w *watch) consume() {
	tick := time.NewTicker(glance)
	defer tick.Stop()
	batch := make([]oracle.Observation, batchSize)
	for {
		oldest := time.Duration(w.oldest.Load()) // before looking: what comes later is no older
		w.empty(batch)
		w.settle(oldest)
		select {
		case <-w.ended:
			w.empty(batch)
			return
		case <-tick.C:
		}
	}
}

// empty passes on all that is in the ring.
func (w *watch) empty(batch []oracle.Observation) {
	for n := w.ring.Pop(batch); n > 0; n = w.ring.Pop(batch) {
		for _, o := range batch[:n] {
			w.pass(o)
		}
	}
}

// pass hands o on. A decision falls between call and return, so the latest
// At − Returned seen is a lower bound of the distance between the two clocks.
func (w *watch) pass(o oracle.Observation) {
	if w.seq == nil {
		w.judge.Observe(o)
		return
	}
	if o.At >= 0 {
		w.origin = max(w.origin, o.At-o.Returned)
	}
	w.seq.Push(o)
}

// close waits until every decision is judged.
func (w *watch) close() Observed {
	if w == nil {
		return Observed{}
	}
	close(w.ended)
	w.waiting.Wait()
	if w.seq != nil {
		w.seq.Flush()
	}
	seen := Observed{Decisions: w.decisions}
	if w.ring != nil {
		seen.Dropped = uint64(w.ring.Dropped())
	}
	return seen
}
