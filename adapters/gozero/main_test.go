package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/zeromicro/go-zero/core/logx"
	"github.com/zeromicro/go-zero/core/stores/redis"

	"github.com/fcbench/fcbench/adapters/internal/serve"
	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
)

func TestMain(m *testing.M) {
	logx.Disable()
	os.Exit(m.Run())
}

// connect returns the library's client of a real Redis that lives as long as the test.
func connect(t *testing.T) *redis.Redis {
	t.Helper()
	store, err := redis.NewRedis(redis.RedisConf{Host: redisproctest.Start(t).Info().Addr, Type: redis.NodeType})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func limitOf(count int64, per time.Duration, burst int64) limiters.Config {
	return limiters.Config{Rate: units.Rate{Count: count, Per: per}, Burst: units.Count(burst)}
}

func must(t *testing.T, l serve.Limiter, now time.Duration, key string, n int64) bool {
	t.Helper()
	d, err := l.Allow(t.Context(), now, key, n)
	if err != nil || d.Remaining != -1 || d.ResetAfter != limiters.Unknown {
		t.Fatalf("%v: %d of %q: %+v, %v", now, n, key, d, err)
	}
	return d.Allowed
}

// TestTokens: of a second only the whole ones count.
func TestTokens(t *testing.T) {
	l, err := newTokens(connect(t), "run:", limitOf(10, time.Second, 10))
	if err != nil {
		t.Fatal(err)
	}
	const ms = time.Millisecond
	for i, tt := range []struct {
		now     time.Duration
		key     string
		n       int64
		allowed bool
	}{
		{0, "a", 10, true},
		{0, "a", 1, false},
		{0, "b", 11, false},
		{0, "b", 10, true},
		{999 * ms, "a", 1, false},
		{1000 * ms, "a", 10, true},
		{1999 * ms, "a", 1, false},
		{2500 * ms, "a", 5, true},
	} {
		if got := must(t, l, tt.now, tt.key, tt.n); got != tt.allowed {
			t.Errorf("call %d: %v; want %v", i, got, tt.allowed)
		}
	}
}

// TestTokensDecideAlone: with a burst below half the rate the script fails, for a
// key may not live for 0 s, and each process has a limiter of its own instead.
func TestTokensDecideAlone(t *testing.T) {
	store := connect(t)
	granted := 0
	for range 3 {
		l, err := newTokens(store, "run:", limitOf(10, time.Second, 4))
		if err != nil {
			t.Fatal(err)
		}
		for range 10 {
			if must(t, l, 0, "a", 1) {
				granted++
			}
		}
	}
	if granted != 12 {
		t.Errorf("%d were granted to 3 gateways of one limit; want 12, where 4 are due", granted)
	}
}

// TestPeriod: what is denied counts.
func TestPeriod(t *testing.T) {
	l, err := newPeriod(connect(t), "run:", limitOf(3, time.Hour, 0))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		if got := must(t, l, time.Duration(i)*time.Hour, "a", 1); got != (i < 3) {
			t.Errorf("call %d: %v", i, got)
		}
	}
	if !must(t, l, 0, "b", 1) {
		t.Error("another key was denied")
	}
	if _, err := l.Allow(t.Context(), 0, "a", 2); err == nil || err.Error() != "cost is 2; want 1 to 1" {
		t.Errorf("cost 2: %v", err)
	}
}

func TestInfo(t *testing.T) {
	module, err := os.ReadFile("../go.mod")
	if err != nil || !strings.Contains(string(module), "github.com/zeromicro/go-zero "+version+"\n") {
		t.Errorf("version is %s, not that of go.mod (%v)", version, err)
	}
	tokens, e1 := newTokens(nil, "run:", limitOf(10, time.Second, 10))
	window, e2 := newPeriod(nil, "run:", limitOf(10, time.Second, 0))
	if e1 != nil || e2 != nil {
		t.Fatal(e1, e2)
	}
	a, b := tokens.Info(), window.Info()
	if a.Algorithm != "token-bucket" || a.TimeSource != limiters.TimeArgument || a.Resolution != time.Second || tokens.Bound(0) != 10 {
		t.Errorf("described as %+v", a)
	}
	if b.Algorithm != "fixed-window" || b.TimeSource != limiters.TimeRedis || b.Windows != limiters.FromFirst || !b.Unweighted || window.Bound(0) != 10 {
		t.Errorf("described as %+v", b)
	}
}

func TestRefuses(t *testing.T) {
	_, e1 := newTokens(nil, "run:", limitOf(7, 3*time.Second, 1))
	_, e2 := newPeriod(nil, "run:", limitOf(7, 1500*time.Millisecond, 0))
	_, e3 := newTokens(nil, "run:", limiters.Config{})
	_, e4 := newPeriod(nil, "run:", limiters.Config{})
	for want, err := range map[string]error{
		"want a whole number per second": e1, "window is 1.5s; want whole seconds": e2, "burst is 0": e3, "rate is not given": e4,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v; want %q", err, want)
		}
	}
}
