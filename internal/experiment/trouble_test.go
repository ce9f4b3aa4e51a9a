package experiment

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/internal/faults"
	"github.com/fcbench/fcbench/internal/runner"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// patient is a server that notes when it was paused and resumed.
type patient struct {
	faults.Server
	now   targets.Clock
	notes []time.Duration
	fails error
}

func (p *patient) Pause() error  { p.notes = append(p.notes, p.now()); return p.fails }
func (p *patient) Resume() error { p.notes = append(p.notes, p.now()); return nil }

// inTrouble calls check with a run that is paused from 100 ms to 200 ms of a
// window that begins after 1 s, in a bubble, and with what ends it.
func inTrouble(t *testing.T, p *patient, check func(*testing.T, *trouble, func() error)) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		p.now = func() time.Duration { return time.Since(start) }
		plan := faults.Sequence{{At: 1e8, Kind: faults.Pause, For: 1e8}}
		tr := newTrouble(plan, p, time.Second, nil)
		check(t, tr, tr.during(t.Context(), p.now))
	})
}

// TestTroubleBeginsWithTheWindowAndEndsWithTheRun, whether anything arrives or not.
func TestTroubleBeginsWithTheWindowAndEndsWithTheRun(t *testing.T) {
	p := new(patient)
	inTrouble(t, p, func(t *testing.T, tr *trouble, stop func() error) {
		time.Sleep(1150 * time.Millisecond)
		const ms = time.Millisecond
		first := runner.Attempt{Number: 1, Measured: true, Intended: time.Second, Due: time.Second}
		see := func(number uint32, due, called, returned time.Duration, o results.Outcome, mode uint8) {
			a := first
			a.Number, a.Due, a.Called, a.Returned, a.Outcome, a.Mode, a.Cost = number, due, called, returned, o, mode, 1
			tr.See(&a)
		}
		see(1, time.Second, 1110*ms, 1120*ms, results.OK, 1)
		see(1, time.Second, time.Second, 1140*ms, results.TimedOut, 0)
		see(0, time.Second, 1130*ms, 1130*ms, results.Unsent, 0)
		see(2, 1140*ms, 1140*ms, 1145*ms, results.OK, 1) // tried again: its own wait, not its arrival's
		warm := first
		warm.Measured = false
		tr.See(&warm)
		if err := stop(); err != nil {
			t.Error(err)
		}
		run := new(results.Run)
		tr.tell(t.Context(), run, 1000)
		f := run.Faults[0]
		if got := f.During.Decisions; got["fail_open"] != 2 || got[results.Undecided] != 1 || f.During.Latency.Count != 3 {
			t.Errorf("during the fault there are %+v; want two let through and one lost, and not what was never sent or not measured", f.During)
		}
		if p50 := time.Duration(f.During.Latency.P50NS); p50 < 119*ms || p50 > 124*ms || f.During.Latency.MaxNS != int64(140*ms) {
			t.Errorf("latencies are %+v; want 5ms, 120ms and 140ms", f.During.Latency)
		}
		if !f.Cut || run.Goroutines.Left() != 0 {
			t.Errorf("fault is %+v, goroutines %+v; want it cut short, and none left", f, run.Goroutines)
		}
	})
	if want := []time.Duration{1100 * time.Millisecond, 1150 * time.Millisecond}; !slices.Equal(p.notes, want) {
		t.Errorf("paused and resumed at %v; want %v", p.notes, want)
	}
}

func TestTroubleTellsWhatWentWrong(t *testing.T) {
	p := &patient{fails: errors.New("no such luck")}
	inTrouble(t, p, func(t *testing.T, _ *trouble, stop func() error) {
		time.Sleep(2 * time.Second)
		if err := stop(); !errors.Is(err, p.fails) {
			t.Errorf("%v; want the fault's own failure", err)
		}
	})
}

func TestTroubleThatIsNotReached(t *testing.T) {
	inTrouble(t, new(patient), func(t *testing.T, tr *trouble, stop func() error) {
		if err := stop(); err != nil || tr.watch.Results()[0].Reached {
			t.Errorf("%v; want no fault", err)
		}
	})
}

func TestTroubleAllocatesNothingPerRequest(t *testing.T) {
	inTrouble(t, new(patient), func(t *testing.T, tr *trouble, stop func() error) {
		a := &runner.Attempt{Number: 1, Measured: true, Intended: time.Second, Due: time.Second, Called: time.Second, Returned: time.Second, Outcome: results.OK, KeyID: 100}
		tr.See(a)
		if n := testing.AllocsPerRun(100, func() { tr.See(a) }); n != 0 {
			t.Errorf("a request allocates %v times; want none", n)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}
