package limiters

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// benchmarks names the mixes: how many keys, and how far time moves per call.
// At 1M/s a step of 1 µs admits everything on one key, 10 ns one in a hundred.
var benchmarks = []struct {
	name string
	keys int
	step time.Duration
}{
	{"keys=1/allow=100%", 1, time.Microsecond},
	{"keys=1/allow=50%", 1, 500 * time.Nanosecond},
	{"keys=1/allow=1%", 1, 10 * time.Nanosecond},
	{"keys=10k-zipf/allow=100%", 10_000, time.Microsecond},
}

// millionPerSecond is a limit of one, at which a counter would grant in every
// other window only: it has a longer one.
func millionPerSecond(kind string) Limit {
	if kind == "sliding-window-counter" {
		return Limit{Rate: 1000, Period: time.Millisecond}
	}
	return Limit{Rate: 1, Period: time.Microsecond, Burst: 1}
}

func BenchmarkAllow(b *testing.B) {
	for _, kind := range kinds {
		for _, bm := range benchmarks {
			b.Run(kind.name+"/"+bm.name, func(b *testing.B) {
				benchmarkAllow(b, kind.new(b, millionPerSecond(kind.name)), bm.keys, bm.step)
			})
		}
	}
}

func benchmarkAllow(b *testing.B, l Limiter, keys int, step time.Duration) {
	ctx, sequence, now := context.Background(), zipfKeys(keys), time.Duration(0)
	for _, key := range sequence { // a known key allocates nothing
		now += step
		l.Allow(ctx, now, key, 1)
	}
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		now += step
		l.Allow(ctx, now, sequence[i&(len(sequence)-1)], 1)
		i++
	}
}

// BenchmarkAllowParallel has every core at one key, or each at all of 10k.
func BenchmarkAllowParallel(b *testing.B) {
	for _, kind := range kinds {
		for _, keys := range []int{1, 10_000} {
			b.Run(fmt.Sprintf("%s/keys=%d", kind.name, keys), func(b *testing.B) {
				l := kind.new(b, millionPerSecond(kind.name))
				sequence := zipfKeys(keys)
				for _, key := range sequence {
					l.Allow(context.Background(), 0, key, 1)
				}
				var callers atomic.Int64
				b.ReportAllocs()
				b.RunParallel(func(pb *testing.PB) {
					i := int(callers.Add(1)) * 7919
					for now := time.Microsecond; pb.Next(); now += time.Microsecond {
						l.Allow(context.Background(), now, sequence[i&(len(sequence)-1)], 1)
						i++
					}
				})
			})
		}
	}
}

// BenchmarkConcurrency takes a token and gives it back.
func BenchmarkConcurrency(b *testing.B) {
	l, ctx := built(b, NewConcurrency, ConcurrencyConfig{Limit: 100}).(*Concurrency), context.Background()
	b.ReportAllocs()
	for b.Loop() {
		d, _ := l.Allow(ctx, 0, "key", 1)
		l.Release(ctx, 0, "key", 1, d.Permit)
	}
}

// BenchmarkRetries grants every core everything on one key, and reports how many
// times per decision another caller's grant came in between.
func BenchmarkRetries(b *testing.B) {
	l, err := NewGCRA(bucketConfig(Limit{Rate: 1, Period: 1, Burst: maxUnits}))
	if err != nil {
		b.Fatal(err)
	}
	var sum atomic.Int64
	b.RunParallel(func(pb *testing.PB) {
		retries := 0
		for now := time.Microsecond; pb.Next(); now += time.Microsecond {
			var d Decision
			again, _ := l.decide(&d, now, "key", 1, true)
			retries += again
		}
		sum.Add(int64(retries))
	})
	b.ReportMetric(float64(sum.Load())/float64(b.N), "retries/op")
}

// BenchmarkBytesPerKey reports what a key costs beyond its own bytes, after one
// grant. It is measured where tables are at their emptiest and fullest.
func BenchmarkBytesPerKey(b *testing.B) {
	for _, kind := range kinds {
		for _, keys := range []int{100_000, 130_000, 180_000} {
			b.Run(fmt.Sprintf("%s/keys=%d", kind.name, keys), func(b *testing.B) {
				var bytes float64
				for b.Loop() {
					bytes = bytesPerKey(kind.new(b, Limit{Rate: 1, Period: time.Second, Burst: 1}), keys)
				}
				b.ReportMetric(bytes, "B/key")
			})
		}
	}
}

func bytesPerKey(l Limiter, keys int) float64 {
	before := heapInUse()
	for i := range keys {
		l.Allow(context.Background(), 0, fmt.Sprintf("%016d", i), 1)
	}
	return perKey(l, before, keys) - 16
}

// perKey returns how much the heap has grown, by the key, while l is in use.
func perKey(l Limiter, before uint64, keys int) float64 {
	after := heapInUse()
	runtime.KeepAlive(l)
	return float64(int64(after-before)) / float64(keys)
}

func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// zipfKeys returns 2^16 draws from n keys, Zipf with exponent 1.1.
func zipfKeys(n int) []string {
	rng := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(rng, 1.1, 1, uint64(n-1))
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("user-%06d", i)
	}
	sequence := make([]string, 1<<16)
	for i := range sequence {
		sequence[i] = names[zipf.Uint64()]
	}
	return sequence
}
