package redislua_test

import (
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/redislua"
	"github.com/redis/go-redis/v9"
)

// naive returns the specimen, on the server's clock unless it is injected.
func naive(t *testing.T, client redis.UniversalClient, b limiters.Config, inject bool) limiters.Limiter {
	t.Helper()
	l, err := redislua.NewNaiveTokenBucket(client, redislua.Config{Config: b, Prefix: "run:", InjectTime: inject})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	return l
}

// admitted asks at each instant in turn.
func admitted(t *testing.T, l limiters.Limiter, calls int, at func(i int) time.Duration) (sum int) {
	t.Helper()
	for i := range calls {
		if allow(t, l, at(i), "key", 1).Allowed {
			sum++
		}
	}
	return sum
}

func every(step time.Duration) func(int) time.Duration {
	return func(i int) time.Duration { return time.Duration(i) * step }
}

// TestNaiveSaturated asks for 10/s all the time, and gets bursts of 10 as often
// as the key dies, where 72 were right.
func TestNaiveSaturated(t *testing.T) {
	l := naive(t, redisproctest.Connect(t, redisproctest.Start(t), 1), bucket(10, time.Second, 10), true)
	if got := admitted(t, l, 6201, every(time.Millisecond)); got != 40 {
		t.Errorf("%d were granted in 6.2 s; want the burst of 10 each 2 s", got)
	}
}

// TestNaiveDeniesTheSlow asks 2/s of 10/s: as each grant renews the key, there
// are ten of them and no more, until nothing is granted for 2 s.
func TestNaiveDeniesTheSlow(t *testing.T) {
	l := naive(t, redisproctest.Connect(t, redisproctest.Start(t), 1), bucket(10, time.Second, 10), true)
	if got := admitted(t, l, 13, every(500*time.Millisecond)); got != 10 {
		t.Errorf("%d of 13 were granted; want 10", got)
	}
}

// TestNaiveClocks shifts the client's clock after the two have agreed.
func TestNaiveClocks(t *testing.T) {
	server := redisproctest.Start(t)
	for skew, want := range map[time.Duration][2]int{
		2 * time.Second:  {200, 200}, // filled at each call
		-2 * time.Second: {0, 0},     // taken from at each call
	} {
		client := redisproctest.Connect(t, server, 1)
		client.FlushDB(t.Context())
		l := naive(t, client, bucket(10, time.Second, 10), false)
		allow(t, l, 0, "other", 1)
		if got := admitted(t, l, 200, func(int) time.Duration { return skew }); got < want[0] || got > want[1] {
			t.Errorf("a clock that is %v ahead was granted %d of 200; want %d", skew, got, want[0])
		}
	}
}

// TestNaiveLifetime has the key live for no second at all.
func TestNaiveLifetime(t *testing.T) {
	for _, inject := range []bool{false, true} {
		l := naive(t, redisproctest.Connect(t, redisproctest.Start(t), 1), bucket(100, time.Second, 20), inject)
		d, err := l.Allow(t.Context(), 0, "key", 1)
		if err == nil || !strings.Contains(err.Error(), "invalid expire time") || d != (limiters.Decision{}) {
			t.Errorf("injected %v: %+v, %v; want an invalid expire time", inject, d, err)
		}
	}
}

func TestNaiveDecision(t *testing.T) {
	l := naive(t, redisproctest.Connect(t, redisproctest.Start(t), 1), bucket(1, time.Second, 1), false)
	unknown := limiters.Unknown
	if got, want := allow(t, l, 0, "key", 1), (limiters.Decision{Allowed: true, At: unknown, ResetAfter: unknown, Remaining: -1}); got != want {
		t.Errorf("the first came back as %+v; want %+v", got, want)
	}
	for _, n := range []int64{0, 2} {
		if _, err := l.Allow(t.Context(), 0, "key", n); err == nil || !strings.Contains(err.Error(), "cost is") {
			t.Errorf("a cost of %d: %v; want an error", n, err)
		}
	}
}
