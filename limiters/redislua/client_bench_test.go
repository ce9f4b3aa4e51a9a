//go:build unix

package redislua_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/redislua"
	"github.com/redis/go-redis/v9"
)

// BenchmarkClient compares the rate of decisions with that of redis-benchmark,
// which has the same script decide on the same key over as many connections and as
// deep a pipeline, in turns: through a limiter, and through go-redis with nothing
// around it, which is the most that a limiter could reach. With a pipeline each
// connection has a limiter and as many callers as the pipeline is deep, or one
// goroutine with a pipeline of its own. As redis-benchmark has one thread, -cpu 1
// compares like with like. What counts is the median of the turns.
func BenchmarkClient(b *testing.B) {
	server := redisproctest.Start(b)
	for _, connections := range []int{1, 16} {
		for _, depth := range []int{1, 16} {
			client := redisproctest.Connect(b, server, connections)
			all := make([]limiters.Limiter, connections)
			for i := range all {
				all[i] = buckets()[0].build(b, client, redislua.Config{Config: open(), Prefix: "run:", Pipeline: depth > 1})
			}
			run := func(name string, decide func(n int)) {
				b.Run(fmt.Sprintf("connections=%d/depth=%d/%s", connections, depth, name), func(b *testing.B) {
					compare(b, client, connections, depth, decide)
				})
			}
			run("limiter", func(n int) { call(b, all, depth, n) })
			run("go-redis", func(n int) { bare(b, client, connections, depth, n) })
		}
	}
}

// compare lets decide and redis-benchmark make as many decisions each, in turns.
func compare(b *testing.B, client redis.UniversalClient, connections, depth int, decide func(n int)) {
	n := 6_400 * min(depth*connections, 16)
	decide(n / 10)
	var rates, ratios, cpus []float64
	for b.Loop() {
		start, spent := time.Now(), processTime(b)
		decide(n)
		ours, cpu := time.Since(start), processTime(b)-spent
		theirs := redisBenchmark(b, client, connections, depth, n)
		rates = append(rates, float64(n)/ours.Seconds())
		ratios = append(ratios, theirs.Seconds()/ours.Seconds())
		cpus = append(cpus, float64(cpu)/float64(n))
	}
	for _, all := range [][]float64{rates, ratios, cpus} {
		slices.Sort(all)
	}
	b.ReportMetric(0, "ns/op") // of both together
	b.ReportMetric(rates[len(rates)/2], "decisions/s")
	b.ReportMetric(ratios[len(ratios)/2], "of-redis-benchmark")
	b.ReportMetric(ratios[len(ratios)/4], "lower-quartile")
	b.ReportMetric(ratios[len(ratios)*3/4], "upper-quartile")
	b.ReportMetric(cpus[len(cpus)/2], "cpu-ns/decision")
}

// gcraArgs is a call of the script of a GCRA, for the limit of open.
func gcraArgs(b *testing.B, client redis.UniversalClient) []any {
	b.Helper()
	sha, err := client.ScriptLoad(b.Context(), redislua.GCRASource()).Result()
	if err != nil {
		b.Fatal(err)
	}
	return []any{"EVALSHA", sha, "1", "run:key", "1", "1", "1", strconv.Itoa(1 << 31)}
}

// bare makes n calls in all by means of go-redis, in one goroutine per connection.
func bare(b *testing.B, client redis.UniversalClient, connections, depth, n int) {
	args := gcraArgs(b, client)
	var wg sync.WaitGroup
	for range connections {
		wg.Go(func() {
			for range n / connections / depth {
				if err := atOnce(b.Context(), client, depth, args); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// atOnce makes as many calls at once, without a pipeline if it is one.
func atOnce(ctx context.Context, client redis.UniversalClient, depth int, args []any) error {
	if depth == 1 {
		return client.Process(ctx, redis.NewIntSliceCmd(ctx, args...))
	}
	pipe := client.Pipeline()
	for range depth {
		_ = pipe.Process(ctx, redis.NewIntSliceCmd(ctx, args...)) // only kept for now
	}
	_, err := pipe.Exec(ctx)
	return err
}

// redisBenchmark returns how long n calls take redis-benchmark.
func redisBenchmark(b *testing.B, client redis.UniversalClient, connections, depth, n int) time.Duration {
	b.Helper()
	options := client.(*redis.Client).Options()
	_, socket, _ := strings.Cut(options.Addr, "unix:")
	if socket == "" {
		socket = options.Addr
	}
	command := []string{"-s", socket, "-n", strconv.Itoa(n), "-c", strconv.Itoa(connections), "-P", strconv.Itoa(depth), "--csv"}
	for _, arg := range gcraArgs(b, client) {
		command = append(command, arg.(string))
	}
	out, err := exec.Command("redis-benchmark", command...).Output()
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
