package runner

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// kept keeps what there is in the middle, as runs.
type kept struct {
	t       *testing.T
	options results.Options
	relays  []*results.Relay
	runs    []*results.Run
	sofar   []SoFar
}

func (k *kept) record(lanes int) func(i int) Recorder {
	for range lanes {
		k.relays = append(k.relays, results.NewRelay(k.options))
	}
	return func(i int) Recorder { return k.relays[i].Shard() }
}

func (k *kept) Prepare() {
	for _, r := range k.relays {
		r.Prepare()
	}
}

func (k *kept) Turn(i int) Recorder { return k.relays[i].Turn() }

func (k *kept) Keep(s SoFar) {
	var parts []*results.Shard
	for _, r := range k.relays {
		r.Collect()
		parts = append(parts, r.Collected())
	}
	k.sofar = append(k.sofar, s)
	k.runs = append(k.runs, k.fill(s.Totals, s.Pending, parts...))
}

func (k *kept) fill(rep Totals, pending []results.Pending, parts ...*results.Shard) *results.Run {
	m, err := results.MergeEnded(k.options, pending, parts...)
	if err != nil {
		k.t.Error(err)
	}
	run := &results.Run{Attempts: rep.Attempts, RetriesDenied: rep.Denied, Partial: rep.Partial}
	m.Fill(run, rep.Measured)
	return run
}

// whole is the run at its end.
func (k *kept) whole(rep Totals) string {
	var totals []*results.Shard
	for _, r := range k.relays {
		totals = append(totals, r.Total())
	}
	text, err := json.Marshal(k.fill(rep, nil, totals...))
	if err != nil {
		k.t.Fatal(err)
	}
	return string(text)
}

// hesitant answers after a while that depends on the arrival: some time out, some
// are refused and come back, and there is no room for all. No two of the instants
// are the same.
func hesitant() targets.Target {
	return target(do(func(_ context.Context, r *targets.Request) targets.Response {
		time.Sleep(time.Duration(r.Seq%40)*time.Millisecond + time.Duration(1+r.Seq)*time.Microsecond)
		if r.Seq%3 == 0 {
			return targets.Response{Outcome: results.Rejected, RetryAfter: 15*time.Millisecond + 1001*time.Nanosecond}
		}
		return ok
	}))
}

// keeping runs a schedule of 1000/s, of which the keeper is told every so often.
func keeping(t *testing.T, lanes int, every time.Duration) (k *kept, whole string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		k = &kept{t: t, options: results.Options{Warmup: 50 * time.Millisecond, Window: 500 * time.Millisecond, Highest: 10 * time.Millisecond}}
		w := constant(t, 1000)
		tr := trial(nil, hesitant(), nil)
		tr.Lanes, tr.Source = lanes, func(i, n int) Source { return Open(w.Shard(550*time.Millisecond, i, n), 0) }
		tr.Record, tr.Warmup, tr.Window, tr.MaxInFlight = k.record(lanes), k.options.Warmup, k.options.Window, 21
		tr.Timeout, tr.Retry = []time.Duration{30 * time.Millisecond}, Retry{On: NewOutcomeSet(results.Rejected, results.TimedOut), Attempts: 3, Budget: 1}
		if every > 0 {
			tr.Keeper, tr.KeepEvery = k, every
		}
		rep, err := Run(t.Context(), tr)
		if err != nil {
			t.Fatal(err)
		}
		whole = k.whole(rep)
	})
	return k, whole
}

// TestKeeping: what is kept in the middle are runs that add up and grow, and what
// comes out in the end is the same as if nothing had been kept.
func TestKeeping(t *testing.T) {
	for _, lanes := range []int{1, 3} {
		_, want := keeping(t, lanes, 0)
		for _, every := range []time.Duration{97 * time.Millisecond, 10 * time.Second} {
			k, got := keeping(t, lanes, every)
			if got != want {
				t.Errorf("%d lanes, kept every %v:\n%s\nwant\n%s", lanes, every, got, want)
			}
			if n := len(k.runs); n < int(550*time.Millisecond/every) {
				t.Errorf("%d lanes: kept %d times in 550 ms, every %v", lanes, n, every)
			}
			k.grows(t, fmt.Sprintf("%d lanes, kept every %v", lanes, every))
		}
	}
}

// grows checks that nothing is counted that was not there, and nothing lost.
func (k *kept) grows(t *testing.T, name string) {
	t.Helper()
	var before results.Run
	pending := 0
	for i, run := range k.runs {
		var ended uint64
		for _, n := range run.Outcomes {
			ended += n
		}
		due := int(run.MeasuredNS/int64(time.Millisecond)) + 1
		known := int(run.Offered) + len(k.sofar[i].Pending)
		if run.Offered != ended || run.Offered < before.Offered || run.MeasuredNS < before.MeasuredNS || run.MeasuredNS > 0 && (known < due-3 || known > due) {
			t.Errorf("%s: %d offered with %d outcomes after %v, %d pending, %d were due", name, run.Offered, ended, time.Duration(run.MeasuredNS), len(k.sofar[i].Pending), due)
		}
		if sent := run.Offered - run.Outcomes["unsent"]; run.Attempts < sent || run.Attempts > 3*sent || !run.Partial {
			t.Errorf("%s: %d attempts of %d arrivals, partial %t", name, run.Attempts, sent, run.Partial)
		}
		before, pending = *run, pending+len(k.sofar[i].Pending)
	}
	if len(k.runs) > 0 && pending == 0 {
		t.Errorf("%s: nothing was ever pending", name)
	}
}

// TestKeepingOfALaneThatEnded: the others go on, and what it knows is kept too.
func TestKeepingOfALaneThatEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &kept{t: t, options: results.Options{Highest: time.Second}}
		tr := trial(nil, do(func(context.Context, *targets.Request) targets.Response { return ok }), nil)
		tr.Lanes, tr.Record, tr.MaxInFlight = 2, k.record(2), 100
		tr.Source = func(i, _ int) Source {
			return &every{gap: time.Millisecond, n: []int{100, 1000}[i]}
		}
		tr.Keeper, tr.KeepEvery = k, 300*time.Millisecond
		k.whole(mustRun(t, tr))
		if len(k.runs) != 3 {
			t.Fatalf("kept %d times; want 3", len(k.runs))
		}
		for i, run := range k.runs {
			if want := 100 + 300*(i+1); int(run.Offered) < want-1 || int(run.Offered) > want+1 {
				t.Errorf("kept %d arrivals; want %d, of which 100 are of the lane that ended", run.Offered, want)
			}
		}
	})
}

// TestKeeperNeedsTimeThatPasses: virtual time ends before anybody could look.
func TestKeeperNeedsTimeThatPasses(t *testing.T) {
	tr := trial(&every{}, noop(), &tape{})
	tr.Keeper, tr.Time = new(kept), results.Virtual
	if _, err := Run(t.Context(), tr); err == nil {
		t.Error("it ran")
	}
}
