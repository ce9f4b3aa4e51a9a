package redislua_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/conformance"
	"github.com/fcbench/fcbench/limiters/redislua"
	"github.com/redis/go-redis/v9"
)

// TestConformance runs the suite at one odd limit; the models have the others.
func TestConformance(t *testing.T) {
	client := connect(t, startServer(t), 8)
	var prefix prefixes
	b := bucket(7, 3*time.Second, 10)
	options := conformance.Options{Granularity: time.Microsecond, Concurrent: true}
	each(t, func(t *testing.T, k kind) {
		limit, err := b.Limit()
		if err != nil {
			t.Fatal(err)
		}
		fresh := func(t *testing.T) limiters.Limiter { return k.injected(t, client, b, prefix.next()) }
		conformance.Run(t, fresh, limit, options)
	}, buckets()...)
	b = bucket(7, 3*time.Second, 7)
	each(t, func(t *testing.T, k kind) {
		fresh := func(t *testing.T) limiters.Limiter { return k.injected(t, client, b, prefix.next()) }
		conformance.Run(t, fresh, limiters.Limit{Rate: 7, Period: 3 * time.Second}, options)
	}, windows()...)
}

// TestScriptFlush loses the script again and again; the decisions must not show it.
func TestScriptFlush(t *testing.T) {
	client := connect(t, startServer(t), 1)
	each(t, func(t *testing.T, k kind) {
		b := bucket(7, 3*time.Second, 7)
		calm, disturbed := k.injected(t, client, b, k.name+":calm:"), k.injected(t, client, b, k.name+":disturbed:")
		w := &walk{rng: rand.New(rand.NewPCG(1, 5))}
		for step := range 300 {
			now, n := w.next(int64(b.Burst))
			w.last = allow(t, calm, now, "key", n)
			if step%10 == 0 {
				if err := client.ScriptFlush(t.Context()).Err(); err != nil {
					t.Fatal(err)
				}
			}
			if got := allow(t, disturbed, now, "key", n); got != w.last {
				t.Fatalf("step %d: %+v; want %+v", step, got, w.last)
			}
		}
	})
}

// TestFrozenClockAdmitsTheBurst calls from many goroutines, which all find the
// script gone at first.
func TestFrozenClockAdmitsTheBurst(t *testing.T) {
	const callers, calls, burst = 16, 200, 1000
	client := connect(t, startServer(t), callers)
	each(t, func(t *testing.T, k kind) {
		l := k.injected(t, client, bucket(1, time.Second, burst), k.name+":")
		if err := client.ScriptFlush(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		var admitted atomic.Int64
		var wg sync.WaitGroup
		for range callers {
			wg.Go(func() {
				for range calls {
					d, err := l.Allow(t.Context(), time.Second, "key", 1)
					if err != nil {
						t.Error(err)
					}
					if d.Allowed {
						admitted.Add(1)
					}
				}
			})
		}
		wg.Wait()
		if got := admitted.Load(); got != burst {
			t.Errorf("%d of %d calls were admitted; want exactly the burst of %d", got, callers*calls, burst)
		}
	})
}

// TestTTLNeverForgives compares, on the server's clock, when a key dies with when
// its debt is paid.
func TestTTLNeverForgives(t *testing.T) {
	client := connect(t, startServer(t), 1)
	// TIME and PTTL read the clock twice: look until both were read in the same ms.
	look := redis.NewScript(`local function ms() local t = redis.call('TIME') return t[1] * 1000 + math.floor(t[2] / 1000) end
		local now, ttl
		repeat now, ttl = ms(), redis.call('PTTL', KEYS[1]) until ms() == now
		return {now, ttl}`)
	rng := rand.New(rand.NewPCG(2, 2))
	each(t, func(t *testing.T, k kind) {
		for _, b := range k.limits() {
			prefix := k.name + ":"
			l := k.build(t, client, redislua.Config{Config: b, Prefix: prefix})
			for range 50 {
				n := 1 + rng.Int64N(int64(b.Burst))
				d := allow(t, l, 0, "key", n)
				reply, err := look.Run(t.Context(), client, []string{prefix + "key"}).Int64Slice()
				if err != nil {
					t.Fatal(err)
				}
				now, ttl := time.Duration(reply[0])*time.Millisecond, time.Duration(reply[1])*time.Millisecond
				paid := d.At + d.ResetAfter
				if reply[1] == -2 && now >= paid { // dead, and rightly so
					continue
				}
				if dies := now + ttl; reply[1] < 0 || dies < paid || dies > paid+2*time.Millisecond {
					t.Fatalf("%v: PTTL is %d, the key dies at %v; want it within 2 ms from %v, when its debt is paid", b, reply[1], dies, paid)
				}
				if rng.IntN(3) == 0 {
					client.Del(t.Context(), prefix+"key")
				}
			}
			client.Del(t.Context(), prefix+"key")
		}
	}, append(buckets(), windows()...)...)
}

func TestServerTime(t *testing.T) {
	client := connect(t, startServer(t), 1)
	each(t, func(t *testing.T, k kind) {
		l := k.build(t, client, redislua.Config{Config: bucket(1, time.Hour, 3), Prefix: k.name + ":"})
		before := client.Time(t.Context()).Val()
		d := allow(t, l, 42*time.Hour, "key", 2)
		after := client.Time(t.Context()).Val()
		at := time.Unix(0, 0).Add(d.At)
		if at.Before(before) || at.After(after) {
			t.Errorf("At is %v; want the server's time, between %v and %v", at, before, after)
		}
		denied := allow(t, l, 0, "key", 2)
		if !d.Allowed || d.Remaining != 1 || denied.Allowed || denied.Remaining != 1 || denied.At <= d.At {
			t.Errorf("2 and 2 of 3: %+v, then %+v; want the first granted and the second denied", d, denied)
		}
		if got := l.Info().TimeSource; got != "redis TIME" {
			t.Errorf("time source is %q", got)
		}
	})
}

func TestInjectedKeysOutliveARun(t *testing.T) {
	client := connect(t, startServer(t), 1)
	each(t, func(t *testing.T, k kind) {
		l := k.injected(t, client, bucket(1000, time.Second, 1), k.name+":")
		allow(t, l, 0, "key", 1)
		if ttl := client.PTTL(t.Context(), k.name+":key").Val(); ttl < 23*time.Hour {
			t.Errorf("TTL is %v; want about a day", ttl)
		}
	})
}

func TestErrorsAreNotDecisions(t *testing.T) {
	const key = "some\nkey"
	command := func(args ...any) func(*testing.T, redis.UniversalClient, string) {
		return func(t *testing.T, c redis.UniversalClient, _ string) {
			if err := c.Do(t.Context(), args...).Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
	tests := []struct {
		name, want string
		harm       func(t *testing.T, c redis.UniversalClient, prefix string)
	}{
		{"set under the key", "WRONGTYPE", func(t *testing.T, c redis.UniversalClient, prefix string) {
			c.Del(t.Context(), prefix+key)
			c.SAdd(t.Context(), prefix+key, "x")
		}},
		{"strange value under the key", "not the state of a", func(t *testing.T, c redis.UniversalClient, prefix string) {
			value := c.Type(t.Context(), prefix+key).Val()
			c.Del(t.Context(), prefix+key)
			switch value {
			case "string":
				c.Set(t.Context(), prefix+key, "1.5e3:x", 0)
			case "list":
				c.RPush(t.Context(), prefix+key, "x")
			case "zset":
				c.ZAdd(t.Context(), prefix+key, redis.Z{Member: "x"})
			}
		}},
		{"replica", "READONLY", command("REPLICAOF", "127.0.0.1", "1")},
		{"out of memory", "OOM", command("CONFIG", "SET", "maxmemory", "1")},
		{"no permission", "NOPERM", command("ACL", "SETUSER", "default", "-evalsha")},
	}
	each(t, func(t *testing.T, k kind) {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				client := connect(t, startServer(t), 1)
				l := k.injected(t, client, bucket(1, time.Second, 5), "run:")
				allow(t, l, 0, key, 1)
				tt.harm(t, client, "run:")
				d, err := l.Allow(t.Context(), time.Second, key, 1) // not where it would only change what is there
				if d != (limiters.Decision{}) {
					t.Errorf("decision is %+v; want none", d)
				}
				for _, want := range []string{tt.want, k.name, `"some\nkey"`} {
					if err == nil || !strings.Contains(err.Error(), want) {
						t.Errorf("error is %v; want %q in it", err, want)
					}
				}
			})
		}
	})
}

func TestNoAuth(t *testing.T) {
	s := startServer(t)
	if err := connect(t, s, 1).ConfigSet(t.Context(), "requirepass", "s3cret").Err(); err != nil {
		t.Fatal(err)
	}
	stranger := connect(t, s, 1)
	each(t, func(t *testing.T, k kind) {
		l, err := k.new(stranger, redislua.Config{Config: bucket(1, time.Second, 1), Prefix: "run:"})
		if err != nil {
			t.Fatal(err)
		}
		err = l.Open(t.Context())
		if err == nil || !strings.Contains(err.Error(), "NOAUTH") || !strings.Contains(err.Error(), k.name) {
			t.Errorf("error is %v; want NOAUTH of %s", err, k.name)
		}
	})
}

func TestServerDies(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		s := startServer(t)
		client := connect(t, s, 4)
		l := k.injected(t, client, bucket(1<<28, time.Second, 1<<28), "run:")
		dying := make(chan struct{})
		var once sync.Once
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for i := range 1_000_000 {
					d, err := l.Allow(t.Context(), 0, "key", 1)
					if err != nil {
						if d != (limiters.Decision{}) {
							t.Errorf("error %v came with the decision %+v", err, d)
						}
						return
					}
					if i == 100 {
						once.Do(func() { close(dying) })
					}
				}
				t.Error("the server is stopped and never missed")
			})
		}
		<-dying
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		wg.Wait()
		if err := l.Close(t.Context()); err == nil || !strings.Contains(err.Error(), "run:*") {
			t.Errorf("Close without a server: %v; want an error that names the keys", err)
		}
	})
}

func TestDeadline(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		client := connect(t, startServer(t), 1)
		l := k.injected(t, client, bucket(1, time.Second, 1), "run:")
		if err := client.Do(t.Context(), "CLIENT", "PAUSE", "60000").Err(); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		d, err := l.Allow(ctx, 0, "key", 1)
		if !errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, context.DeadlineExceeded) || d != (limiters.Decision{}) {
			t.Errorf("a slow server gave %+v, %v; want the deadline as an error", d, err)
		}
	})
}

func TestCloseDeletesItsKeysOnly(t *testing.T) {
	client := connect(t, startServer(t), 1)
	each(t, func(t *testing.T, k kind) {
		prefix := `fcbench:[ab]*?\:`
		l := k.injected(t, client, bucket(1, time.Second, 5), prefix)
		for i := range 3_000 {
			allow(t, l, 0, strings.Repeat("k", i%7)+string(rune('a'+i%26))+string(rune(i)), 1)
		}
		others := []string{"fcbench:a:key", `fcbench:a\:key`, `fcbench:[ab]xy\:key`, "x" + prefix + "key", prefix[:len(prefix)-1]}
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
		if found := client.Exists(t.Context(), others...).Val(); found != int64(len(others)) {
			t.Errorf("%d of %d keys of others are left", found, len(others))
		}
	})
}

func TestCloseSweepsACluster(t *testing.T) {
	m := miniredis.RunT(t)
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{m.Addr()}})
	defer client.Close()
	each(t, func(t *testing.T, k kind) {
		l := k.injected(t, client, bucket(1, time.Second, 5), "run:")
		for _, key := range []string{"a", "{b}", "c{}"} {
			allow(t, l, 0, key, 1)
		}
		if err := l.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if left := client.DBSize(t.Context()).Val(); left != 0 {
			t.Errorf("%d keys are left", left)
		}
	})
}

func TestConfigProblems(t *testing.T) {
	tests := []struct {
		config redislua.Config
		want   []string
	}{
		{redislua.Config{}, []string{"rate is not given", "burst is 0", `key prefix is ""`}},
		{redislua.Config{Config: bucket(1, time.Second, 1), Prefix: "run"}, []string{`key prefix is "run"; want`}},
		{redislua.Config{Config: bucket(1, time.Second, 1), Prefix: ":"}, []string{`key prefix is ":"; want`}},
		{redislua.Config{Config: bucket(1, time.Second, 1<<31+1<<28), Prefix: "run:"}, []string{"burst is 2415919104; want at most 2251799813 at a rate of 1/1s"}},
		{redislua.Config{Config: bucket(999_999_999_999_989, time.Duration(999_999_999_999_999), 1), Prefix: "run:"}, []string{"rate is 999999999999989/277h46m39.999999999s in lowest terms"}},
	}
	each(t, func(t *testing.T, k kind) {
		for _, tt := range tests {
			_, err := k.new(nil, tt.config)
			for _, want := range tt.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%+v: %v; want %q", tt.config, err, want)
				}
			}
		}
	}, buckets()...)
}

func TestNowBeyondExactness(t *testing.T) {
	client := connect(t, startServer(t), 1)
	each(t, func(t *testing.T, k kind) {
		l := k.injected(t, client, bucket(1, time.Second, 1), k.name+":")
		if d, err := l.Allow(t.Context(), 1<<63-1, "key", 1); err == nil {
			t.Errorf("decided %+v in 292 years; want an error", d)
		}
		if d := allow(t, l, -5, "key", 1); !d.Allowed || d.At != 0 {
			t.Errorf("before the start: %+v; want a grant at 0", d)
		}
	})
}
