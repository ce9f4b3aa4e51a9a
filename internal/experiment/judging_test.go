package experiment

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/oracle"
	"github.com/fcbench/fcbench/internal/runner"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// call is a target's answer.
type call func(*targets.Request) targets.Response

func (f call) Do(_ context.Context, _ targets.Clock, r *targets.Request) targets.Response {
	return f(r)
}

// each is n arrivals, one each gap.
type each struct {
	gap  time.Duration
	n, i int
	a    generators.Arrival
}

func (e *each) Due() (time.Duration, bool) { return time.Duration(e.i) * e.gap, e.i < e.n }
func (e *each) Take() *generators.Arrival {
	e.a = generators.Arrival{Seq: uint64(e.i), At: time.Duration(e.i) * e.gap, Key: "k", Cost: 1}
	e.i++
	return &e.a
}
func (*each) Done(time.Duration)             {}
func (*each) Err() error                     { return nil }
func (*each) Counted() (time.Duration, bool) { return 0, false }

// silent records nothing.
type silent struct{}

func (silent) Offer(time.Duration, uint8, uint32, int64) {}
func (silent) Record(*results.Sample)                    {}

// run makes a run of arrivals on a target before a judge.
func run(t *testing.T, arrivals *each, target targets.Target, judge *judging, kind results.Time) runner.Totals {
	t.Helper()
	rep, err := runner.Run(t.Context(), runner.Trial{
		Source: func(int, int) runner.Source { return arrivals }, Target: target, Record: func(int) runner.Recorder { return silent{} },
		Timeout: []time.Duration{5 * time.Second}, Drain: 5 * time.Second, MaxInFlight: 4096, Time: kind, Witnesses: []runner.Witness{judge},
	})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// jury is an oracle as a scenario's judge.
type jury struct{ *oracle.Judge }

func (j jury) Report() (oracle.Report, error) { return j.Judge.Report(), nil }

func aJury(t *testing.T, rate int64, period time.Duration, burst int64) jury {
	t.Helper()
	judge, err := oracle.NewJudge(oracle.Options{Algorithm: "gcra", Limit: oracle.Limit{Rate: rate, Period: period, Burst: burst}})
	if err != nil {
		t.Fatal(err)
	}
	return jury{judge}
}

// serverSide is a limiter behind a network: it decides in order on a clock of
// its own, and answers come back in any order.
func serverSide(bucket int64, interval time.Duration, flaw int64) call {
	lock := make(chan struct{}, 1)
	start := time.Now()
	var tat time.Duration
	var decided atomic.Int64
	return func(*targets.Request) targets.Response {
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

// TestDecisionsAreJudgedInTheServersOrder: from workers through the sequencer a
// correct limiter is never convicted, and one flaw is found once.
func TestDecisionsAreJudgedInTheServersOrder(t *testing.T) {
	for flaw, want := range map[int64]int64{0: 0, 700: 1} {
		synctest.Test(t, func(t *testing.T) {
			judge := aJury(t, 1, 5*time.Millisecond, 3)
			target := targets.Pooled(serverSide(3, 5*time.Millisecond, flaw), targets.Info{}, 0)
			rep := run(t, &each{gap: time.Millisecond, n: 1000}, target, newJudging(judge, false, results.Bubble), results.Bubble)
			v := judge.Judge.Report()
			if v.Judged != 1000 || rep.Seen.Attempts != 1000 || v.FalseAdmits+v.FalseDenials != want {
				t.Errorf("flaw at %d: %d of %d judged, %d false admits, %d false denials; want all and %d false",
					flaw, v.Judged, rep.Seen.Attempts, v.FalseAdmits, v.FalseDenials, want)
			}
		})
	}
}

// TestLostDecisionsNeverConvict: when an admission is lost, the denials that
// follow from it must not count against the limiter.
func TestLostDecisionsNeverConvict(t *testing.T) {
	judge := aJury(t, 1, time.Second, 1)
	j := newJudging(judge, true, results.Real)
	see := func(key string, o results.Outcome) {
		j.See(&runner.Attempt{Number: 1, Key: key, Cost: 1, Outcome: o, Judged: true})
	}
	see("a", results.OK)
	j.See(&runner.Attempt{Key: "c", Lost: true})
	see("c", results.Rejected) // right, because of what was lost
	see("a", results.Rejected)
	if v := judge.Judge.Report(); v.FalseDenials != 0 || v.Judged != 2 {
		t.Errorf("%d false denials, %d judged; want none of 2", v.FalseDenials, v.Judged)
	}
}

// TestNothingIsLostWithinOneInstant: in a bubble the clock wakes nobody within one.
func TestNothingIsLostWithinOneInstant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		judge := aJury(t, 1, time.Second, 1)
		const n = 1 << 18
		calls := 0
		target := targets.Inline(call(func(*targets.Request) targets.Response {
			if calls++; calls == 1 {
				return targets.Response{Outcome: results.OK, Judged: true}
			}
			return targets.Response{Outcome: results.Rejected, Judged: true}
		}), targets.Info{})
		rep := run(t, &each{n: n}, target, newJudging(judge, true, results.Bubble), results.Bubble)
		if v := judge.Judge.Report(); rep.Seen.Lost != 0 || v.Judged != n || v.FalseAdmits+v.FalseDenials != 0 {
			t.Errorf("%d lost, %d judged, %d false admits, %d false denials; want all %d judged and none false",
				rep.Seen.Lost, v.Judged, v.FalseAdmits, v.FalseDenials, n)
		}
	})
}

// heard keeps what the judge is told.
type heard struct{ all []oracle.Observation }

func (h *heard) Observe(o oracle.Observation) { h.all = append(h.all, o) }
func (*heard) Report() (oracle.Report, error) { return oracle.Report{}, nil }

// TestPoliciesAreNotJudged: what a failure policy decided in a limiter's place
// is no decision of the limiter, which may have been charged or not.
func TestPoliciesAreNotJudged(t *testing.T) {
	var judge heard
	target := targets.Inline(call(func(r *targets.Request) targets.Response {
		return targets.Response{Outcome: results.OK, Judged: true, Decided: r.Now, Mode: uint8(r.Seq % 2)}
	}), targets.Info{})
	run(t, &each{gap: time.Millisecond, n: 4}, target, newJudging(&judge, true, results.Virtual), results.Virtual)
	for i, o := range judge.all {
		if o.Errored != (i%2 == 1) {
			t.Errorf("decision %d counts as an error: %v; want those of the policy to", i, o.Errored)
		}
	}
	if len(judge.all) != 4 {
		t.Errorf("the judge heard of %d decisions; want 4", len(judge.all))
	}
}
