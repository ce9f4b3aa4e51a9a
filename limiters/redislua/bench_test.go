package redislua_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/redisproc"
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

// BenchmarkClient compares the rate of decisions through a limiter with that of
// redis-benchmark, which has the same script decide on the same key over as many
// connections and as deep a pipeline, in turns. With a pipeline each connection
// has a limiter and as many callers as the pipeline is deep. The best turn of each
// counts: whatever else the machine does only ever takes time.
func BenchmarkClient(b *testing.B) {
	server := startServer(b)
	for _, connections := range []int{1, 16} {
		for _, depth := range []int{1, 16} {
			b.Run(fmt.Sprintf("connections=%d/depth=%d", connections, depth), func(b *testing.B) {
				client := connect(b, server, connections)
				all := make([]limiters.Limiter, connections)
				for i := range all {
					all[i] = buckets()[0].build(b, client, redislua.Config{Config: open(), Prefix: "run:", Pipeline: depth > 1})
				}
				n := 5_000 * min(depth*connections, 16)
				call(b, all, depth, n/10)
				ours, theirs, cpu := time.Hour, time.Hour, time.Hour
				for b.Loop() {
					start, spent := time.Now(), processTime(b)
					call(b, all, depth, n)
					ours = min(ours, time.Since(start))
					cpu = min(cpu, processTime(b)-spent)
					theirs = min(theirs, redisBenchmark(b, client, connections, depth, n))
				}
				b.ReportMetric(float64(n)/ours.Seconds(), "decisions/s")
				b.ReportMetric(theirs.Seconds()/ours.Seconds(), "of-redis-benchmark")
				b.ReportMetric(float64(cpu)/float64(n), "cpu-ns/decision")
			})
		}
	}
}

// redisBenchmark returns how long n calls take redis-benchmark.
func redisBenchmark(b *testing.B, client redis.UniversalClient, connections, depth, n int) time.Duration {
	b.Helper()
	options := client.(*redis.Client).Options()
	_, socket, _ := strings.Cut(options.Addr, "unix:")
	if socket == "" {
		socket = options.Addr
	}
	sha := client.ScriptLoad(b.Context(), redislua.GCRASource()).Val()
	out, err := exec.Command("redis-benchmark", "-s", socket, "-n", strconv.Itoa(n), "-c", strconv.Itoa(connections),
		"-P", strconv.Itoa(depth), "--csv", "EVALSHA", sha, "1", "run:key", "1", "1", "1", strconv.Itoa(1<<31)).Output()
	if err != nil {
		b.Fatal(err)
	}
	records, err := csv.NewReader(strings.NewReader(string(out))).ReadAll()
	if err != nil || len(records) != 2 {
		b.Fatalf("redis-benchmark wrote %q, %v", out, err)
	}
	perSecond, err := strconv.ParseFloat(records[1][1], 64)
	if err != nil {
		b.Fatal(err)
	}
	return time.Duration(float64(n) / perSecond * float64(time.Second))
}

// processTime is the CPU that this process has used.
func processTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestAllocations guards the cost of a call. Of the nine, three are the pool's
// look at whether the connection still lives and two the command and its reply.
func TestAllocations(t *testing.T) {
	client := connect(t, startServer(t), 1)
	each(t, func(t *testing.T, k kind) {
		l := k.injected(t, client, bucket(1000, time.Second, 100), k.name+":")
		now := time.Duration(0)
		got := testing.AllocsPerRun(200, func() {
			now += time.Millisecond
			allow(t, l, now, "key", 1)
		})
		if got > 9 {
			t.Errorf("a decision allocates %v times; want at most 9", got)
		}
	})
}
