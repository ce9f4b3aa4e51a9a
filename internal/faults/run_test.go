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
	patience = 50 * time.Millisecond
)

// stopping is a server that says whether it is paused. No call is under way then
// that was made before.
type stopping struct {
	*redisproc.Server
	calls  sync.RWMutex // held for reading by each call
	paused bool
}

func (s *stopping) Pause() error  { return s.pause(true, s.Server.Pause) }
func (s *stopping) Resume() error { return s.pause(false, s.Server.Resume) }

func (s *stopping) pause(on bool, do func() error) error {
	s.calls.Lock()
	defer s.calls.Unlock()
	s.paused = on
	return do()
}

// open is a limiter that lets everything pass which its own cannot decide. It loses
// patience with a server that is paused, and never with a machine that is busy.
type open struct {
	limiters.Limiter
	server *stopping
}

func (o open) Allow(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	o.server.calls.RLock()
	defer o.server.calls.RUnlock()
	if o.server.paused {
		limited, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		ctx = limited
	}
	d, err := o.Limiter.Allow(ctx, now, key, n)
	if err != nil {
		return limiters.Decision{Allowed: true, Mode: limiters.FailOpen}, nil
	}
	return d, nil
}

// progress is how many decisions are made at least before a fault, while it lasts,
// and after it: in most of them no worker was at one of before.
const progress = 10 * workers

// inProgress is clock, on which nothing is over before so many decisions are made.
func inProgress(clock Clock, made *atomic.Uint64) Clock {
	return Clock{Now: clock.Now, Wait: func(ctx context.Context, d time.Duration) error {
		err := clock.Wait(ctx, d)
		for enough := made.Load() + progress; err == nil && made.Load() < enough; {
			err = clock.Wait(ctx, time.Millisecond)
		}
		return err
	}}
}

// TestRun puts a Redis through every fault under load. What it asserts does not
// depend on the speed of the machine.
func TestRun(t *testing.T) {
	const window = 5 * time.Second
	sequence, problems := NewSequence([]Config{
		{At: seconds(0.3), Kind: Pause, For: seconds(0.3)},
		{At: seconds(0.9), Kind: Slow, For: seconds(0.2), Delay: seconds(0.02)},
		{At: seconds(1.4), Kind: ReadOnly, For: seconds(0.2)},
		{At: seconds(1.9), Kind: OutOfMemory, For: seconds(0.2)},
		{At: seconds(2.4), Kind: FlushScripts},
		{At: seconds(2.8), Kind: ResetConnections},
		{At: seconds(3.2), Kind: Evict, For: seconds(0.2)},
		{At: seconds(3.9), Kind: Failover, For: seconds(0.2)},
		{At: seconds(4.3), Kind: Kill, For: seconds(0.4)}, // the last: nothing says how soon a server starts again
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
		if !r.Reached || !r.Recovered {
			t.Errorf("after %s: recovered is %v after %v; want it to be", r.Kind, r.Recovered, time.Duration(r.RecoveryNS))
		}
		// Each worker may find one connection dead: there are no more of them. Decisions that
		// were asked for before the end belong to the fault.
		if n := r.After.Latency.Count - r.After.Decisions["primary"]; n > workers {
			t.Errorf("after %s others decided %d times, %v; want the limiter itself at once", r.Kind, n, r.After.Decisions)
		}
	}
	if counted != made {
		t.Errorf("%d decisions are counted; want the %d that were made", counted, made)
	}
	for i, want := range []string{"fail_open", "primary", "fail_open", "fail_open", 8: "fail_open"} {
		if d := all[i].During.Decisions; want != "" && d[want] == 0 {
			t.Errorf("during %s %v decided; want some %s", all[i].Kind, d, want)
		}
	}
	if slow := all[1]; slow.During.Latency.MaxNS < int64(20*time.Millisecond) || slow.Limit == nil || slow.Limit.Excess != 0 {
		t.Errorf("slow: %+v, %+v; want 20ms of latency and the limit kept", slow.During, slow.Limit)
	}
	if f := all[7]; f.Lost == nil || *f.Lost < 0 {
		t.Errorf("failover: lost is %v; want what the limiter took meanwhile", f.Lost)
	}
	if kill := all[8]; kill.Limit == nil || kill.Limit.Excess == 0 {
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
		Config: limiters.Config{Rate: units.Rate{Count: 10, Per: time.Second}, Burst: 5}, Prefix: "fcbench-test:",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := limiter.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	origin := clock.Now()
	watch := NewWatch(sequence, origin, limiter.Bound)
	pausable, asked := &stopping{Server: server}, new(atomic.Uint64)
	injection := sequence.Inject(t.Context(), pausable, inProgress(clock, asked), origin, watch)
	over := func() bool {
		select {
		case <-injection.done:
			return clock.Now() >= origin+window
		default:
			return false
		}
	}
	for o := range ask(t.Context(), clock, open{limiter, pausable}, over, asked) {
		watch.Observe(&o)
	}
	if err := injection.Stop(); err != nil {
		t.Error(err)
	}
	return asked.Load(), watch.Results()
}

// ask yields what the workers observe until all is over, and the limiter itself has
// decided again.
func ask(ctx context.Context, clock Clock, limiter limiters.Limiter, over func() bool, made *atomic.Uint64) <-chan Observation {
	answers := make(chan Observation, workers)
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for primary, last := false, false; ctx.Err() == nil && (!primary || !last); {
				last = over()
				o := Observation{Called: clock.Now()}
				d, err := limiter.Allow(ctx, o.Called, "k", 1)
				o.Due, o.Done, o.Mode, o.Failed = o.Called, clock.Now(), d.Mode, err != nil
				primary = err == nil && d.Mode == limiters.Primary
				if d.Allowed {
					o.Admitted = 1
				}
				made.Add(1)
				answers <- o
				_ = wait(ctx, time.Millisecond)
			}
		})
	}
	go func() { all.Wait(); close(answers) }()
	return answers
}
