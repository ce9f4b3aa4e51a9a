// Package runner turns a schedule into load on a target, and stamps what happens.
//
// There is one loop for every kind of target and for real and virtual time:
//
//	wait until the next arrival is due   (Poll: the target owns the waiting)
//	release it                           (Start)
//	take completions, expire timeouts    (done)
//	… and after the last one, drain.
//
// The runner owns the only clock. An in-process limiter is called in the loop
// itself; a blocking target gets a pool of workers behind the same contract; an
// event loop or a simulation is driven as it is. In virtual time the clock is a
// variable that the loop moves, and nothing ever waits.
package runner

import (
	"context"
	"errors"
	"time"

	"github.com/fcbench/fcbench/internal/oracle"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// Forever is the due time of an arrival that waits for a completion first.
const Forever = time.Duration(1<<63 - 1)

// Trial is one subject under one load, once.
type Trial struct {
	Source Source
	// Target is a targets.Target or a targets.Async.
	Target any

	Warmup  time.Duration // arrivals due before it are sent but not recorded
	Window  time.Duration // the measured window, which follows
	Drain   time.Duration // how long to wait for answers after the last arrival
	Timeout time.Duration // how long a caller waits for its answer, from release

	MaxInFlight int
	Retry       Retry
	Virtual     bool
	// Plain waits with time.Sleep alone: late, but with no spinning, which is
	// what a synctest bubble and a machine without a core to spare need.
	Plain bool

	Record Recorder
	// Judge judges decisions as they come; nil for none. Those of an inline
	// target come in the order they were made, others are put in order first.
	Judge Judge
	Meter Meter // told when the measured window opens and closes; may be nil
}

// Recorder takes what happened; a *results.Shard is one.
type Recorder interface {
	// Offer is called once for every arrival of the measured window,
	// Record once for its end. The sample is only valid during the call.
	Offer(intended time.Duration, class uint8, keyID uint32, cost int64)
	Record(*results.Sample)
}

// Judge takes decisions in the order in which they were made; an *oracle.Judge
// is one.
type Judge interface {
	Observe(oracle.Observation)
}

// Meter measures what the window costs.
type Meter interface {
	Open()
	Close()
}

// Report is what the loop knows beyond its samples.
type Report struct {
	Attempts uint64        // requests handed to the target, of the window's arrivals
	Punctual uint64        // arrivals of the window released, or given up, before it ended or within 100 ms of that
	Measured time.Duration // how much of the window was offered
	Partial  bool          // stopped early
	Observed Observed
}

// Run drives the trial until its schedule ends or ctx does, then drains. It
// returns what was measured even when it also returns an error.
func Run(ctx context.Context, t Trial) (rep Report, err error) {
	if err := t.validate(); err != nil {
		return Report{}, err
	}
	l, err := newLoop(ctx, t)
	if err != nil {
		return Report{}, err
	}
	if err := l.open(ctx); err != nil {
		_ = l.close() // what could not be opened says nothing new by not closing
		return Report{}, err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	defer context.AfterFunc(ctx, func() { l.stop.Store(true) })()
	if !t.Virtual && !t.Plain {
		defer claimThread()()
	}
	l.run()
	l.drain()
	return l.report(), l.source.Err()
}

func (t Trial) validate() error {
	var errs []error
	switch t.Target.(type) {
	case targets.Target, targets.Async:
	default:
		errs = append(errs, errors.New("target is neither a targets.Target nor a targets.Async"))
	}
	if t.MaxInFlight < 1 {
		errs = append(errs, errors.New("max_in_flight is below 1; want at least 1"))
	}
	if t.Timeout <= 0 {
		errs = append(errs, errors.New("timeout is not positive; want a duration such as 5s"))
	}
	return errors.Join(errs...)
}
