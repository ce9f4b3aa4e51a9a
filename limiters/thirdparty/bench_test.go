package thirdparty_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/throttled/throttled/v2"
	"github.com/throttled/throttled/v2/store/memstore"
	"go.uber.org/ratelimit"
	"golang.org/x/time/rate"

	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/thirdparty"
)

// contestant is what is measured. Fcbench's own limiters are the yardstick.
type contestant struct {
	name  string
	clock string // "given": told the time; "read": a clock is read for each decision, by the library or its caller
	bare  bool   // one state for all keys
	new   func(limiters.Config) (limiters.Limiter, error)
}

// contestants are the libraries through their adapters, and once more, as
// clock=own, those whose adapter does work to bring them the time, called as
// they come: so one sees what the adapter costs.
func contestants() []contestant {
	all := []contestant{
		{"gcra", "", false, func(c limiters.Config) (limiters.Limiter, error) { return limiters.NewGCRA(c) }},
		{"token-bucket", "", false, func(c limiters.Config) (limiters.Limiter, error) { return limiters.NewTokenBucket(c) }},
	}
	for _, k := range kinds() {
		clock := "read"
		if k.time == limiters.TimeArgument {
			clock = ""
		}
		all = append(all, contestant{k.name, clock, false, func(c limiters.Config) (limiters.Limiter, error) { return k.new(c, false) }})
		if k.bare {
			all = append(all, contestant{k.name + "-bare", clock, true, func(c limiters.Config) (limiters.Limiter, error) { return k.new(c, true) }})
		}
	}
	all = append(all, contestant{"throttled-map", "", false, func(c limiters.Config) (limiters.Limiter, error) {
		return thirdparty.NewThrottled(thirdparty.ThrottledConfig{Config: c}) // no limit to its keys, and so no LRU
	}})
	var both []contestant // those that take the time are measured with it given and read
	for _, c := range all {
		if c.clock != "" {
			both = append(both, c)
			continue
		}
		for _, clock := range []string{"given", "read"} {
			both = append(both, contestant{c.name, clock, c.bare, c.new})
		}
	}
	return append(both,
		contestant{"x-time-rate-bare", "own", true, newOwnXTime},
		contestant{"uber-bare", "own", true, newOwnUber},
		contestant{"throttled", "own", false, newOwnThrottled})
}

// direct calls a library without an adapter.
type direct func(ctx context.Context, key string) (bool, error)

func (f direct) Allow(ctx context.Context, _ time.Duration, key string, _ int64) (limiters.Decision, error) {
	ok, err := f(ctx, key)
	return limiters.Decision{Allowed: ok}, err
}

func newOwnXTime(c limiters.Config) (limiters.Limiter, error) {
	l := rate.NewLimiter(rate.Limit(float64(c.Rate.Count)/c.Rate.Per.Seconds()), int(c.Burst))
	return direct(func(context.Context, string) (bool, error) { return l.Allow(), nil }), nil
}

func newOwnUber(c limiters.Config) (limiters.Limiter, error) {
	l := ratelimit.New(int(c.Rate.Count), ratelimit.Per(c.Rate.Per), ratelimit.WithSlack(int(c.Burst)-1))
	return direct(func(context.Context, string) (bool, error) { l.Take(); return true, nil }), nil
}

func newOwnThrottled(c limiters.Config) (limiters.Limiter, error) {
	store, err := memstore.NewCtx(65536)
	if err != nil {
		return nil, err
	}
	l, err := throttled.NewGCRARateLimiterCtx(store, throttled.RateQuota{
		MaxRate: throttled.PerDuration(int(c.Rate.Count), c.Rate.Per), MaxBurst: int(c.Burst) - 1,
	})
	return direct(func(ctx context.Context, key string) (bool, error) {
		limited, _, err := l.RateLimitCtx(ctx, key, 1)
		return !limited, err
	}), err
}

// BenchmarkDecision is the cost of a decision, with -cpu as the number of
// callers. A share of the calls, drawn at random, goes to a limiter that always
// has tokens, though by a limit that it must work for, and the others to one of
// the same kind that has none for an hour; so the share is the same for all,
// whether or not they can be told the time. A shaper denies nothing.
func BenchmarkDecision(b *testing.B) {
	for _, c := range contestants() {
		for _, share := range []int{100, 50, 1} {
			for _, keys := range []int{1, 10_000} {
				shaper := c.name == "uber" || c.name == "uber-bare"
				if shaper && share < 100 || c.bare && keys > 1 {
					continue
				}
				b.Run(fmt.Sprintf("limiter=%s/clock=%s/share=%d/keys=%d", c.name, c.clock, share, keys), func(b *testing.B) {
					benchmarkDecision(b, c, share, keys)
				})
			}
		}
	}
}

func benchmarkDecision(b *testing.B, c contestant, share, keys int) {
	pair := [2]limiters.Limiter{
		c.open(b, bucket(1, time.Hour, 1)),
		c.open(b, bucket(1, 1, 1<<30)), // a token per ns
	}
	names, sequence := zipfKeys(keys)
	for _, key := range names { // a known key allocates nothing; the first limiter has spent what it had
		for _, l := range pair {
			must(b, l, 0, key, 1)
		}
	}
	which := shares(share)
	start := time.Now()
	var callers atomic.Int64
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		ctx, now := context.Background(), time.Duration(0)
		allowed, asked := 0, 0
		for i := int(callers.Add(1)) * 7919; pb.Next(); i++ {
			now += 100
			if c.clock == "read" {
				now = time.Since(start)
			}
			at := i & (len(sequence) - 1)
			d, err := pair[which[at]].Allow(ctx, now, sequence[at], 1)
			if err == nil && d.Allowed {
				allowed++
			}
			asked++
		}
		if wrong := 100*allowed - share*asked; asked > 100_000 && max(wrong, -wrong) > asked {
			b.Errorf("%d of %d were granted; want %d %%", allowed, asked, share)
		}
	})
}

func (c contestant) open(b *testing.B, config limiters.Config) limiters.Limiter {
	b.Helper()
	l, err := c.new(config)
	if err != nil {
		b.Fatal(err)
	}
	if closer, ok := l.(limiters.Closer); ok {
		b.Cleanup(func() { _ = closer.Close(context.Background()) })
	}
	return l
}

// zipfKeys returns n keys and 2^16 draws of them, Zipf with exponent 1.1.
func zipfKeys(n int) (names, sequence []string) {
	zipf := rand.NewZipf(rand.New(rand.NewPCG(1, 2)), 1.1, 1, uint64(n-1))
	for i := range n {
		names = append(names, fmt.Sprintf("user-%06d", i))
	}
	for range 1 << 16 {
		sequence = append(sequence, names[zipf.Uint64()])
	}
	return names, sequence
}

// shares draws 2^16 numbers that are 1 so many times in a hundred, else 0.
func shares(percent int) []uint8 {
	rng, which := rand.New(rand.NewPCG(3, 4)), make([]uint8, 1<<16)
	for i := range which {
		if rng.IntN(100) < percent {
			which[i] = 1
		}
	}
	return which
}

// BenchmarkRedisDecision asks about one hot key, by one caller.
func BenchmarkRedisDecision(b *testing.B) {
	server := redisproctest.Start(b)
	for _, r := range remotes() {
		for name, c := range map[string]limiters.Config{"100": bucket(1_000_000, time.Second, 1_000_000), "1": bucket(1, time.Hour, 1)} {
			b.Run(fmt.Sprintf("limiter=%s/share=%s", r.name, name), func(b *testing.B) {
				var l *thirdparty.Redis = r.open(b, redisproctest.Connect(b, server, 1), "bench:"+r.name+name+":", c)
				b.ReportAllocs()
				for b.Loop() {
					must(b, l, 0, "key", 1)
				}
			})
		}
	}
}
