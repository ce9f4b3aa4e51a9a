package runner

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/internal/oracle"
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
		tr.MaxInFlight, tr.Timeout = 1, 5*time.Millisecond
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
		"polled late":    &overshooting{late: 8 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			var r tape
			tr := trial(&every{gap: time.Second, n: 3}, target, &r)
			tr.Virtual, tr.Timeout = true, 5*time.Millisecond
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
		tr := trial(&every{gap: time.Microsecond, n: 1000}, target, &r)
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

func (h *held) Open(_ context.Context, env targets.Env) error { h.env = env; return nil }

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

// serverSide is a limiter behind a network: it decides in order on a clock of
// its own, and answers come back in any order.
func serverSide(bucket int64, interval time.Duration, flaw int64) do {
	lock := make(chan struct{}, 1)
	start := time.Now()
	var tat time.Duration
	var decided atomic.Int64
	return func(context.Context, *targets.Request) targets.Response {
		lock <- struct{}{}
		now := time.Since(start) + time.Hour
		admit := max(tat, now)+interval-now <= time.Duration(bucket)*interval
		if decided.Add(1) == flaw {
			admit = !admit
		}
		if admit {
			tat = max(tat, now) + interval
		}
		<-lock
		time.Sleep(time.Duration(rand.IntN(5)) * time.Millisecond)
		r := targets.Response{Outcome: results.Rejected, Decided: now, Judged: true}
		if admit {
			r.Outcome = results.OK
		}
		return r
	}
}

// TestDecisionsAreJudgedInTheServersOrder: through pool, ring and sequencer a
// correct limiter is never convicted, and one flaw is found once.
func TestDecisionsAreJudgedInTheServersOrder(t *testing.T) {
	for flaw, want := range map[int64]int64{0: 0, 700: 1} {
		synctest.Test(t, func(t *testing.T) {
			judge, err := oracle.New("gcra", oracle.Limit{Rate: 1, Period: 5 * time.Millisecond, Burst: 3})
			if err != nil {
				t.Fatal(err)
			}
			var r tape
			tr := trial(&every{gap: time.Millisecond, n: 1000}, serverSide(3, 5*time.Millisecond, flaw), &r)
			tr.Judge = judge
			rep := mustRun(t, tr)
			v := judge.Report()
			if v.Judged != 1000 || rep.Observed.Decisions != 1000 || v.FalseAdmits+v.FalseDenials != want {
				t.Errorf("flaw at %d: %d of %d judged, %d false admits, %d false denials; want all and %d false",
					flaw, v.Judged, rep.Observed.Decisions, v.FalseAdmits, v.FalseDenials, want)
			}
		})
	}
}

// TestDroppedObservationNeverConvicts: when an admission is lost to a full
// ring, the denials that follow from it must not count against the limiter.
func TestDroppedObservationNeverConvicts(t *testing.T) {
	judge, err := oracle.New("gcra", oracle.Limit{Rate: 1, Period: time.Second, Burst: 1})
	if err != nil {
		t.Fatal(err)
	}
	ring, err := oracle.NewRing(2)
	if err != nil {
		t.Fatal(err)
	}
	w := &watch{judge: judge, ring: ring, dropped: map[string]bool{}}
	see := func(key string, outcome results.Outcome) {
		w.see(&slot{key: key, cost: 1}, 0, 0, &targets.Response{Outcome: outcome, Judged: true})
	}
	see("a", results.OK)
	see("b", results.OK)
	see("c", results.OK) // no room: lost
	batch := make([]oracle.Observation, 8)
	w.empty(batch)
	see("c", results.Rejected) // right, because of what was lost
	see("a", results.Rejected)
	w.empty(batch)
	if v := judge.Report(); v.FalseDenials != 0 || v.Judged != 3 || ring.Dropped() != 1 {
		t.Errorf("%d false denials, %d judged, %d dropped; want none of 3, and 1", v.FalseDenials, v.Judged, ring.Dropped())
	}
}

// TestCountEndsTheWindow: ten of 10/s take a second, as the eleventh would
// have been due then.
func TestCountEndsTheWindow(t *testing.T) {
	w := oneKey(t)
	var r tape
	tr := trial(Open(w.Schedule(time.Hour), 0, 10), targets.Noop{}, &r)
	tr.Virtual, tr.Window = true, time.Hour
	if rep := mustRun(t, tr); rep.Measured != 10*time.Second || rep.Partial {
		t.Errorf("measured %v, partial %v; want 10s of 1/s, whole", rep.Measured, rep.Partial)
	}
	tr = trial(Open(w.Schedule(5*time.Second), 0, 100), targets.Noop{}, &r)
	tr.Virtual, tr.Window = true, 5*time.Second
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
		tr := trial(Closed(oneKey(t).Requests(), 2, 0, 0, 500*time.Millisecond, 0), target, &r)
		tr.MaxInFlight, tr.Timeout = 2, 10*time.Millisecond
		mustRun(t, tr)
		r.conserved(t)
		if got := r.count(results.Unsent); got == 0 || got > 200 {
			t.Errorf("unsent %d in 500ms of 2 clients; want some, every %v at most", got, nap)
		}
	})
}

// TestNothingIsLostWithinOneInstant: in a bubble no goroutine is woken by the
// clock while the loop is busy, and yet every decision reaches the judge.
func TestNothingIsLostWithinOneInstant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		judge, err := oracle.New("gcra", oracle.Limit{Rate: 1, Period: time.Second, Burst: 1})
		if err != nil {
			t.Fatal(err)
		}
		const n = 4 * ringSize
		calls := 0
		target := atOnce{func(context.Context, *targets.Request) targets.Response {
			if calls++; calls == 1 {
				return targets.Response{Outcome: results.OK, Judged: true}
			}
			return targets.Response{Outcome: results.Rejected, Judged: true}
		}}
		tr := trial(&every{n: n}, target, null{})
		tr.Judge = judge
		rep := mustRun(t, tr)
		if v := judge.Report(); rep.Observed.Dropped != 0 || v.Judged != n || v.FalseAdmits+v.FalseDenials != 0 {
			t.Errorf("%d dropped, %d judged, %d false admits, %d false denials; want all %d judged and none false",
				rep.Observed.Dropped, v.Judged, v.FalseAdmits, v.FalseDenials, n)
		}
	})
}

// heard keeps what the judge is told.
type heard []oracle.Observation

func (h *heard) Observe(o oracle.Observation) { *h = append(*h, o) }

// TestPoliciesAreNotJudged: what a failure policy decided in a limiter's place
// is no decision of the limiter, which may have been charged or not.
func TestPoliciesAreNotJudged(t *testing.T) {
	var rec tape
	var judge heard
	target := atOnce{func(_ context.Context, r *targets.Request) targets.Response {
		return targets.Response{Outcome: results.OK, Judged: true, Decided: r.Now, Mode: uint8(r.Seq % 2)}
	}}
	tr := trial(&every{gap: time.Millisecond, n: 4}, target, &rec)
	tr.Virtual, tr.Judge = true, &judge
	mustRun(t, tr)
	for i, o := range judge {
		if o.Errored != (i%2 == 1) {
			t.Errorf("decision %d counts as an error: %v; want those of the policy to", i, o.Errored)
		}
	}
	if len(judge) != 4 {
		t.Errorf("the judge heard of %d decisions; want 4", len(judge))
	}
}
