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

	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/redislua"
	"github.com/redis/go-redis/v9"
)

// TestScriptFlush loses the script again and again; the decisions must not show it.
func TestScriptFlush(t *testing.T) {
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
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
	client := redisproctest.Connect(t, redisproctest.Start(t), callers)
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
				client := redisproctest.Connect(t, redisproctest.Start(t), 1)
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
	s := redisproctest.Start(t)
	if err := redisproctest.Connect(t, s, 1).ConfigSet(t.Context(), "requirepass", "s3cret").Err(); err != nil {
		t.Fatal(err)
	}
	stranger := redisproctest.Connect(t, s, 1)
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

func TestWrongPassword(t *testing.T) {
	s := redisproctest.Start(t)
	control := redisproctest.Connect(t, s, 1)
	if err := control.ConfigSet(t.Context(), "requirepass", "s3cret").Err(); err != nil {
		t.Fatal(err)
	}
	o := *control.(*redis.Client).Options()
	o.Password = "other"
	stranger := redis.NewClient(&o)
	defer stranger.Close()
	each(t, func(t *testing.T, k kind) {
		l, err := k.new(stranger, redislua.Config{Config: bucket(1, time.Second, 1), Prefix: "run:"})
		if err != nil {
			t.Fatal(err)
		}
		d, err := l.Allow(t.Context(), 0, "key", 1)
		if err == nil || !strings.Contains(err.Error(), "WRONGPASS") || d != (limiters.Decision{}) {
			t.Errorf("%+v, %v; want WRONGPASS", d, err)
		}
		if strings.Contains(err.Error(), "other") {
			t.Errorf("the password is in the error %v", err)
		}
	})
}

func TestServerDies(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		s := redisproctest.Start(t)
		client := redisproctest.Connect(t, s, 4)
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
		client := redisproctest.Connect(t, redisproctest.Start(t), 1)
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

func TestNowBeyondExactness(t *testing.T) {
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
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
