package redislua_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/redislua"
	"github.com/go-redis/redis_rate/v10"
)

// Of an open bucket everything is granted, of a shut one next to nothing.
func open() limiters.Config { return bucket(1_000_000, time.Second, 1<<31) }
func shut() limiters.Config { return bucket(1, time.Hour, 1) }

// BenchmarkAllow measures decisions on one hot key over a unix socket, most of
// them denied, by one caller and by 16 with a connection each.
func BenchmarkAllow(b *testing.B) {
	server := startServer(b)
	for _, k := range kinds() {
		for _, callers := range []int{1, 16} {
			b.Run(fmt.Sprintf("%s/callers=%d", k.name, callers), func(b *testing.B) {
				client := connect(b, server, callers)
				l := k.build(b, client, redislua.Config{Config: bucket(1000, time.Second, 1000), Prefix: k.name + ":"})
				before := evals(b, server)
				b.ReportAllocs()
				b.ResetTimer()
				call(b, []limiters.Limiter{l}, callers, b.N)
				b.StopTimer()
				b.ReportMetric(evals(b, server).Sub(before).MicrosPerCall(), "server-µs/op")
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

func evals(b *testing.B, s *redisproc.Server) redisproc.CommandStat {
	b.Helper()
	stats, err := s.CommandStats(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	return stats["evalsha"]
}

// BenchmarkScript compares what the scripts of GCRA here and in redis_rate take of
// the server's time, in turns.
func BenchmarkScript(b *testing.B) {
	server := startServer(b)
	for name, limit := range map[string]limiters.Config{"allow": open(), "deny": shut()} {
		b.Run(name, func(b *testing.B) {
			client := connect(b, server, 1)
			l := buckets()[0].build(b, client, redislua.Config{Config: limit, Prefix: name + ":"})
			theirs := redis_rate.NewLimiter(client)
			same := redis_rate.Limit{Rate: int(limit.Rate.Count), Period: limit.Rate.Per, Burst: int(limit.Burst)}
			var spent [2]redisproc.CommandStat
			turn := func(i int, call func() error) {
				before := evals(b, server)
				for range 1000 {
					if err := call(); err != nil {
						b.Fatal(err)
					}
				}
				more := evals(b, server).Sub(before)
				spent[i].Calls, spent[i].Time = spent[i].Calls+more.Calls, spent[i].Time+more.Time
			}
			for b.Loop() {
				turn(0, func() error { _, err := l.Allow(b.Context(), 0, "key", 1); return err })
				turn(1, func() error { _, err := theirs.Allow(b.Context(), name, same); return err })
			}
			b.ReportMetric(spent[0].MicrosPerCall(), "server-µs/call")
			b.ReportMetric(spent[1].MicrosPerCall(), "redis_rate-µs/call")
			b.ReportMetric(spent[0].MicrosPerCall()/spent[1].MicrosPerCall(), "ratio")
		})
	}
}

// TestAllocations guards the cost of a call: the key under its prefix and as an
// argument, the arguments and among them the time, the command, and its reply.
func TestAllocations(t *testing.T) {
	client := connect(t, startServer(t), 1)
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
