package redislua_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/internal/rounds"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/conformance"
	"github.com/fcbench/fcbench/limiters/redislua"
	"github.com/redis/go-redis/v9"
)

// pipelined returns a limiter that gathers calls, with injected time.
func (k kind) pipelined(t testing.TB, client redis.UniversalClient, b limiters.Config, prefix string) limiter {
	t.Helper()
	return k.build(t, client, redislua.Config{Config: b, Prefix: prefix, InjectTime: true, Pipeline: true})
}

func TestPipelineConformance(t *testing.T) {
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
	var prefix prefixes
	b := bucket(7, 3*time.Second, 10)
	limit, err := b.Limit()
	if err != nil {
		t.Fatal(err)
	}
	fresh := func(t *testing.T) limiters.Limiter { return buckets()[0].pipelined(t, client, b, prefix.next()) }
	conformance.Run(t, fresh, limit, conformance.Options{Granularity: time.Microsecond, Concurrent: true, Decisions: rounds.Of(1_000)})
}

// TestPipelineUnderScriptFlush loses the script while many callers are asking for
// the burst, which all of them together get exactly.
func TestPipelineUnderScriptFlush(t *testing.T) {
	const callers, burst = 64, 3000
	calls := 50 + rounds.Of(50) // more than the burst in any case
	server := redisproctest.Start(t)
	client, other := redisproctest.Connect(t, server, 1), redisproctest.Connect(t, server, 1)
	each(t, func(t *testing.T, k kind) {
		l := k.pipelined(t, client, bucket(burst, 3*time.Second, burst), k.name+":")
		done := make(chan struct{})
		var wg, flusher sync.WaitGroup
		flusher.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					other.ScriptFlush(t.Context())
				}
			}
		})
		var admitted atomic.Int64
		for range callers {
			wg.Go(func() {
				for range calls {
					if allow(t, l, time.Second, "key", 1).Allowed {
						admitted.Add(1)
					}
				}
			})
		}
		wg.Wait()
		close(done)
		flusher.Wait()
		if got := admitted.Load(); got != burst {
			t.Errorf("%d of %d calls were admitted; want exactly the burst of %d", got, callers*calls, burst)
		}
	})
}

// stall has the server hold l up: one call is on its way and not answered until
// the function that is returned is called.
func stall(t *testing.T, s *redisproc.Server, l limiters.Limiter) (resume func()) {
	t.Helper()
	control := redisproctest.Connect(t, s, 1)
	if err := control.Do(t.Context(), "CLIENT", "PAUSE", "60000", "WRITE").Err(); err != nil {
		t.Fatal(err)
	}
	var first sync.WaitGroup
	first.Go(func() { allow(t, l, 0, "key", 1) })
	for !strings.Contains(control.Info(t.Context(), "clients").Val(), "blocked_clients:1\r") {
		runtime.Gosched()
	}
	return func() {
		if err := control.Do(t.Context(), "CLIENT", "UNPAUSE").Err(); err != nil {
			t.Fatal(err)
		}
		first.Wait()
	}
}

// gathered waits until as many calls wait to be sent, and returns in how many pipelines.
func gathered(l limiters.Limiter, calls int) int {
	for {
		if waiting, pipelines := l.(interface{ Gathered() (calls, pipelines int) }).Gathered(); waiting == calls {
			return pipelines
		}
		runtime.Gosched()
	}
}

// TestPipelineGathers has many callers wait for the first. They go in as few
// pipelines as hold them, which the server reads in a few pieces.
func TestPipelineGathers(t *testing.T) {
	const callers = 600
	server := redisproctest.Start(t)
	client, control := redisproctest.Connect(t, server, 1), redisproctest.Connect(t, server, 1)
	l := buckets()[0].pipelined(t, client, bucket(1, time.Hour, 1000), "run:")
	resume := stall(t, server, l)
	before := reads(t, control)
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() { allow(t, l, 0, "key", 1) })
	}
	if got := gathered(l, callers); got != 3 {
		t.Errorf("%d callers make %d pipelines; want 3", callers, got)
	}
	resume()
	wg.Wait()
	if got := reads(t, control) - before; got > callers/10 {
		t.Errorf("the server read %d times; want the %d callers to share pipelines", got, callers)
	}
	if d := allow(t, l, 0, "key", 1); d.Remaining != 1000-callers-2 {
		t.Errorf("%d remain; want each of the %d callers to have one", d.Remaining, callers)
	}
}

// reads is how often the server has read from its connections.
func reads(t *testing.T, client redis.UniversalClient) (n int) {
	t.Helper()
	_, rest, _ := strings.Cut(client.Info(t.Context(), "stats").Val(), "total_reads_processed:")
	if _, err := fmt.Sscan(rest, &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestPipelineCallersLeave has callers give up while they wait for the first.
// The others are answered, and those that left are charged nothing.
func TestPipelineCallersLeave(t *testing.T) {
	const callers = 300
	server := redisproctest.Start(t)
	client := redisproctest.Connect(t, server, 1)
	for name, c := range map[string]struct {
		leaves    func(i int) bool
		pipelines int // that are left, of two
	}{
		"every second":             {func(i int) bool { return i%2 == 0 }, 2},
		"a whole pipeline of them": {func(i int) bool { return i < 256 }, 1},
		"the last":                 {func(i int) bool { return i >= 256 }, 1},
		"everyone":                 {func(int) bool { return true }, 0},
	} {
		l := buckets()[0].pipelined(t, client, bucket(1, time.Hour, 1000), name+":")
		resume := stall(t, server, l)
		ctx, cancel := context.WithCancel(t.Context())
		var stay, leave sync.WaitGroup
		stayed := int64(0)
		for i := range callers {
			if c.leaves(i) {
				leave.Go(func() {
					if d, err := l.Allow(ctx, 0, "key", 1); !errors.Is(err, context.Canceled) || d != (limiters.Decision{}) {
						t.Errorf("%s: who left got %+v, %v", name, d, err)
					}
				})
			} else {
				stayed++
				stay.Go(func() { allow(t, l, 0, "key", 1) })
			}
			gathered(l, i+1)
		}
		cancel()
		leave.Wait()
		if got := gathered(l, int(stayed)); got != c.pipelines {
			t.Errorf("%s: %d pipelines wait; want %d, and none of nobody", name, got, c.pipelines)
		}
		resume()
		stay.Wait()
		if d := allow(t, l, 0, "key", 1); 1000-d.Remaining != stayed+2 {
			t.Errorf("%s: %d were charged; want the first, the %d that stayed, and one more", name, 1000-d.Remaining, stayed)
		}
	}
}

func TestPipelineDeadline(t *testing.T) {
	server := redisproctest.Start(t)
	client := redisproctest.Connect(t, server, 1)
	l := buckets()[0].pipelined(t, client, bucket(1, time.Hour, 100), "run:")
	resume := stall(t, server, l)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			if d, err := l.Allow(ctx, 0, "key", 1); !errors.Is(err, context.DeadlineExceeded) || d != (limiters.Decision{}) {
				t.Errorf("a slow server gave %+v, %v; want an error", d, err)
			}
		})
	}
	wg.Wait()
	resume()
	allow(t, l, 0, "key", 1)
}

// dated is a context with a deadline, of which its caller takes no notice.
type dated struct {
	context.Context
	deadline time.Time
}

func (d dated) Deadline() (time.Time, bool) { return d.deadline, true }

// TestPipelineLastDeadline: of those who go together, who has time left is answered, though
// that of another is over, whoever came first; and so is who has no deadline at all.
func TestPipelineLastDeadline(t *testing.T) {
	server := redisproctest.Start(t)
	client := redisproctest.Connect(t, server, 1)
	for name, order := range map[string][]bool{"first": {true, false}, "second": {false, true}} { // who has none left
		for other, patient := range map[string]context.Context{"a minute": dated{t.Context(), time.Now().Add(time.Minute)}, "no deadline": t.Context()} {
			l := buckets()[0].pipelined(t, client, bucket(1, time.Hour, 100), name+other+":")
			resume := stall(t, server, l)
			ctx, leave := context.WithCancel(t.Context())
			var left, stayed sync.WaitGroup
			for i, leaves := range order {
				if leaves {
					left.Go(func() {
						if d, err := l.Allow(dated{ctx, time.Now()}, 0, "key", 1); !errors.Is(err, context.Canceled) {
							t.Errorf("%s, beside %s: who left got %+v, %v", name, other, d, err)
						}
					})
				} else {
					stayed.Go(func() {
						if d, err := l.Allow(patient, 0, "key", 1); err != nil || !d.Allowed {
							t.Errorf("%s, beside %s: who stayed got %+v, %v", name, other, d, err)
						}
					})
				}
				gathered(l, i+1)
			}
			leave()
			left.Wait()
			resume()
			stayed.Wait()
		}
	}
}

// TestPipelineErrors gives each caller the error of its own key.
func TestPipelineErrors(t *testing.T) {
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
	l := buckets()[0].pipelined(t, client, bucket(1, time.Hour, 1000), "run:")
	client.SAdd(t.Context(), "run:bad", "x")
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			for j := range 20 {
				if (i+j)%4 > 0 {
					allow(t, l, 0, fmt.Sprint("good", i), 1)
				} else if d, err := l.Allow(t.Context(), 0, "bad", 1); err == nil || d != (limiters.Decision{}) {
					t.Errorf("a set under the key gave %+v, %v; want an error", d, err)
				}
			}
		})
	}
	wg.Wait()
}
