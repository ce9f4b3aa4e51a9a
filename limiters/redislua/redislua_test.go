package redislua_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/redisproc"
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

// startServer starts a real Redis that lives as long as the test.
func startServer(t testing.TB) *redisproc.Server {
	t.Helper()
	s, err := redisproc.Start(t.Context(), redisproc.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // some tests end it themselves
	if s.Simulated() {
		t.Fatal("redis-server is not on PATH; install it with `apt-get install redis-server` or `make deps`")
	}
	return s
}

// connect returns a client of the server with n connections.
func connect(t testing.TB, s *redisproc.Server, n int) redis.UniversalClient {
	t.Helper()
	c := s.Client(redisproc.ClientOptions{Connections: n})
	t.Cleanup(func() { c.Close() })
	return c
}

// kind is one of the limiters, made by its constructor.
type kind struct {
	name string
	new  func(redis.UniversalClient, redislua.Config) (*redislua.Limiter, error)
}

func kinds() []kind {
	return []kind{{"redis-gcra", redislua.NewGCRA}, {"redis-token-bucket", redislua.NewTokenBucket}}
}

// each runs f for each kind.
func each(t *testing.T, f func(t *testing.T, k kind)) {
	t.Helper()
	for _, k := range kinds() {
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
func (k kind) injected(t testing.TB, client redis.UniversalClient, bucket limiters.Config, prefix string) *redislua.Limiter {
	t.Helper()
	return k.build(t, client, redislua.Config{Config: bucket, Prefix: prefix, InjectTime: true})
}

func (k kind) build(t testing.TB, client redis.UniversalClient, config redislua.Config) *redislua.Limiter {
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
