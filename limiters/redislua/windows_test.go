package redislua_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/internal/rounds"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/redislua"
	"github.com/redis/go-redis/v9"
)

// locals are the limiters in this process that those on Redis must decide like.
func locals() map[string]func(limiters.Config) (limiters.Limiter, error) {
	return map[string]func(limiters.Config) (limiters.Limiter, error){
		"redis-gcra":                    func(b limiters.Config) (limiters.Limiter, error) { return limiters.NewGCRA(b) },
		"redis-token-bucket":            func(b limiters.Config) (limiters.Limiter, error) { return limiters.NewTokenBucket(b) },
		"redis-leaky-bucket-meter":      func(b limiters.Config) (limiters.Limiter, error) { return limiters.NewLeakyBucketMeter(b) },
		"redis-leaky-bucket-queue":      func(b limiters.Config) (limiters.Limiter, error) { return limiters.NewLeakyBucketQueue(b) },
		"redis-fixed-window":            localWindow(limiters.NewFixedWindow),
		"redis-sliding-window-counter":  localWindow(limiters.NewSlidingWindowCounter),
		"redis-sliding-window-log":      localWindow(limiters.NewSlidingWindowLog),
		"redis-sliding-window-log-zset": localWindow(limiters.NewSlidingWindowLog),
	}
}

func localWindow[L limiters.Limiter](construct func(limiters.WindowConfig) (L, error)) func(limiters.Config) (limiters.Limiter, error) {
	return func(b limiters.Config) (limiters.Limiter, error) { return construct(windowOf(b)) }
}

// TestEqualsLocal asks a limiter on Redis and the local one the same, to the µs.
func TestEqualsLocal(t *testing.T) {
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
	each(t, func(t *testing.T, k kind) { equalsLocal(t, client, k, rounds.Of(1_000)) }, append(buckets()[:4], windows()...)...)
}

func equalsLocal(t *testing.T, client redis.UniversalClient, k kind, steps int) {
	for i, b := range k.limits() {
		l := k.injected(t, client, b, fmt.Sprintf("%s:%d:", k.name, i))
		same, err := locals()[k.name](b)
		if err != nil {
			t.Fatal(err)
		}
		w := &walk{rng: rand.New(rand.NewPCG(uint64(i), 9))}
		allowed := 0
		for step := range steps {
			now, n := w.next(int64(b.Burst))
			w.last = allow(t, l, now, "key", n)
			want := toMicros(allow(t, same, now.Truncate(time.Microsecond), "key", n))
			if w.last != want {
				t.Fatalf("%v, step %d, %d tokens at %v: %+v; want %+v", b, step, n, now, w.last, want)
			}
			if w.last.Allowed {
				allowed++
			}
		}
		if allowed < steps/20 || allowed > steps*19/20 {
			t.Errorf("%v: %d of %d steps allowed; want a mixture", b, allowed, steps)
		}
		if err := l.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// toMicros rounds what is to be waited up to whole µs.
func toMicros(d limiters.Decision) limiters.Decision {
	up := func(wait time.Duration) time.Duration {
		if wait == limiters.Never {
			return wait
		}
		return (wait + time.Microsecond - 1).Truncate(time.Microsecond)
	}
	d.Delay, d.RetryAfter, d.ResetAfter = up(d.Delay), up(d.RetryAfter), up(d.ResetAfter)
	return d
}

// TestLogsForgetWhatHasPassed looks at what is stored after many windows, of several
// grants at each instant, which share an entry.
func TestLogsForgetWhatHasPassed(t *testing.T) {
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
	each(t, func(t *testing.T, k kind) {
		l := k.injected(t, client, bucket(60, time.Second, 60), k.name+":")
		for i := range 100 {
			for n := range int64(3) {
				if d := allow(t, l, time.Duration(i)*100*time.Millisecond, "key", n+1); !d.Allowed {
					t.Fatalf("at %d00 ms a request of %d is denied; want what the window has room for", i, n+1)
				}
			}
		}
		length := client.Eval(t.Context(), `return redis.pcall('LLEN', KEYS[1])`, []string{k.name + ":key"})
		if k.name == "redis-sliding-window-log-zset" {
			length = client.Eval(t.Context(), `return 2 * redis.call('ZCARD', KEYS[1]) + 1`, []string{k.name + ":key"})
		}
		if got, err := length.Int64(); err != nil || got != 21 {
			t.Errorf("%d numbers are stored, %v; want the sums and instants of 10 instants at which there were grants, and what was before", got, err)
		}
	}, windows()[2:]...)
}

// TestSumsGoRoundTheCircle begins a little before the sums of a log start again
// from 0, with one grant.
func TestSumsGoRoundTheCircle(t *testing.T) {
	const steps, before, after = 500, "4503599627370494", "4503599627370495"
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
	client.RPush(t.Context(), "redis-sliding-window-log:key", before, 0, after)
	client.ZAdd(t.Context(), "redis-sliding-window-log-zset:key", redis.Z{Member: before + ":" + after})
	each(t, func(t *testing.T, k kind) {
		b := bucket(7, 3*time.Second, 7)
		l := k.injected(t, client, b, k.name+":")
		same, err := locals()[k.name](b)
		if err != nil {
			t.Fatal(err)
		}
		allow(t, same, 0, "key", 1)
		w := &walk{rng: rand.New(rand.NewPCG(1, 2))}
		for step := range steps {
			now, n := w.next(int64(b.Burst))
			now = now.Truncate(time.Microsecond)
			w.last = allow(t, l, now, "key", n)
			if want := allow(t, same, now, "key", n); w.last != want {
				t.Fatalf("step %d, %d tokens at %v: %+v; want %+v", step, n, now, w.last, want)
			}
		}
	}, windows()[2:]...)
}

// TestSumsOfTheLargestGrants are exact however many there were: one token less than
// all there is leaves one, in every window.
func TestSumsOfTheLargestGrants(t *testing.T) {
	const largest = 1 << 51
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
	each(t, func(t *testing.T, k kind) {
		window := bucket(1, 2, largest) // of 52 days
		l := k.injected(t, client, window, k.name+":")
		for i := range time.Duration(20) {
			now := i * refill(window)
			if d := allow(t, l, now, "key", largest-1); !d.Allowed || d.Remaining != 1 {
				t.Fatalf("all but one at %v: %+v; want it granted, and one left", now, d)
			}
			if d := allow(t, l, now, "key", 2); d.Allowed {
				t.Fatalf("two more at %v: %+v; want it denied", now, d)
			}
			if d := allow(t, l, now, "key", 1); !d.Allowed || d.Remaining != 0 {
				t.Fatalf("one more at %v: %+v; want it granted, and none left", now, d)
			}
		}
	}, windows()[2:]...)
}

func TestWindowProblems(t *testing.T) {
	const day = 24 * time.Hour
	per := func(limit int64, window time.Duration) limiters.WindowConfig {
		return limiters.WindowConfig{Rate: units.Rate{Count: limit, Per: window}, Window: units.Duration(window)}
	}
	all := []func(redis.UniversalClient, redislua.WindowConfig) (*redislua.Adjustable, error){
		redislua.NewFixedWindow, redislua.NewSlidingWindowCounter, redislua.NewSlidingWindowLog, redislua.NewSlidingWindowLogZSET,
	}
	tests := []struct {
		limit limiters.WindowConfig
		of    []func(redis.UniversalClient, redislua.WindowConfig) (*redislua.Adjustable, error)
		want  string
	}{
		{limiters.WindowConfig{}, all, "rate is not given"},
		{per(3, 4500*time.Nanosecond), all, "window is 4.5µs; want whole µs"},
		{per(1, 100*365*day), all, "window is 876000h0m0s; want at most 312749h58m26.842624s"},
		{per(1<<52, 200*day), all, "limit is 4503599627370496 in 4800h0m0s; want at most"},
		{per(652, 40*day), all[1:2], "limit is 652 in 960h0m0s; want at most 651 in that time"},
	}
	for _, tt := range tests {
		for i, construct := range tt.of {
			_, err := construct(nil, redislua.WindowConfig{Config: tt.limit, Prefix: "run"})
			for _, want := range []string{tt.want, `key prefix is "run"`} {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%d: %+v: %v; want %q", i, tt.limit, err, want)
				}
			}
		}
	}
}
