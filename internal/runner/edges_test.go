package runner

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// TestAbandonedRequestGivesItsRoomBack: with room for one, a request that
// outlives its caller blocks the next ones until the target lets go, and no longer.
func TestAbandonedRequestGivesItsRoomBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		target := do(func(context.Context, *targets.Request) targets.Response {
			if calls.Add(1) == 1 {
				time.Sleep(35 * time.Millisecond) // deaf to its context
			}
			return ok
		})
		var r tape
		tr := trial(&every{gap: 10 * time.Millisecond, n: 10}, target, &r)
		tr.MaxInFlight, tr.Timeout = 1, []time.Duration{5 * time.Millisecond}
		mustRun(t, tr)
		r.conserved(t)
		if r.count(results.TimedOut) != 1 || r.count(results.Unsent) != 3 || r.count(results.OK) != 6 {
			t.Errorf("timed out %d, unsent %d, ok %d; want 1, then 3 without room, then 6",
				r.count(results.TimedOut), r.count(results.Unsent), r.count(results.OK))
		}
	})
}

// TestAnswerAfterTheTimeoutIsTimedOut: the caller had left, whenever the loop
// got round to looking.
func TestAnswerAfterTheTimeoutIsTimedOut(t *testing.T) {
	for name, target := range map[string]any{
		"polled in time": newDelay(t, 8*time.Millisecond, 1, 0),
		"polled late":    bare(func(targets.Env) targets.Async { return &overshooting{late: 8 * time.Millisecond} }),
	} {
		t.Run(name, func(t *testing.T) {
			var r tape
			tr := trial(&every{gap: time.Second, n: 3}, target, &r)
			tr.Time, tr.Timeout = results.Virtual, []time.Duration{5 * time.Millisecond}
			mustRun(t, tr)
			r.conserved(t)
			for _, s := range r.samples {
				if s.Outcome != results.TimedOut || s.ResponseTime() != 5*time.Millisecond {
					t.Errorf("answered %v after %v; want timed_out after 5ms", s.Outcome, s.ResponseTime())
				}
			}
		})
	}
}

// overshooting answers late, in a Poll that goes past its limit.
type overshooting struct {
	late    time.Duration
	pending []uint32
}

func (*overshooting) Close(context.Context) error { return nil }

func (o *overshooting) Start(_ time.Duration, r *targets.Request, _ targets.Done) {
	o.pending = append(o.pending, r.Token)
}

func (o *overshooting) Poll(now, until time.Duration, done targets.Done) time.Duration {
	if len(o.pending) == 0 {
		return until
	}
	token := o.pending[0]
	o.pending = o.pending[1:]
	done(token, now+o.late, &targets.Response{Outcome: results.OK})
	return now + o.late
}

// TestLateLoopStillPolls: while it catches up, answers that are there are
// taken, or the cap would fill with requests long since answered.
func TestLateLoopStillPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &held{}
		var r tape
		tr := trial(&every{gap: time.Microsecond, n: 1000}, bare(target.lane), &r)
		tr.MaxInFlight = pollEvery + 1
		target.stall = 10 * time.Millisecond
		mustRun(t, tr)
		r.conserved(t)
		if got := r.count(results.OK); got != 1000 {
			t.Errorf("ok %d of 1000, unsent %d; want all, for each is answered at once", got, r.count(results.Unsent))
		}
	})
}

// held answers everything at the next Poll. Its first Start stalls the loop.
type held struct {
	stall   time.Duration
	env     targets.Env
	pending []uint32
}

func (h *held) lane(env targets.Env) targets.Async { h.env = env; return h }

func (*held) Close(context.Context) error { return nil }

func (h *held) Start(_ time.Duration, r *targets.Request, _ targets.Done) {
	time.Sleep(h.stall)
	h.stall = 0
	h.pending = append(h.pending, r.Token)
}

func (h *held) Poll(now, until time.Duration, done targets.Done) time.Duration {
	if len(h.pending) == 0 {
		return h.env.Wait(now, until)
	}
	for _, token := range h.pending {
		done(token, now, &targets.Response{Outcome: results.OK})
	}
	h.pending = h.pending[:0]
	return now
}

// TestCountEndsTheWindow: ten of 10/s take a second, as the eleventh would
// have been due then.
func TestCountEndsTheWindow(t *testing.T) {
	w := constant(t, 1)
	var r tape
	tr := trial(Open(w.Schedule(time.Hour), 10), noop(), &r)
	tr.Time, tr.Window = results.Virtual, time.Hour
	if rep := mustRun(t, tr); rep.Measured != 10*time.Second || rep.Partial {
		t.Errorf("measured %v, partial %v; want 10s of 1/s, whole", rep.Measured, rep.Partial)
	}
	tr = trial(Open(w.Schedule(5*time.Second), 100), noop(), &r)
	tr.Time, tr.Window = results.Virtual, 5*time.Second
	if rep := mustRun(t, tr); rep.Measured != 5*time.Second {
		t.Errorf("measured %v; want the window of 5s, for the count was not reached", rep.Measured)
	}
}

// TestClosedLoopWithoutRoomDoesNotSpin: clients whose requests the target will
// not let go of look again now and then.
func TestClosedLoopWithoutRoomDoesNotSpin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := do(func(context.Context, *targets.Request) targets.Response { time.Sleep(time.Second); return ok })
		var r tape
		tr := trial(Closed(constant(t, 1).Requests(), 2, 0, 0, 500*time.Millisecond, 0), target, &r)
		tr.MaxInFlight, tr.Timeout = 2, []time.Duration{10 * time.Millisecond}
		mustRun(t, tr)
		r.conserved(t)
		if got := r.count(results.Unsent); got == 0 || got > 200 {
			t.Errorf("unsent %d in 500ms of 2 clients; want some, every %v at most", got, longestPoll)
		}
	})
}
