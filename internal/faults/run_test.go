package faults

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/redislua"
	"github.com/fcbench/fcbench/results"
)

const (
	workers  = 4
	patience = 150 * time.Millisecond // far more than Slow delays, and half of Pause
)

// open is a limiter that lets everything pass which its own cannot decide in time.
type open struct{ limiters.Limiter }

func (o open) Allow(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	d, err := o.Limiter.Allow(ctx, now, key, n)
	if err != nil {
		return limiters.Decision{Allowed: true, Mode: limiters.FailOpen}, nil
	}
	return d, nil
}

// TestRun puts a Redis through every fault under load. What it asserts does not
// depend on the speed of the machine, but for a recovery within a second.
func TestRun(t *testing.T) {
	const window = 4500 * time.Millisecond
	sequence, problems := NewSequence([]Config{
		{At: seconds(0.3), Kind: Kill, For: seconds(0.4)},
		{At: seconds(1.0), Kind: Pause, For: seconds(0.3)},
		{At: seconds(1.6), Kind: Slow, For: seconds(0.2), Delay: seconds(0.02)},
		{At: seconds(2.1), Kind: ReadOnly, For: seconds(0.2)},
		{At: seconds(2.6), Kind: OutOfMemory, For: seconds(0.2)},
		{At: seconds(3.1), Kind: FlushScripts},
		{At: seconds(3.5), Kind: ResetConnections},
		{At: seconds(3.9), Kind: Evict, For: seconds(0.2)},
	}, window)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	before := runtime.NumGoroutine()
	clock := clock()
	made, all := load(t, clock, sequence, window)
	if left := Left(t.Context(), before, clock); left.After > left.Before {
		t.Errorf("%d goroutines are left; want the %d of before", left.After, left.Before)
	}
	counted := all[0].Before.Latency.Count
	for i := range all {
		r := &all[i]
		t.Logf("%s: %v, %+v, recovered after %v", r.Kind, r.During, r.Limit, time.Duration(r.RecoveryNS))
		counted += r.During.Latency.Count + r.After.Latency.Count
		if !r.Reached || !r.Recovered || r.RecoveryNS > int64(time.Second) {
			t.Errorf("after %s: recovered is %v after %v; want at most a second", r.Kind, r.Recovered, time.Duration(r.RecoveryNS))
		}
	}
	if counted != made {
		t.Errorf("%d decisions are counted; want the %d that were made", counted, made)
	}
	for i, want := range []string{"fail_open", "fail_open", "primary", "fail_open", "fail_open"} {
		if d := all[i].During.Decisions; d[want] == 0 {
			t.Errorf("during %s %v decided; want some %s", all[i].Kind, d, want)
		}
	}
	if slow := all[2]; slow.During.Latency.MaxNS < int64(20*time.Millisecond) || slow.Limit == nil || slow.Limit.Excess != 0 {
		t.Errorf("slow: %+v, %+v; want 20ms of latency and the limit kept", slow.During, slow.Limit)
	}
	if kill := all[0]; kill.Limit == nil || kill.Limit.Excess == 0 {
		t.Errorf("kill: %+v; want more let through than the limit", kill.Limit)
	}
}

// load has workers ask a Redis limiter, one request a millisecond each, while
// sequence is carried out, and returns how many decisions were made.
func load(t *testing.T, clock Clock, sequence Sequence, window time.Duration) (made uint64, all []results.Fault) {
	server, err := redisproc.Start(t.Context(), redisproc.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	}()
	if server.Info().Mode != redisproc.Private {
		t.Fatal("redis-server is not on PATH; install it with `apt-get install redis-server` or `make deps`")
	}
	client := server.Client(redisproc.ClientOptions{Connections: workers})
	defer client.Close()
	limiter, err := redislua.NewGCRA(client, redislua.Config{
		Config: limiters.Config{Rate: units.Rate{Count: 100, Per: time.Second}, Burst: 20}, Prefix: "fcbench-test:",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := limiter.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	origin := clock.Now()
	watch := NewWatch(sequence, origin, limiter.Bound)
	injection := sequence.Inject(t.Context(), server, clock, origin, watch)
	for o := range ask(t.Context(), clock, open{limiter}, origin+window, &made) {
		watch.Observe(&o)
	}
	if err := injection.Stop(); err != nil {
		t.Error(err)
	}
	return atomic.LoadUint64(&made), watch.Results()
}

// ask yields what the workers observe until the clock shows until.
func ask(ctx context.Context, clock Clock, limiter limiters.Limiter, until time.Duration, made *uint64) <-chan Observation {
	answers := make(chan Observation, workers)
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for clock.Now() < until && ctx.Err() == nil {
				o := Observation{Called: clock.Now()}
				d, err := limiter.Allow(ctx, o.Called, "k", 1)
				o.Due, o.Done, o.Mode, o.Failed = o.Called, clock.Now(), d.Mode, err != nil
				if d.Allowed {
					o.Admitted = 1
				}
				atomic.AddUint64(made, 1)
				answers <- o
				_ = wait(ctx, time.Millisecond)
			}
		})
	}
	go func() { all.Wait(); close(answers) }()
	return answers
}
