package runner

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// laned runs a schedule of 1000/s in so many lanes and returns what was recorded
// in all of them, by position of the arrival.
func laned(t *testing.T, lanes int, source func(w *generators.Workload, i, n int) Source, change func(*Trial)) (Totals, *tape) {
	t.Helper()
	w := constant(t, 1000)
	tapes := make([]tape, lanes)
	tr := trial(nil, do(func(context.Context, *targets.Request) targets.Response { return ok }), nil)
	tr.Lanes, tr.Source = lanes, func(i, n int) Source { return source(w, i, n) }
	tr.Record = func(i int) Recorder { return &tapes[i] }
	change(&tr)
	rep := mustRun(t, tr)
	all := new(tape)
	for i := range tapes {
		all.offered += tapes[i].offered
		all.samples = append(all.samples, tapes[i].samples...)
	}
	all.conserved(t)
	return rep, all
}

// TestLanesShareOneSchedule: whatever their number, the same arrivals are sent,
// each once, with and without a warm-up, a count and a cap.
func TestLanesShareOneSchedule(t *testing.T) {
	for _, count := range []uint64{0, 7, 300} {
		for _, warmup := range []time.Duration{0, 100 * time.Millisecond} {
			var first string
			for _, lanes := range []int{1, 2, 3, 7} {
				synctest.Test(t, func(t *testing.T) {
					horizon := warmup + 500*time.Millisecond
					var end uint64
					if count > 0 {
						end = uint64(warmup/time.Millisecond) + count
					}
					rep, all := laned(t, lanes, func(w *generators.Workload, i, n int) Source {
						return Open(w.Shard(horizon, i, n), end)
					}, func(tr *Trial) { tr.Warmup, tr.Window = warmup, 500*time.Millisecond })
					var due []time.Duration
					for _, s := range all.samples {
						due = append(due, s.Intended)
					}
					got := fmt.Sprint(due, rep.Attempts, rep.Punctual, rep.Measured, rep.Partial)
					if first == "" {
						first = got
					}
					if got != first || !slices.IsSorted(due) || len(due) == 0 {
						t.Errorf("count %d, warm-up %v, %d lanes: %.200s; want what one lane sends, %.200s", count, warmup, lanes, got, first)
					}
				})
			}
		}
	}
}

// TestLanesShareClients: as many requests are in flight as there are clients, and
// a count is one of all lanes.
func TestLanesShareClients(t *testing.T) {
	for _, lanes := range []int{1, 2, 5} {
		synctest.Test(t, func(t *testing.T) {
			inFlight, most := make(chan int, 1), 0
			inFlight <- 0
			move := func(by int) {
				n := <-inFlight + by
				most = max(most, n)
				inFlight <- n
			}
			_, all := laned(t, lanes, func(w *generators.Workload, i, n int) Source {
				part := func(total int) int { return targets.Share(total, i, n) }
				return Closed(w.RequestShard(i, n), part(5), 0, 0, Forever, uint64(part(100)))
			}, func(tr *Trial) {
				tr.MaxInFlight = 5
				tr.Target = target(do(func(context.Context, *targets.Request) targets.Response {
					move(1)
					time.Sleep(10 * time.Millisecond)
					move(-1)
					return ok
				}))
			})
			if len(all.samples) != 100 || most != 5 {
				t.Errorf("%d lanes: %d requests, %d at once; want 100, and 5", lanes, len(all.samples), most)
			}
		})
	}
}

func TestLanesNeedTheWorldsTime(t *testing.T) {
	tr := trial(&every{}, noop(), new(tape))
	tr.Lanes, tr.Time = 2, results.Virtual
	if _, err := Run(t.Context(), tr); err == nil {
		t.Error("two lanes move one virtual clock")
	}
	tr.Time, tr.MaxInFlight = results.Real, 1
	if _, err := Run(t.Context(), tr); err == nil {
		t.Error("two lanes share one request in flight")
	}
	tr.Target, tr.MaxInFlight = newDelay(t, time.Millisecond, 1, 1), 10
	if _, err := Run(t.Context(), tr); err == nil {
		t.Error("two lanes share one queue")
	}
}

// TestTimeoutsByClass: whoever waits less leaves first, in whatever order they came.
func TestTimeoutsByClass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r tape
		tr := trial(&classes{n: 6}, do(func(ctx context.Context, _ *targets.Request) targets.Response {
			<-ctx.Done()
			return targets.Failure(ctx, ctx.Err())
		}), &r)
		tr.Timeout = []time.Duration{50 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond}
		mustRun(t, tr)
		r.conserved(t)
		for i, s := range r.samples {
			if want := tr.Timeout[min(i%4, 2)]; s.Outcome != results.TimedOut || s.ResponseTime() != want {
				t.Errorf("arrival %d of class %d ended %v after %v; want timed_out after %v", i, s.Class, s.Outcome, s.ResponseTime(), want)
			}
		}
	})
}

// classes are arrivals of four classes in turn, one each millisecond.
type classes struct {
	n int
	every
}

func (c *classes) Due() (time.Duration, bool) {
	return time.Duration(c.i) * time.Millisecond, c.i < c.n
}

func (c *classes) Take() *generators.Arrival {
	c.a = generators.Arrival{Seq: uint64(c.i), At: time.Duration(c.i) * time.Millisecond, Key: "k", Cost: 1, Class: uint8(c.i % 4)}
	c.i++
	return &c.a
}
