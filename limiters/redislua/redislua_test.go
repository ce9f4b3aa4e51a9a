package redislua_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/redislua"
	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	// After a failed dial go-redis looks once a second whether its pool was closed.
	probe := "github.com/redis/go-redis/v9/internal/pool.(*ConnPool).tryDial"
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction(probe))
}

// limiter is what every constructor returns.
type limiter interface {
	limiters.Limiter
	limiters.Described
	limiters.Opener
	limiters.Closer
}

// kind is one of the limiters, made by its constructor for a bucket: a window of
// the burst is as long as the burst takes to flow in, and so is a lease.
type kind struct {
	name   string
	new    func(redis.UniversalClient, redislua.Config) (limiter, error)
	limits func() []limiters.Config // whose arithmetic is easy to get wrong
}

func kinds() []kind {
	return append(append(buckets(), windows()...), kind{"redis-concurrency", concurrency, windowLimits})
}

func windows() []kind {
	return []kind{
		{"redis-fixed-window", window(redislua.NewFixedWindow), windowLimits},
		{"redis-sliding-window-counter", window(redislua.NewSlidingWindowCounter), windowLimits},
		{"redis-sliding-window-log", window(redislua.NewSlidingWindowLog), windowLimits},
		{"redis-sliding-window-log-zset", window(redislua.NewSlidingWindowLogZSET), windowLimits},
	}
}

// buckets are the kinds that decide alike.
func buckets() []kind {
	return []kind{
		{"redis-gcra", as(redislua.NewGCRA), limits},
		{"redis-token-bucket", as(redislua.NewTokenBucket), limits},
		{"redis-leaky-bucket-meter", as(redislua.NewLeakyBucketMeter), limits},
		{"redis-leaky-bucket-queue", as(redislua.NewLeakyBucketQueue), limits},
		{"redis-composite", composite, limits},
	}
}

func as[C any, L limiter](construct func(redis.UniversalClient, C) (L, error)) func(redis.UniversalClient, C) (limiter, error) {
	return func(c redis.UniversalClient, setup C) (limiter, error) { return construct(c, setup) }
}

// setup is b with another limit.
func setup[C any](b redislua.Config, limit C) redislua.Setup[C] {
	return redislua.Setup[C]{Config: limit, Prefix: b.Prefix, InjectTime: b.InjectTime, Pipeline: b.Pipeline}
}

func window(construct func(redis.UniversalClient, redislua.WindowConfig) (*redislua.Adjustable, error)) func(redis.UniversalClient, redislua.Config) (limiter, error) {
	return func(c redis.UniversalClient, b redislua.Config) (limiter, error) {
		return construct(c, setup(b, windowOf(b.Config)))
	}
}

func windowOf(b limiters.Config) limiters.WindowConfig {
	return limiters.WindowConfig{
		Rate:   units.Rate{Count: int64(b.Burst), Per: refill(b)},
		Window: units.Duration(refill(b)),
	}
}

// refill is how long a bucket takes to fill, in whole µs.
func refill(b limiters.Config) time.Duration {
	fills := b.Rate.Per * time.Duration(b.Burst) / time.Duration(max(1, b.Rate.Count))
	return fills.Truncate(time.Microsecond)
}

func concurrency(c redis.UniversalClient, b redislua.Config) (limiter, error) {
	limit := redislua.ConcurrencyLimit{Limit: b.Config.Burst, Lease: units.Duration(refill(b.Config))}
	return redislua.NewConcurrency(c, setup(b, limit))
}

// composite adds a faster bucket.
func composite(c redis.UniversalClient, b redislua.Config) (limiter, error) {
	second := b.Config
	second.Rate.Count *= 2
	return redislua.NewComposite(c, setup(b, redislua.CompositeLimit{Limits: []limiters.Config{second, b.Config}}))
}

// faster is the limit of a bucket that fills in half the time.
func faster(limit limiters.Limit) []limiters.Limit {
	limit.Rate *= 2
	return []limiters.Limit{limit}
}

// each runs f for each kind, or for those that are given.
func each(t *testing.T, f func(t *testing.T, k kind), of ...kind) {
	t.Helper()
	if len(of) == 0 {
		of = kinds()
	}
	for _, k := range of {
		t.Run(k.name, func(t *testing.T) { f(t, k) })
	}
}

func bucket(count int64, per time.Duration, burst int64) limiters.Config {
	return limiters.Config{Rate: units.Rate{Count: count, Per: per}, Burst: units.Count(burst)}
}

// prefixes numbers the limiters of a test, so that no two share keys.
type prefixes struct{ n atomic.Int64 }

func (p *prefixes) next() string { return fmt.Sprintf("fcbench:test:%d:", p.n.Add(1)) }

// injected returns a limiter that goes by the now it is given.
func (k kind) injected(t testing.TB, client redis.UniversalClient, bucket limiters.Config, prefix string) limiter {
	t.Helper()
	return k.build(t, client, redislua.Config{Config: bucket, Prefix: prefix, InjectTime: true})
}

func (k kind) build(t testing.TB, client redis.UniversalClient, config redislua.Config) limiter {
	t.Helper()
	l, err := k.new(client, config)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	return l
}

func allow(t testing.TB, l limiters.Limiter, now time.Duration, key string, n int64) limiters.Decision {
	t.Helper()
	d, err := l.Allow(t.Context(), now, key, n)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
