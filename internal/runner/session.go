package runner

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// session is a trial while it lasts: what its lanes have in common.
type session struct {
	Trial
	wall     wallClock
	lanes    []*lane
	cancel   context.CancelFunc // of calls that are still made
	courier  *courier           // nil without witnesses
	during   func() error       // ends what is done meanwhile
	settings func()             // puts the runtime back as it was

	window   sync.Once
	opened   atomic.Bool  // the window is open, or was
	offering atomic.Int32 // lanes that have arrivals to come
	ended    atomic.Bool  // the context is over
}

func newSession(t Trial) *session {
	s := &session{Trial: t, during: func() error { return nil }, settings: func() {}}
	s.offering.Store(int32(t.Lanes))
	if s.Stop == nil {
		s.Stop = new(atomic.Bool)
	}
	return s
}

// open begins the trial, makes the lanes and starts the clock.
func (s *session) open(ctx context.Context) (err error) {
	if err := s.Target.Begin(ctx, s.ID); err != nil {
		return err
	}
	if s.courier, err = newCourier(s.Trial); err != nil {
		return err
	}
	s.settings = s.makeRoom()
	s.wall.restart() // a time to wait by, until all is ready
	calls, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.cancel = cancel
	if err := s.makeLanes(calls); err != nil {
		return err
	}
	s.courier.start()
	if s.Warmup == 0 {
		s.openWindow() // which takes a moment that no arrival should wait for
	}
	s.wall.restart()
	return nil
}

// makeLanes makes all lanes at once, each on a processor of its own: what one
// allocates shares no cache line with what another does then, which would cost
// more than all that the lanes do.
func (s *session) makeLanes(ctx context.Context) error {
	lanes, errs := make([]*lane, s.Lanes), make([]error, s.Lanes)
	var ready atomic.Int32
	var done sync.WaitGroup
	for i := range lanes {
		done.Go(func() {
			for ready.Add(1); s.Time == results.Real && int(ready.Load()) < s.Lanes; { // spins, so that each keeps a processor of its own
			}
			lanes[i], errs[i] = s.newLane(ctx, i)
		})
	}
	done.Wait()
	for _, l := range lanes {
		if l != nil && l.async != nil {
			s.lanes = append(s.lanes, l)
		}
	}
	return errors.Join(errs...)
}

// makeRoom lets answers be taken while every lane sleeps in the kernel: a lane
// keeps its processor then, as far as the Go scheduler knows, so it takes one
// more than there are lanes, also on a machine that has only one.
func (s *session) makeRoom() (restore func()) {
	before := runtime.GOMAXPROCS(0)
	if s.Time != results.Real || before > s.Lanes {
		return func() {}
	}
	runtime.GOMAXPROCS(s.Lanes + 1)
	return func() { runtime.GOMAXPROCS(before) }
}

// run lets every lane send and drain. The first has the caller's goroutine.
func (s *session) run(ctx context.Context) {
	if s.During != nil {
		s.during = s.During(ctx, s.lanes[0].clock)
	}
	defer s.keep()()
	var others sync.WaitGroup
	for _, l := range s.lanes[1:] {
		others.Go(l.work)
	}
	s.lanes[0].work()
	others.Wait()
}

// closeWithin is how long the target may take to end a trial.
const closeWithin = 5 * time.Second

// close ends what is done meanwhile, the lanes, the trial and the judging.
func (s *session) close() (err error) {
	err = s.during()
	if s.cancel != nil {
		s.cancel()
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeWithin)
	defer cancel()
	for _, l := range s.lanes {
		err = errors.Join(err, l.async.Close(ctx))
	}
	s.courier.close()
	s.settings()
	return errors.Join(err, s.Target.End(ctx))
}

// openWindow is called by every lane that gets there; the first one opens it.
func (s *session) openWindow() {
	s.window.Do(func() {
		s.opened.Store(true)
		if s.Meter != nil {
			s.Meter.Open()
		}
	})
}

// endOffer is called by every lane that has no more arrivals; the last one
// closes the window.
func (s *session) endOffer() {
	if s.offering.Add(-1) == 0 && s.opened.Load() && s.Meter != nil {
		s.Meter.Close()
	}
}

// env gives a lane its view of time. In virtual time the clock is wherever the
// lane has got to, and waiting is arriving.
func (s *session) env(l *lane, i int) targets.Env {
	e := targets.Env{Time: s.Time, InFlight: targets.Share(s.MaxInFlight, i, s.Lanes)}
	if s.Time == results.Virtual {
		e.Clock = func() time.Duration { return l.now }
		e.Wait = func(_, until time.Duration) time.Duration { return until }
		return e
	}
	e.Clock = s.wall.now
	p := newPacer(s.wall.now)
	e.Wait, e.Lead, e.Woke = p.wait, p.lead, p.ahead.Learn
	if s.Time == results.Bubble {
		e.Wait = func(_, until time.Duration) time.Duration {
			time.Sleep(until - s.wall.now())
			return s.wall.now()
		}
	}
	return e
}

// totals adds up the lanes.
func (s *session) totals() Totals {
	r := Totals{Measured: s.Window, Seen: s.courier.seen()}
	var ended, next time.Duration
	counted, known := false, false
	for _, l := range s.lanes {
		r.Attempts += l.attempts
		r.Punctual += l.punctual
		r.Denied += l.denied
		r.Partial = r.Partial || l.partial
		ended = max(ended, l.ended)
		end, ok := l.source.Counted()
		if counted = counted || ok; ok && end > 0 && (!known || end < next) {
			next, known = end, true
		}
	}
	if counted {
		r.Measured = max(ended, next) - s.Warmup
	}
	if r.Partial || s.late(ended) {
		r.Measured = max(0, ended-s.Warmup)
	}
	return r
}

// late reports whether the loops fell so far behind that the schedule took
// longer than its window: then that is the time over which load was offered.
func (s *session) late(ended time.Duration) bool {
	return s.Window > 0 && float64(ended-s.Warmup) > 1.01*float64(s.Window)
}
