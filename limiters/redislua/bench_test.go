package redislua_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/redislua"
	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"
)

// Of an open bucket everything is granted, of a shut one next to nothing.
func open() limiters.Config { return bucket(1_000_000, time.Second, 1<<31) }
func shut() limiters.Config { return bucket(1, time.Hour, 1) }

// BenchmarkAllow measures decisions on one hot key over a unix socket, most of
// them denied, by one caller and by 16 with a connection each.
func BenchmarkAllow(b *testing.B) {
	server := redisproctest.Start(b)
	for _, k := range kinds() {
		for _, callers := range []int{1, 16} {
			b.Run(fmt.Sprintf("%s/callers=%d", k.name, callers), func(b *testing.B) {
				client := redisproctest.Connect(b, server, callers)
				l := k.build(b, client, redislua.Config{Config: bucket(1000, time.Second, 1000), Prefix: k.name + ":"})
				before := evals(b, client)
				b.ReportAllocs()
				b.ResetTimer()
				call(b, []limiters.Limiter{l}, callers, b.N)
				b.StopTimer()
				b.ReportMetric(evaluated{}.and(before, evals(b, client)).perCall(), "server-µs/op")
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "decisions/s")
			})
		}
	}
}

// call has as many callers of each limiter make n calls in all.
func call(b *testing.B, of []limiters.Limiter, callers, n int) {
	var left atomic.Int64
	left.Store(int64(n))
	var wg sync.WaitGroup
	for i := range len(of) * callers {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if _, err := of[i%len(of)].Allow(context.Background(), 0, "key", 1); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func evals(b *testing.B, c redis.UniversalClient) (e evaluated) {
	b.Helper()
	text, err := c.Info(b.Context(), "commandstats").Result()
	if err != nil {
		b.Fatal(err)
	}
	_, stat, found := strings.Cut(text, "cmdstat_evalsha:")
	if _, err := fmt.Sscanf(stat, "calls=%f,usec=%f", &e.calls, &e.micros); found && err != nil {
		b.Fatal(err)
	}
	return e
}

// evaluated is how many scripts were run, and how long that took inside the server.
type evaluated struct{ calls, micros float64 }

// and adds what came between two readings.
func (e evaluated) and(before, after evaluated) evaluated {
	return evaluated{e.calls + after.calls - before.calls, e.micros + after.micros - before.micros}
}

func (e evaluated) perCall() float64 { return e.micros / max(1, e.calls) }

// BenchmarkScript compares what the scripts of GCRA here and in redis_rate take of
// the server's time, in turns.
func BenchmarkScript(b *testing.B) {
	server := redisproctest.Start(b)
	for name, limit := range map[string]limiters.Config{"allow": open(), "deny": shut()} {
		b.Run(name, func(b *testing.B) {
			client := redisproctest.Connect(b, server, 1)
			l := buckets()[0].build(b, client, redislua.Config{Config: limit, Prefix: name + ":"})
			theirs := redis_rate.NewLimiter(client)
			same := redis_rate.Limit{Rate: int(limit.Rate.Count), Period: limit.Rate.Per, Burst: int(limit.Burst)}
			var spent [2]evaluated
			turn := func(i int, call func() error) {
				before := evals(b, client)
				for range 1000 {
					if err := call(); err != nil {
						b.Fatal(err)
					}
				}
				spent[i] = spent[i].and(before, evals(b, client))
			}
			for b.Loop() {
				turn(0, func() error { _, err := l.Allow(b.Context(), 0, "key", 1); return err })
				turn(1, func() error { _, err := theirs.Allow(b.Context(), name, same); return err })
			}
			b.ReportMetric(spent[0].perCall(), "server-µs/call")
			b.ReportMetric(spent[1].perCall(), "redis_rate-µs/call")
			b.ReportMetric(spent[0].perCall()/spent[1].perCall(), "ratio")
		})
	}
}

// TestAllocations guards the cost of a call: the key under its prefix and as an
// argument, the arguments and among them the time, the command, and its reply.
func TestAllocations(t *testing.T) {
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
	each(t, func(t *testing.T, k kind) {
		l := k.injected(t, client, bucket(1000, time.Second, 100), k.name+":")
		now := time.Duration(0)
		got := testing.AllocsPerRun(200, func() {
			now += time.Millisecond
			allow(t, l, now, "key", 1)
		})
		if got > 6 {
			t.Errorf("a decision allocates %v times; want at most 6", got)
		}
	})
}
