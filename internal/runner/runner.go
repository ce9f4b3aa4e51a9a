// Package runner turns a schedule into load on a target, and stamps what happens.
//
// One run, step by step:
//
//  1. [Run] checks the [Trial] and makes a session of it. The session owns what
//     there is one of: the clock, the request to stop, the measured window, the
//     meter, the witnesses.
//
//  2. The target begins the trial on fresh state and gives a lane for each
//     goroutine that will send. A lane of the session is such a lane of the
//     target with its shard of the schedule, its slots for requests in flight and
//     its recorder. Lanes share nothing while they run.
//
//  3. Without a warm-up the window opens now, and the meter with it. Then the
//     clock starts at 0, and what is done meanwhile begins ([Trial.During]).
//
//  4. Each lane goes round the one loop there is, until nothing more is to come or
//     the request to stop is seen:
//
//     wait until the next arrival is due   (Poll: the target owns the waiting)
//     take completions                     (done, called by Poll and by Start)
//     give up attempts past their timeout, and make those again whose wait is over
//     release the arrival                  (Start)
//
//     The first lane that waits for an arrival due after the warm-up opens the
//     window; the last one that has no more arrivals closes it.
//
//  5. Each lane drains: it waits for what is in flight, as long as the trial
//     allows, and gives up the rest.
//
//  6. What is done meanwhile is stopped, calls that are still made are cancelled,
//     and the lanes are closed; the witnesses see what they have not seen yet;
//     the trial ends at the target. The [Totals] add up what the lanes counted.
//
// In real time each lane has a goroutine and a thread of its own; witnesses are
// called by one more, behind a ring for each lane. In virtual time the clock is a
// variable that the only lane moves, nothing ever waits, and witnesses are called
// in the loop itself; so they are in a bubble, whose clock moves while the lane sleeps.
package runner

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/internal/events"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// Forever is the due time of an arrival that waits for a completion first.
const Forever = events.Forever

// Trial is one subject under one load, once.
type Trial struct {
	ID     targets.TrialID
	Target targets.Target // open
	Lanes  int            // goroutines that send; 0 is one. More than one need real time
	// Source is the shard i of n of what arrives, Record takes what became of it.
	Source func(i, n int) Source
	Record func(i int) Recorder

	Warmup  time.Duration   // arrivals due before it are sent but not recorded
	Window  time.Duration   // the measured window, which follows; 0 where only a count ends it
	Drain   time.Duration   // how long to wait for answers after the last arrival
	Timeout []time.Duration // how long a caller waits for the answer to an attempt, by class; the last is for all further classes

	// Kind is which kind of request an arrival is, where the target sends several; else nil.
	Kind func(seq uint64, class uint8) uint8

	MaxInFlight int // over all lanes
	Retry       Retry
	// Time is the kind of time. In a bubble nothing spins: all waiting is time.Sleep,
	// which is late in the world's time, and exact in a synctest bubble.
	Time results.Time

	Witnesses []Witness
	// During is what is done meanwhile, such as breaking the target. It begins when
	// the clock does, and must return at once; stop is called before the trial ends
	// at the target. May be nil.
	During func(ctx context.Context, clock targets.Clock) (stop func() error)
	Meter  Meter // told when the measured window opens and closes; may be nil

	// Keeper is given what was measured so far, every KeepEvery from the start on: not
	// in virtual time, which does not go on by itself. May be nil.
	Keeper    Keeper
	KeepEvery time.Duration

	// Stop ends the trial early once it is set, by a witness for example, as the end of
	// the context does. May be nil.
	Stop *atomic.Bool

	// Fade is how long arrivals become fewer and fewer, in the place of none at once, when
	// Stop ends the trial; with FadeOut also when the window does. They are sent and not
	// recorded. Only sources whose arrivals go on after the window can fade, and only
	// where there is one; the end of the context is for all of it.
	Fade    time.Duration
	FadeOut bool
}

// Recorder takes what happened in one lane; a *results.Shard is one.
type Recorder interface {
	// Offer is called once for every arrival of the measured window,
	// Record once for its end. The sample is only valid during the call.
	Offer(intended time.Duration, class uint8, keyID uint32, cost int64)
	Record(*results.Sample)
}

// Meter measures what the window costs.
type Meter interface {
	Open()
	Close()
}

// Totals are what the lanes counted, beside their samples.
type Totals struct {
	Attempts uint64        // requests handed to the target, of the window's arrivals
	Denied   uint64        // retries that were not made for lack of budget or room in flight
	Punctual uint64        // arrivals of the window released, or given up, before it ended or within 100 ms of that
	Measured time.Duration // how much of the window was offered
	Partial  bool          // stopped early
	Seen     Seen
}

// Run drives the trial until its schedule ends or ctx does, then drains. It
// returns what was measured even when it also returns an error.
func Run(ctx context.Context, t Trial) (rep Totals, err error) {
	t.Lanes = max(t.Lanes, 1)
	if err := t.validate(); err != nil {
		return Totals{}, err
	}
	s := newSession(t)
	if err := s.open(ctx); err != nil {
		return Totals{}, errors.Join(err, s.close())
	}
	defer context.AfterFunc(ctx, func() {
		s.ended.Store(true)
		s.Stop.Store(true)
	})()
	s.run(ctx)
	err = s.close()
	rep = s.totals()
	for _, l := range s.lanes {
		err = errors.Join(err, l.source.Err())
	}
	return rep, err
}

func (t Trial) validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if t.MaxInFlight < t.Lanes {
		bad("max_in_flight is %d; want at least 1 for each of %d lanes", t.MaxInFlight, t.Lanes)
	}
	if most := t.Target.Info().Lanes; most > 0 && t.Lanes > most {
		bad("lanes is %d; want at most %d, which is what the target has connections or queues for", t.Lanes, most)
	}
	if t.Lanes > 1 && (t.Time == results.Virtual || t.Time == results.Bubble && len(t.Witnesses) > 0) {
		bad("lanes is %d; want 1 where time is not the world's", t.Lanes)
	}
	if t.Keeper != nil && (t.Time == results.Virtual || t.KeepEvery <= 0) {
		bad("keeper is asked every %v of %s time; want more than 0, and time that is not virtual", t.KeepEvery, t.Time)
	}
	if t.Fade < 0 || t.Fade > 0 && t.Window <= 0 {
		bad("fade is %v after a window of %v; want 0s, or a window and more than that", t.Fade, t.Window)
	}
	if len(t.Timeout) == 0 {
		bad("timeout is missing; want a duration such as 5s")
	}
	for _, d := range t.Timeout {
		if d <= 0 {
			bad("timeout is %v; want a positive duration such as 5s", d)
		}
	}
	return errors.Join(errs...)
}
