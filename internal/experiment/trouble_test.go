package experiment

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/internal/faults"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// clerk is a target and a record that count their calls, with so many workers.
type clerk struct {
	workers                 int
	opened, closed          bool
	offered, recorded, done int
}

func (c *clerk) Do(context.Context, *targets.Request) targets.Response {
	c.done++
	return targets.Response{}
}
func (c *clerk) Open(context.Context, targets.Env) error   { c.opened = true; return nil }
func (c *clerk) Close(context.Context) error               { c.closed = true; return nil }
func (c *clerk) Offer(time.Duration, uint8, uint32, int64) { c.offered++ }
func (c *clerk) Record(*results.Sample)                    { c.recorded++ }

// pooledClerk has so many of them.
type pooledClerk struct{ *clerk }

func (c pooledClerk) Workers() int { return c.workers }

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
// window that begins after 1 s, in a bubble.
func inTrouble(t *testing.T, target targets.Target, c *clerk, p *patient, check func(*testing.T, *trouble)) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		p.now = func() time.Duration { return time.Since(start) }
		plan := faults.Plan{{At: 1e8, Kind: faults.Pause, For: 1e8}}
		tr := newTrouble(plan, p, target, c, time.Second, nil)
		if err := tr.Open(t.Context(), targets.Env{Clock: p.now}); err != nil || !c.opened {
			t.Fatalf("opened is %v, %v; want the target open", c.opened, err)
		}
		check(t, tr)
	})
}

func TestTroubleBeginsWithTheWindowAndEndsWithTheRun(t *testing.T) {
	c, p := new(clerk), new(patient)
	inTrouble(t, c, c, p, func(t *testing.T, tr *trouble) {
		time.Sleep(time.Second) // of warm-up
		if len(p.notes) > 0 {
			t.Error("the fault came before the first arrival")
		}
		tr.Offer(time.Second, 0, 0, 1)
		time.Sleep(150 * time.Millisecond)
		tr.Record(&results.Sample{Intended: time.Second, Started: 1110 * time.Millisecond, Done: 1120 * time.Millisecond, Outcome: results.OK, Mode: 1, Cost: 1})
		tr.Record(&results.Sample{Intended: time.Second, Started: time.Second, Done: 1140 * time.Millisecond, Outcome: results.TimedOut})
		tr.Record(&results.Sample{Intended: time.Second, Started: 1130 * time.Millisecond, Done: 1130 * time.Millisecond, Outcome: results.Unsent})
		if err := tr.Close(t.Context()); err != nil || !c.closed || c.offered != 1 || c.recorded != 3 {
			t.Errorf("%v, %+v; want what happened passed on, and the target closed", err, c)
		}
		run := new(results.Run)
		tr.tell(t.Context(), run, 1000)
		f := run.Faults[0]
		if got := f.During.Decisions; got["fail_open"] != 1 || got[results.Undecided] != 1 || f.During.Latency.Count != 2 {
			t.Errorf("during the fault there are %+v; want one let through and one lost, and not what was never sent", f.During)
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
	c, p := new(clerk), &patient{fails: errors.New("no such luck")}
	inTrouble(t, c, c, p, func(t *testing.T, tr *trouble) {
		tr.Offer(time.Second, 0, 0, 1)
		time.Sleep(2 * time.Second)
		if err := tr.Close(t.Context()); !errors.Is(err, p.fails) || !c.closed {
			t.Errorf("%v, closed %v; want the fault's own failure, and the target closed", err, c.closed)
		}
	})
}

func TestTroubleWithoutArrivals(t *testing.T) {
	c, p := new(clerk), new(patient)
	inTrouble(t, c, c, p, func(t *testing.T, tr *trouble) {
		if err := tr.Close(t.Context()); err != nil || !c.closed || tr.watch.Results()[0].Reached {
			t.Errorf("%v, closed %v; want the target closed, and no fault", err, c.closed)
		}
	})
}

func TestTroubleTakesAsManyCallersAsItsTarget(t *testing.T) {
	c := &clerk{workers: 7}
	if n := newTrouble(nil, nil, pooledClerk{c}, c, 0, nil).Workers(); n != 7 {
		t.Errorf("workers are %d; want the target's 7", n)
	}
	if n := newTrouble(nil, nil, c, c, 0, nil).Workers(); n != math.MaxInt {
		t.Errorf("workers are %d; want no limit", n)
	}
}

func TestTroubleAllocatesNothingPerRequest(t *testing.T) {
	c, p := new(clerk), new(patient)
	inTrouble(t, c, c, p, func(t *testing.T, tr *trouble) {
		sample := &results.Sample{Intended: time.Second, Started: time.Second, Done: time.Second, Outcome: results.OK, KeyID: 100}
		tr.Offer(time.Second, 0, 100, 1)
		tr.Record(sample)
		n := testing.AllocsPerRun(100, func() {
			tr.Offer(time.Second, 0, 100, 1)
			tr.Record(sample)
		})
		if err := tr.Close(t.Context()); err != nil || n != 0 {
			t.Errorf("a request allocates %v times, %v; want none", n, err)
		}
	})
}
