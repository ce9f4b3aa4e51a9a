package live_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/pipelines/live"
	"github.com/fcbench/fcbench/pipelines/sim"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// TestBatchesAreTimelyAsSimulated: on exact timers batches are what they are in virtual
// time. Several workers whom one leaves the door for come back to it in any order, so
// that only one may stand there.
func TestBatchesAreTimelyAsSimulated(t *testing.T) {
	const n = 500
	batches := func(s sim.Stage, n int, setup time.Duration) sim.Stage {
		s.Batch, s.Setup = n, setup
		return s
	}
	for name, stages := range map[string][]sim.Stage{
		"no door":  {batches(drawn(t, 4, 10), 5, 7*ms), batches(drawn(t, 3, n), 3, 3*ms), drawn(t, 9, n)},
		"one door": {batches(drawn(t, 1, 10), 5, 7*ms), batches(drawn(t, 1, 2), 3, 3*ms), drawn(t, 1, 1)},
	} {
		target := newTarget(t, sim.Config{Stages: stages})
		virtual := allAtOnce(t, target, targets.Env{Time: results.Virtual, Wait: func(_, until time.Duration) time.Duration { return until }}, n)
		want := account(t, target)
		synctest.Test(t, func(t *testing.T) {
			took := allAtOnce(t, target, targets.Env{Time: results.Bubble, Clock: stopwatch(), Wait: func(now, until time.Duration) time.Duration { time.Sleep(until - now); return until }}, n)
			if got := account(t, target); took != virtual || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %d items took %v, with %+v; want %v and %+v", name, n, took, got, virtual, want)
			}
		})
	}
}

// ends counts what became of items, by name.
type ends map[string]int

func (e ends) Done(time.Duration, *pipelines.Item)                 { e["done"]++ }
func (e ends) Dropped(_ time.Duration, all []pipelines.Drop)       { e["dropped"] += len(all) }
func (e ends) Failed(_ time.Duration, it *pipelines.Item, _ error) { e["failed"]++ }

// batched runs 10 items that are there at once through a stage of batches of 4, of which
// the first is alone. work is told which batch it is.
func batched(t *testing.T, goesOn bool, work func(n int) error) (sizes []int, r live.Report, e ends) {
	t.Helper()
	e = ends{}
	synctest.Test(t, func(t *testing.T) {
		clock := stopwatch()
		serve := func(ctx context.Context, begin time.Duration, items []pipelines.Item) (time.Duration, error) {
			sizes = append(sizes, len(items))
			time.Sleep(10 * ms)
			return clock(), work(len(sizes))
		}
		p, err := live.Start(t.Context(), live.Config{Clock: clock, GoesOn: goesOn, Ends: e, Stages: []live.Stage{
			{Name: "writer", Policy: block(t, 20), Workers: 1, Batch: 4, Together: serve},
		}})
		if err != nil {
			t.Fatal(err)
		}
		for range 10 {
			p.Offer(0, &pipelines.Item{})
		}
		r = p.Drain(time.Second)
	})
	return sizes, r, e
}

func sizesAre(t *testing.T, got []int, want ...int) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Errorf("batches are of %d; want %d", got, want)
			return
		}
	}
}

// TestBatchOutcomes: all of a batch have the outcome of their batch, each once; an error
// ends the pipeline, a panic the batch where the run goes on.
func TestBatchOutcomes(t *testing.T) {
	sizes, r, e := batched(t, false, func(int) error { return nil })
	sizesAre(t, sizes, 1, 4, 4, 1)
	if r.Done != 10 || r.Cut != 0 || r.Cause != nil || e["done"] != 10 {
		t.Errorf("the report is %+v, and the ends are %v; want all 10 done", r, e)
	}
	sizes, r, e = batched(t, false, func(n int) error {
		if n == 2 {
			return errors.New("disk full")
		}
		return nil
	})
	sizesAre(t, sizes, 1, 4)
	if r.Done != 1 || r.Failed != 4 || r.Cut != 5 || e["failed"] != 4 || r.Cause == nil || !strings.Contains(r.Cause.Error(), "writer: disk full") {
		t.Errorf("the report is %+v, and the ends are %v; want 1 done, 4 failed, 5 cut", r, e)
	}
	sizes, r, e = batched(t, true, func(n int) error {
		if n == 2 {
			panic("bad record")
		}
		return nil
	})
	sizesAre(t, sizes, 1, 4, 4, 1)
	if r.Done != 6 || r.Failed != 4 || r.Panics != 1 || r.Cut != 0 || e["failed"] != 4 || e["done"] != 6 {
		t.Errorf("the report is %+v, and the ends are %v; want 6 done, 4 failed by one panic", r, e)
	}
}

// TestSetBatch: it holds for what is taken next.
func TestSetBatch(t *testing.T) {
	var sizes []int
	var p *live.Pipeline
	synctest.Test(t, func(t *testing.T) {
		clock := stopwatch()
		serve := func(ctx context.Context, begin time.Duration, items []pipelines.Item) (time.Duration, error) {
			if sizes = append(sizes, len(items)); len(sizes) == 2 {
				if err := p.SetBatch(0, 6); err != nil {
					t.Error(err)
				}
			}
			time.Sleep(10 * ms)
			return clock(), nil
		}
		p, _ = live.Start(t.Context(), live.Config{Clock: clock, Stages: []live.Stage{
			{Policy: block(t, 20), Workers: 1, Batch: 2, Together: serve},
			{Policy: block(t, 20), Workers: 1, Work: live.Untimed(clock, func(context.Context, *pipelines.Item) error { return nil })},
		}})
		for range 12 {
			p.Offer(0, &pipelines.Item{})
		}
		p.Drain(time.Second)
	})
	sizesAre(t, sizes, 1, 2, 6, 3)
	for _, c := range []struct {
		stage, n int
		want     string
	}{{0, 0, "batch is 0; want 1 to"}, {0, 1<<20 + 1, "batch is 1048577"}, {1, 2, "and 1 where items are served one by one"}, {2, 1, "stage is 2; want 0 to 1"}} {
		if err := p.SetBatch(c.stage, c.n); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("batches of %d in stage %d: error is %v; want %s", c.n, c.stage, err, c.want)
		}
	}
}

// TestBatchOfThoseWhoWait: who waits while several come at once takes as many as a worker
// takes then, also when that has changed meanwhile.
func TestBatchOfThoseWhoWait(t *testing.T) {
	for now, want := range map[int][]int{4: {1, 3}, 2: {1, 2, 1}, 1: {1, 1, 1, 1}} {
		synctest.Test(t, func(t *testing.T) {
			policy, err := pipelines.NewBroker(pipelines.BrokerConfig{
				Config: pipelines.Config{Capacity: 9}, Partition: 9, MaxPoll: 9, Fetch: units.Duration(10 * ms), High: 9, Memory: 1 << 20,
			})
			if err != nil {
				t.Fatal(err)
			}
			var sizes []int
			clock := stopwatch()
			p, err := live.Start(t.Context(), live.Config{Clock: clock, Stages: []live.Stage{{
				Policy: policy, Workers: 1, Batch: 4,
				Together: live.TimedTogether(clock, func(begin time.Duration, items []pipelines.Item) time.Duration {
					sizes = append(sizes, len(items))
					return begin + ms
				}),
			}}})
			if err != nil {
				t.Fatal(err)
			}
			for range 4 { // of whom the first fetch brings one, and the next three
				p.Offer(0, &pipelines.Item{})
			}
			time.Sleep(15 * ms)
			if err := p.SetBatch(0, now); err != nil {
				t.Fatal(err)
			}
			if r := p.Drain(time.Hour); r.Done != 4 || !slices.Equal(sizes, want) {
				t.Errorf("up to %d at once: batches of %v, %d done; want %v", now, sizes, r.Done, want)
			}
		})
	}
}
