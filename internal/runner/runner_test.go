package runner

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// every is a source of n arrivals, one each gap.
type every struct {
	gap  time.Duration
	n, i int
	a    generators.Arrival
}

func (e *every) Due() (time.Duration, bool) { return time.Duration(e.i) * e.gap, e.i < e.n }
func (e *every) Take() *generators.Arrival {
	e.a = generators.Arrival{Seq: uint64(e.i), At: time.Duration(e.i) * e.gap, Key: "k", Cost: 1}
	e.i++
	return &e.a
}
func (e *every) Done(time.Duration) {}
func (e *every) Err() error         { return nil }

func (e *every) Counted() (time.Duration, bool) { return 0, false }

// tape keeps every sample, in order of intended time.
type tape struct {
	offered int
	samples []results.Sample
}

func (r *tape) Offer(time.Duration, uint8, uint32, int64) { r.offered++ }
func (r *tape) Record(s *results.Sample)                  { r.samples = append(r.samples, *s) }
func (r *tape) count(o results.Outcome) (n int) {
	for _, s := range r.samples {
		if s.Outcome == o {
			n++
		}
	}
	return n
}

// conserved fails unless every arrival has exactly one outcome.
func (r *tape) conserved(t *testing.T) {
	t.Helper()
	if r.offered != len(r.samples) {
		t.Errorf("offered %d arrivals, recorded %d outcomes", r.offered, len(r.samples))
	}
	slices.SortStableFunc(r.samples, func(a, b results.Sample) int { return int(a.Intended - b.Intended) })
}

func mustRun(t *testing.T, tr Trial) Totals {
	t.Helper()
	rep, err := Run(t.Context(), tr)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// TestStallExactly: a service that freezes for 50 ms at the 100th of 1000/s
// makes the arrivals of the freeze wait for what is left of it, exactly, while
// one worker alone would have hidden all but one of them.
func TestStallExactly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		thaw := 150 * time.Millisecond
		target := do(func(context.Context, *targets.Request) targets.Response {
			if at := time.Since(start); at >= 100*time.Millisecond {
				time.Sleep(thaw - at)
			}
			return ok
		})
		var r tape
		mustRun(t, trial(&every{gap: time.Millisecond, n: 300}, target, &r))
		r.conserved(t)
		for i, s := range r.samples {
			want := time.Duration(0)
			if i >= 100 && i < 150 {
				want = thaw - s.Intended
			}
			if s.ResponseTime() != want || s.SendDelay() != 0 {
				t.Fatalf("arrival %d: response time %v, send delay %v; want %v and 0", i, s.ResponseTime(), s.SendDelay(), want)
			}
		}
	})
}

// TestLateGeneratorIsNotForgiven: when the loop itself is held up, the wait
// still counts from the intended start, and shows as send delay.
func TestLateGeneratorIsNotForgiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		target := atOnce{func(context.Context, *targets.Request) targets.Response {
			if calls++; calls == 101 {
				time.Sleep(50 * time.Millisecond)
			}
			return ok
		}}
		var r tape
		mustRun(t, trial(&every{gap: time.Millisecond, n: 300}, target, &r))
		r.conserved(t)
		for i, s := range r.samples {
			want := time.Duration(0)
			if i > 100 && i < 150 {
				want = 150*time.Millisecond - s.Intended
			}
			if s.SendDelay() != want {
				t.Fatalf("arrival %d: send delay %v; want %v", i, s.SendDelay(), want)
			}
		}
	})
}

// taking is a target that takes d for an answer, and the most requests that were
// ever with it at once.
func taking(d time.Duration) (do, *atomic.Int64) {
	var now, most atomic.Int64
	return func(context.Context, *targets.Request) targets.Response {
		most.Store(max(most.Load(), now.Add(1)))
		time.Sleep(d)
		now.Add(-1)
		return ok
	}, &most
}

func TestInFlightCapCountsUnsent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target, most := taking(3500 * time.Microsecond)
		var r tape
		tr := trial(&every{gap: time.Millisecond, n: 100}, target, &r)
		tr.MaxInFlight = 1
		rep := mustRun(t, tr)
		r.conserved(t)
		if got := r.count(results.OK); got != 25 || r.count(results.Unsent) != 75 || rep.Attempts != 25 {
			t.Errorf("ok %d, unsent %d, attempts %d; want 25, 75, 25", got, r.count(results.Unsent), rep.Attempts)
		}
		if most.Load() != 1 {
			t.Errorf("%d requests were in flight at once; want 1", most.Load())
		}
	})
}

// TestTimeoutAndDrain: callers leave after their timeout; what is in flight at
// the end of the drain is timed out as well, and the loop does not wait for it.
func TestTimeoutAndDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := do(func(ctx context.Context, r *targets.Request) targets.Response {
			<-ctx.Done()
			return targets.Failure(ctx, ctx.Err())
		})
		var r tape
		tr := trial(&every{gap: 10 * time.Millisecond, n: 10}, target, &r)
		tr.Timeout, tr.Drain = []time.Duration{60 * time.Millisecond}, 30*time.Millisecond
		start := time.Now()
		mustRun(t, tr)
		r.conserved(t)
		if got := r.count(results.TimedOut); got != 10 {
			t.Fatalf("timed out %d; want all 10", got)
		}
		if first := r.samples[0]; first.ResponseTime() != 60*time.Millisecond || first.Cause != "timeout" {
			t.Errorf("first arrival waited %v for %q; want its timeout of 60ms", first.ResponseTime(), first.Cause)
		}
		if last := r.samples[9]; last.ResponseTime() != 30*time.Millisecond || last.Cause != "drain" {
			t.Errorf("last arrival waited %v for %q; want the drain of 30ms", last.ResponseTime(), last.Cause)
		}
		if took := time.Since(start); took != 120*time.Millisecond {
			t.Errorf("run took %v; want 90ms of arrivals and 30ms of drain", took)
		}
	})
}

func TestEndOfContextLeavesAPartialRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 55*time.Millisecond)
		defer cancel()
		target := do(func(context.Context, *targets.Request) targets.Response { time.Sleep(20 * time.Millisecond); return ok })
		var r tape
		tr := trial(&every{gap: 10 * time.Millisecond, n: 1000}, target, &r)
		tr.Window = 10 * time.Second
		rep, err := Run(ctx, tr)
		if err != nil || !rep.Partial {
			t.Fatalf("report %+v, error %v; want a partial run", rep, err)
		}
		r.conserved(t)
		if got := r.count(results.OK); got != 6 {
			t.Errorf("ok %d; want the 6 arrivals of 55ms, answered in the drain", got)
		}
		if rep.Measured < 50*time.Millisecond || rep.Measured > 65*time.Millisecond {
			t.Errorf("measured %v; want what was offered, about 55ms", rep.Measured)
		}
	})
}

func TestWarmupIsSentAndNotRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		target := do(func(context.Context, *targets.Request) targets.Response { calls.Add(1); return ok })
		var r tape
		tr := trial(&every{gap: time.Millisecond, n: 100}, target, &r)
		tr.Warmup, tr.Window = 30*time.Millisecond, 70*time.Millisecond
		m := &meter{}
		tr.Meter = m
		rep := mustRun(t, tr)
		r.conserved(t)
		if calls.Load() != 100 || r.offered != 70 || rep.Attempts != 70 || rep.Measured != 70*time.Millisecond {
			t.Errorf("sent %d, recorded %d, attempts %d in %v; want 100, 70, 70 in 70ms", calls.Load(), r.offered, rep.Attempts, rep.Measured)
		}
		if *m != (meter{1, 1}) {
			t.Errorf("meter was opened and closed %+v times; want once each", *m)
		}
	})
}

type meter struct{ opened, closed int }

func (m *meter) Open()  { m.opened++ }
func (m *meter) Close() { m.closed++ }

// TestClosedLoop: three clients with 10 ms of think time on a service of 5 ms
// make one request each every 15 ms, and never more than three at once.
func TestClosedLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target, most := taking(5 * time.Millisecond)
		var r tape
		requests := constant(t, 1).Requests()
		tr := trial(Closed(requests, 3, 10*time.Millisecond, 0, 150*time.Millisecond, 0), target, &r)
		mustRun(t, tr)
		r.conserved(t)
		if got := r.count(results.OK); got != 30 || most.Load() != 3 {
			t.Errorf("ok %d with at most %d at once; want 3 clients × 10 requests", got, most.Load())
		}
	})
}

func TestClosedLoopByCount(t *testing.T) {
	var r tape
	tr := trial(Closed(constant(t, 1).Requests(), 2, 0, 0, Forever, 1000), noop(), &r)
	mustRun(t, tr)
	r.conserved(t)
	if got := r.count(results.OK); got != 1000 {
		t.Errorf("ok %d; want 1000", got)
	}
}

// constant is a workload of one key, of so many arrivals a second.
func constant(t *testing.T, perSecond int64) *generators.Workload {
	t.Helper()
	p, err := generators.NewConstant(generators.ConstantConfig{Rate: units.Rate{Count: perSecond, Per: time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	w, err := generators.NewWorkload(1, []generators.Stream{{Process: p}})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestVirtualTimeRepeats: the same loop with no clock drives a blocking target
// and a simulated queue, twice with the same result, without waiting.
func TestVirtualTimeRepeats(t *testing.T) {
	for name, fresh := range map[string]func() any{
		"blocking": func() any {
			return do(func(_ context.Context, r *targets.Request) targets.Response {
				if r.Now/time.Millisecond%3 == 0 {
					return targets.Response{Outcome: results.Rejected}
				}
				return ok
			})
		},
		"simulated queue": func() any { return newDelay(t, 3*time.Millisecond, 1, 20) },
	} {
		t.Run(name, func(t *testing.T) {
			first, n := virtualDigest(t, fresh())
			second, _ := virtualDigest(t, fresh())
			if first != second || n != 5000 {
				t.Errorf("digests %x and %x over %d samples; want the same over 5000", first, second, n)
			}
		})
	}
}

func newDelay(t *testing.T, service time.Duration, servers, queue int) targets.Target {
	t.Helper()
	d, err := targets.NewDelay(targets.DelayConfig{Service: units.Duration(service), Servers: servers, Queue: queue})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func virtualDigest(t *testing.T, target any) (uint64, int) {
	var r tape
	tr := trial(&every{gap: time.Millisecond, n: 5000}, target, &r)
	tr.Time = results.Virtual
	mustRun(t, tr)
	r.conserved(t)
	h := fnv.New64a()
	for _, s := range r.samples {
		if s.SendDelay() != 0 {
			t.Fatalf("arrival of %v was sent %v late; virtual time is never late", s.Intended, s.SendDelay())
		}
		fmt.Fprint(h, s)
	}
	return h.Sum64(), len(r.samples)
}

// TestSimulatedQueueInRealTime: the same event heap, on the real clock.
func TestSimulatedQueueInRealTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r tape
		mustRun(t, trial(&every{gap: 2 * time.Millisecond, n: 100}, newDelay(t, 3*time.Millisecond, 2, 5), &r))
		r.conserved(t)
		for i, s := range r.samples {
			if s.ResponseTime() != 3*time.Millisecond {
				t.Fatalf("arrival %d took %v; want 3ms, for two servers keep up with one arrival each 2ms", i, s.ResponseTime())
			}
		}
	})
}

func TestInlinePathAllocatesNothing(t *testing.T) {
	requests := constant(t, 1).Requests()
	allocs := func(n uint64) float64 {
		return testing.AllocsPerRun(5, func() {
			var r null
			mustRun(t, trial(Closed(requests, 1, 0, 0, Forever, n), noop(), r))
		})
	}
	if few, many := allocs(100), allocs(100_000); many > few+5 {
		t.Errorf("100 requests allocate %v times, 100,000 allocate %v times; want no difference", few, many)
	}
}

type null struct{}

func (null) Offer(time.Duration, uint8, uint32, int64) {}
func (null) Record(*results.Sample)                    {}

func TestBadTrials(t *testing.T) {
	_, err := Run(t.Context(), Trial{Target: noop()})
	for _, want := range []string{"max_in_flight", "timeout"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v; want it to name %s", err, want)
		}
	}
}

// TestFreezePercentilesExactly: a service that freezes for the last second of
// every ten, at 1000/s for 20 s. A tenth of the arrivals wait for what is left of
// a freeze, so the percentiles of the response time are known to the millisecond.
func TestFreezePercentilesExactly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		target := do(func(context.Context, *targets.Request) targets.Response {
			if phase := time.Since(start) % (10 * time.Second); phase >= 9*time.Second {
				time.Sleep(10*time.Second - phase)
			}
			return ok
		})
		var r tape
		mustRun(t, trial(&every{gap: time.Millisecond, n: 20_000}, target, &r))
		r.conserved(t)
		if got := r.count(results.OK); got != 20_000 {
			t.Fatalf("ok %d of 20000, unsent %d", got, r.count(results.Unsent))
		}
		waits := make([]time.Duration, len(r.samples))
		for i, s := range r.samples {
			waits[i] = s.ResponseTime()
		}
		slices.Sort(waits)
		for share, want := range map[int]time.Duration{950: 500 * time.Millisecond, 990: 900 * time.Millisecond, 999: 990 * time.Millisecond} {
			if got := waits[share*len(waits)/1000-1]; got != want {
				t.Errorf("p%.1f is %v; want %v", float64(share)/10, got, want)
			}
		}
	})
}
