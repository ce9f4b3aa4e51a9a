package thirdparty_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/thirdparty"
)

// remote is a library on Redis.
type remote struct {
	name, module, before string // before stands before the prefix
	new                  func(redis.UniversalClient, string, limiters.Config) (*thirdparty.Redis, error)
}

func remotes() []remote {
	return []remote{
		{"redis-rate", "github.com/go-redis/redis_rate/v10", "rate:", thirdparty.NewRedisRate},
		{"throttled-redis", "github.com/throttled/throttled/v2", "", thirdparty.NewThrottledRedis},
		{"ulule-redis", "github.com/ulule/limiter/v3", "", func(c redis.UniversalClient, prefix string, b limiters.Config) (*thirdparty.Redis, error) {
			return thirdparty.NewUluleRedis(c, prefix, limiters.WindowConfig{Rate: b.Rate})
		}},
	}
}

func eachRemote(t *testing.T, f func(t *testing.T, r remote)) {
	t.Helper()
	for _, r := range remotes() {
		t.Run(r.name, func(t *testing.T) { f(t, r) })
	}
}

// open returns a limiter that is ready.
func (r remote) open(t testing.TB, client redis.UniversalClient, prefix string, c limiters.Config) *thirdparty.Redis {
	t.Helper()
	l, err := r.new(client, prefix, c)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestRedisDescription(t *testing.T) {
	eachRemote(t, func(t *testing.T, r remote) {
		l, err := r.new(nil, "run:", bucket(10, time.Second, 10))
		if err != nil {
			t.Fatal(err)
		}
		info := l.Info()
		if info.Scope != "redis" || info.TimeSource != limiters.TimeRedis || info.State == "" || len(info.Lacks) == 0 || info.Resolution < time.Microsecond {
			t.Errorf("described as %+v", info)
		}
		if want := map[bool]string{true: "fixed-window", false: "gcra"}[r.name == "ulule-redis"]; info.Algorithm != want || l.Bound(time.Second) != 20 {
			t.Errorf("algorithm is %q, with at most %d in a second; want %q and 20", info.Algorithm, l.Bound(time.Second), want)
		}
		if got := required(t, r.module); info.Version != got {
			t.Errorf("version is %s; go.mod requires %s", info.Version, got)
		}
	})
}

func TestRedisConfigProblems(t *testing.T) {
	eachRemote(t, func(t *testing.T, r remote) {
		_, e1 := r.new(nil, "run", limiters.Config{Burst: 1})
		_, e2 := r.new(nil, ":", bucket(1, time.Second, 1))
		for _, tt := range []struct {
			err  error
			want string
		}{{e1, "rate is not given"}, {e1, `key prefix is "run"; want`}, {e2, `key prefix is ":"; want`}} {
			if tt.err == nil || !strings.Contains(tt.err.Error(), tt.want) {
				t.Errorf("error is %v; want %q", tt.err, tt.want)
			}
		}
	})
	if _, err := thirdparty.NewUluleRedis(nil, "run:", limiters.WindowConfig{Rate: bucket(7, 1500*time.Microsecond, 1).Rate, Window: 1_500_000}); err == nil || err.Error() != "window is 1.5ms; want whole milliseconds" {
		t.Errorf("window of 1.5 ms: %v", err)
	}
}

// TestRedisDecisions are those that the pace of the test does not change.
func TestRedisDecisions(t *testing.T) {
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
	eachRemote(t, func(t *testing.T, r remote) {
		l := r.open(t, client, r.name+":", bucket(5, time.Hour, 5))
		if d := must(t, l, 42*time.Hour, "key", 2); !d.Allowed || d.Remaining != 3 || d.RetryAfter != 0 || d.At != limiters.Unknown {
			t.Errorf("2 of 5: %+v; want it granted with 3 left", d)
		}
		if got := grants(t, l, 0, "key"); got != 3 {
			t.Errorf("%d more were granted; want 3", got)
		}
		d := must(t, l, 0, "key", 1)
		soon := d.RetryAfter > 11*time.Minute && d.RetryAfter <= 12*time.Minute // a token flows in every 12
		if d.Allowed || d.Remaining != 0 || !soon && !(r.name == "ulule-redis" && d.RetryAfter == limiters.Unknown) {
			t.Errorf("one more: %+v; want it denied for 12 minutes", d)
		}
		if got := grants(t, l, 0, "other {key}\n"); got != 5 {
			t.Errorf("%d were granted to another key; want 5", got)
		}
		impossible := map[string]time.Duration{"throttled-redis": limiters.Never, "ulule-redis": limiters.Unknown}
		d = must(t, l, 0, "third", 6)
		if want, ok := impossible[r.name]; d.Allowed || ok && d.RetryAfter != want || !ok && (d.RetryAfter < 12*time.Minute || d.RetryAfter == limiters.Never) {
			t.Errorf("6 of 5: %+v; want it denied for %v", d, want)
		}
	})
}

func TestRedisErrorsAreNotDecisions(t *testing.T) {
	eachRemote(t, func(t *testing.T, r remote) {
		client := redisproctest.Connect(t, redisproctest.Start(t), 1)
		closed, err := r.new(client, "run:", bucket(1, time.Hour, 1))
		if err != nil {
			t.Fatal(err)
		}
		if d, err := closed.Allow(t.Context(), 0, "key", 1); err == nil || d != (limiters.Decision{}) || err.Error() != r.name+": limiter is not open" {
			t.Errorf("before Open: %+v, %v", d, err)
		}
		l := r.open(t, client, "run:", bucket(1, time.Hour, 1))
		if _, err := l.Allow(t.Context(), 0, "key", 0); err == nil || !strings.Contains(err.Error(), "cost is 0; want at least 1") {
			t.Errorf("cost 0: %v", err)
		}
		long := strings.Repeat("k", 1<<20)
		for _, key := range []string{"key\n", long} {
			if err := client.LPush(t.Context(), r.before+"run:"+key, "x").Err(); err != nil {
				t.Fatal(err)
			}
			d, err := l.Allow(t.Context(), 0, key, 1)
			if d != (limiters.Decision{}) || err == nil || !strings.Contains(err.Error(), "WRONGTYPE") || !strings.HasPrefix(err.Error(), r.name+`: key "k`) || len(err.Error()) > 1000 {
				t.Errorf("list under the key: %+v, %v", d, err)
			}
		}
		if err := client.Do(t.Context(), "CLIENT", "PAUSE", "60000").Err(); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if d, err := l.Allow(ctx, 0, "key", 1); d != (limiters.Decision{}) || !errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, ctx.Err()) {
			t.Errorf("a slow server gave %+v, %v; want the deadline as an error", d, err)
		}
	})
}

// TestRedisScriptFlush: a server that lost its scripts is given them again.
func TestRedisScriptFlush(t *testing.T) {
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
	eachRemote(t, func(t *testing.T, r remote) {
		l := r.open(t, client, r.name+":", bucket(5, time.Hour, 5))
		for i := range 10 {
			if err := client.ScriptFlush(t.Context()).Err(); err != nil {
				t.Fatal(err)
			}
			if d := must(t, l, 0, "key", 1); d.Allowed != (i < 5) {
				t.Errorf("call %d: %+v", i, d)
			}
		}
	})
}

// TestThrottledRedisForgives: a debt of almost 2 s is forgotten after one,
// because the life of a key is in whole seconds, rounded down.
func TestThrottledRedisForgives(t *testing.T) {
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
	l := remotes()[1].open(t, client, "run:", bucket(2, 1999*time.Millisecond, 2))
	must(t, l, 0, "key", 1)
	d := must(t, l, 0, "key", 1)
	ttl := client.PTTL(t.Context(), "run:key").Val()
	if !d.Allowed || d.ResetAfter < 1200*time.Millisecond || ttl > time.Second {
		t.Errorf("%+v, and the key lives for %v; want a debt of 2 s that is forgotten after one", d, ttl)
	}
}

// TestUluleRedisCountsDenials: what is denied counts, as in memory.
func TestUluleRedisCountsDenials(t *testing.T) {
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
	l := remotes()[2].open(t, client, "run:", bucket(5, time.Hour, 5))
	must(t, l, 0, "key", 6)
	if d := must(t, l, 0, "key", 1); d.Allowed {
		t.Errorf("1 of 5 after a denial: %+v; want it denied", d)
	}
	if got := client.Get(t.Context(), "run:key").Val(); got != "7" {
		t.Errorf("the counter is %s; want 7", got)
	}
}

// TestRedisConcurrentBurst: throttled may give up; the others may not.
func TestRedisConcurrentBurst(t *testing.T) {
	const callers = 8
	client := redisproctest.Connect(t, redisproctest.Start(t), callers)
	eachRemote(t, func(t *testing.T, r remote) {
		l := r.open(t, client, r.name+":", bucket(50, time.Hour, 50))
		var granted atomic.Int64
		var wg sync.WaitGroup
		for range callers {
			wg.Go(func() {
				for range 50 {
					d, err := l.Allow(t.Context(), 0, "key", 1)
					if err != nil && (r.name != "throttled-redis" || d != limiters.Decision{}) {
						t.Errorf("%+v, %v", d, err)
					}
					if d.Allowed {
						granted.Add(1)
					}
				}
			})
		}
		wg.Wait()
		if got := granted.Load(); got != 50 {
			t.Errorf("%d were granted; want 50", got)
		}
	})
}

func TestRedisCloseDeletesItsKeysOnly(t *testing.T) {
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
	eachRemote(t, func(t *testing.T, r remote) {
		prefix := `fcbench:[ab]*?\:`
		l := r.open(t, client, prefix, bucket(5, time.Hour, 5))
		for i := range 1_500 {
			must(t, l, 0, fmt.Sprintf("key {%d}\n", i), 1)
		}
		others := []string{"fcbench:a:key", r.before + `fcbench:[ab]*x\:key`, r.before + `fcbench:[ab]xy?\:key`, `fcbench:a\:key`, `rate:fcbench:[ab]xy\:key`, "x" + prefix + "key", prefix[:len(prefix)-1]}
		for _, key := range others {
			if err := client.Set(t.Context(), key, "theirs", 0).Err(); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			if err := l.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if left := client.DBSize(t.Context()).Val(); left != int64(len(others)) {
			t.Errorf("%d keys are left; want the %d of others", left, len(others))
		}
		if err := client.Del(t.Context(), others...).Err(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestRedisCloseSweepsACluster(t *testing.T) {
	m := miniredis.RunT(t)
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{m.Addr()}})
	defer client.Close()
	l := remotes()[2].open(t, client, "run:", bucket(1, time.Second, 5))
	for _, key := range []string{"a", "{b}", "c{}"} {
		must(t, l, 0, key, 1)
	}
	if err := l.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := client.DBSize(t.Context()).Val(); left != 0 {
		t.Errorf("%d keys are left", left)
	}
}

func TestRedisServerIsGone(t *testing.T) {
	eachRemote(t, func(t *testing.T, r remote) {
		s := redisproctest.Start(t)
		l := r.open(t, redisproctest.Connect(t, s, 1), "run:", bucket(1, time.Hour, 1))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if d, err := l.Allow(t.Context(), 0, "key", 1); err == nil || d != (limiters.Decision{}) {
			t.Errorf("without a server: %+v, %v; want an error", d, err)
		}
		if err := l.Close(t.Context()); err == nil || !strings.Contains(err.Error(), r.before+"run:*") {
			t.Errorf("Close without a server: %v; want an error that names the keys", err)
		}
		if err := l.Open(t.Context()); r.name == "ulule-redis" && (err == nil || !strings.HasPrefix(err.Error(), "ulule-redis: ")) {
			t.Errorf("Open without a server: %v; want an error", err)
		}
	})
}
