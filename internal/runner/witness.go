package runner

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/ring"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// Witness sees attempts and delays none: a judge of decisions, what tells of faults,
// an event log. In real time it is called on a goroutine of its own, a
// millisecond or so later; in virtual time and in bubbles in the loop itself, so that the
// order is the same each time.
type Witness interface {
	// See takes an attempt, valid during the call. Those of one lane come in the
	// order in which they ended.
	See(*Attempt)
	// Settled says that no attempt called before oldest is still to come.
	Settled(oldest time.Duration)
}

// Attempt is one request of an arrival and what became of it, or an arrival for
// which there was no room, with attempt 0. Instants are offsets from the start of
// the run, but for At and Until, which are on the limiter's own clock.
type Attempt struct {
	Intended   time.Duration // when the arrival was due
	Released   time.Duration // when it was sent for the first time
	Due        time.Duration // when this attempt was: Intended, or when the wait for it was over
	Called     time.Duration // when it was made, or its service began
	Returned   time.Duration
	At         time.Duration // of a decision, where Judged is set
	Until      time.Duration
	RetryAfter time.Duration // as the target asked; 0 where it did not
	Key        string
	Cause      string
	Cost       int64
	KeyID      uint32
	Number     uint32 // from 1; 0 for what was never sent
	Caller     uint32
	Status     uint16
	Outcome    results.Outcome
	Class      uint8
	Kind       uint8 // of request, where the target sends several
	Mode       uint8
	Judged     bool
	Measured   bool // its arrival is of the window
	Last       bool // its outcome is the arrival's
	// Lost stands for attempts on Key, of Class, that no witness saw, because there
	// were more than could be told of. It has no other values.
	Lost bool
}

// Seen says how many attempts the witnesses were told of, and of how many not,
// so that no request was delayed by them.
type Seen struct {
	Attempts uint64
	Lost     uint64
}

const (
	ringSize  = 1 << 15
	batchSize = 256
	// lookEvery is how long the witnesses' goroutine rests when the rings are empty.
	lookEvery = time.Millisecond
)

// courier brings attempts from the lanes to the witnesses.
type courier struct {
	witnesses []Witness
	feeders   []*feeder
	threaded  bool
	ended     chan struct{}
	waiting   sync.WaitGroup
}

// feeder is a lane's end of it.
type feeder struct {
	*courier
	ring     *ring.Ring[Attempt] // nil: witnesses are called in the loop
	oldest   atomic.Int64        // no attempt called before it is still to come
	attempt  Attempt             // reused
	attempts uint64
	losses   uint64
	lost     map[who]time.Duration // of whom an attempt was lost and the witnesses do not know yet: when it was called
}

// who is a key of a class.
type who struct {
	key   string
	class uint8
}

// newCourier returns nil where there are no witnesses.
func newCourier(t Trial) (*courier, error) {
	if len(t.Witnesses) == 0 {
		return nil, nil
	}
	c := &courier{witnesses: t.Witnesses, threaded: !t.Time.Simulated(), ended: make(chan struct{})}
	for range t.Lanes {
		f := &feeder{courier: c, lost: map[who]time.Duration{}}
		if c.threaded {
			var err error
			if f.ring, err = ring.New[Attempt](ringSize); err != nil {
				return nil, err
			}
		}
		c.feeders = append(c.feeders, f)
	}
	return c, nil
}

func (c *courier) feeder(i int) *feeder {
	if c == nil {
		return nil
	}
	return c.feeders[i]
}

// start begins telling. It is followed by exactly one close.
func (c *courier) start() {
	if c != nil && c.threaded {
		c.waiting.Go(c.consume)
	}
}

// close waits until the witnesses have seen everything. The lanes have ended.
func (c *courier) close() {
	if c == nil {
		return
	}
	close(c.ended)
	c.waiting.Wait()
	for _, f := range c.feeders {
		for w := range f.lost {
			c.tell(&Attempt{Key: w.key, Class: w.class, Lost: true})
		}
	}
	c.settled(Forever)
}

func (c *courier) seen() (s Seen) {
	if c == nil {
		return s
	}
	for _, f := range c.feeders {
		s.Attempts += f.attempts
		s.Lost += f.losses
	}
	return s
}

func (c *courier) tell(a *Attempt) {
	for _, w := range c.witnesses {
		w.See(a)
	}
}

func (c *courier) settled(oldest time.Duration) {
	for _, w := range c.witnesses {
		w.Settled(oldest)
	}
}

// consume is the goroutine between the rings and the witnesses.
func (c *courier) consume() {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	batch := make([]Attempt, batchSize)
	for {
		oldest := Forever
		for _, f := range c.feeders { // before looking: what comes later is no older
			oldest = min(oldest, time.Duration(f.oldest.Load()))
		}
		c.empty(batch)
		c.settled(oldest)
		select {
		case <-c.ended:
			c.empty(batch)
			return
		case <-tick.C:
		}
	}
}

// empty tells of all that is in the rings.
func (c *courier) empty(batch []Attempt) {
	for _, f := range c.feeders {
		for n := f.ring.Pop(batch); n > 0; n = f.ring.Pop(batch) {
			for i := range batch[:n] {
				c.tell(&batch[i])
			}
		}
	}
}

// see takes an attempt that ended.
func (f *feeder) see(s *slot, called, returned time.Duration, r *targets.Response, last bool) {
	a := &f.attempt
	a.Intended, a.Released, a.Due, a.Called, a.Returned = s.intended, s.released, s.due, called, returned
	a.At, a.Until, a.Judged, a.RetryAfter = r.Decided, r.Until, r.Judged, r.RetryAfter
	a.Key, a.KeyID, a.Cost, a.Class, a.Kind, a.Number = s.key, s.keyID, s.cost, s.class, s.kind, s.attempt
	a.Caller, a.Outcome, a.Cause, a.Status, a.Mode = r.Caller, r.Outcome, r.Cause, r.Status, r.Mode
	a.Measured, a.Last = s.measured, last
	f.pass()
}

// unsent takes an arrival of a kind for which there was no room.
func (f *feeder) unsent(now time.Duration, a *generators.Arrival, kind uint8, measured bool) {
	f.attempt = Attempt{
		Intended: a.At, Released: now, Due: a.At, Called: now, Returned: now, Key: a.Key, KeyID: a.KeyID, Cost: a.Cost,
		Class: a.Class, Kind: kind, Outcome: results.Unsent, Cause: noRoom, Measured: measured, Last: true,
	}
	f.pass()
}

// pass hands the attempt on. It never waits: when the ring is full the attempt is
// lost. What its key was granted is then no longer known, and the witnesses are
// told so before they hear of anything else from this lane.
func (f *feeder) pass() {
	a := &f.attempt
	if a.Number > 0 {
		f.attempts++
	}
	if f.ring == nil {
		f.tell(a)
		return
	}
	if len(f.lost) > 0 {
		f.confess()
	}
	if len(f.lost) > 0 || !f.ring.Push(a) {
		f.lose(a)
	}
}

func (f *feeder) lose(a *Attempt) {
	f.losses++
	w := who{a.Key, a.Class}
	if at, known := f.lost[w]; !known || a.Called < at {
		f.lost[w] = a.Called
	}
}

// confess tells of the keys that are lost, as far as there is room.
func (f *feeder) confess() {
	for w := range f.lost {
		if !f.ring.Push(&Attempt{Key: w.key, Class: w.class, Lost: true}) {
			return
		}
		delete(f.lost, w)
	}
}

// settled says how far the past is. What was lost and not told of is not past.
func (f *feeder) settled(oldest time.Duration) {
	switch {
	case f == nil:
	case f.ring == nil:
		f.courier.settled(oldest)
	default:
		for _, called := range f.lost {
			oldest = min(oldest, called)
		}
		f.oldest.Store(int64(oldest))
	}
}
