package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/adapters/internal/serve"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/external"
)

// TestMain makes the test program the adapter as well.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestExec has fcbench itself at the other end.
func TestExec(t *testing.T) {
	config := external.DefaultConfig()
	config.Command, config.Rate, config.Burst = "'"+os.Args[0]+"' serve", bucketOf(10, time.Second, 2).Rate, 2
	l, err := external.New(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	if info := l.Info(); info.Version != version || info.TimeSource != limiters.TimeArgument || len(info.Lacks) == 0 {
		t.Errorf("described as %+v", info)
	}
	for i, want := range []limiters.Decision{
		{Allowed: true, Remaining: 1},
		{Allowed: true},
		{RetryAfter: limiters.Unknown},
		{Allowed: true, At: 100 * time.Millisecond},
	} {
		want.ResetAfter = limiters.Unknown
		if d, err := l.Allow(t.Context(), want.At, "\xff\n", 1); err != nil || d != want {
			t.Errorf("call %d: %+v, %v; want %+v", i, d, err, want)
		}
	}
	if err := l.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func bucketOf(count int64, per time.Duration, burst int64) limiters.Config {
	return limiters.Config{Rate: units.Rate{Count: count, Per: per}, Burst: units.Count(burst)}
}

func TestDecisions(t *testing.T) {
	b, err := open(serve.Wanted{Algorithm: "token-bucket", Limit: bucketOf(10, time.Second, 3)})
	if err != nil {
		t.Fatal(err)
	}
	const ms = time.Millisecond
	for i, tt := range []struct {
		now     time.Duration
		key     string
		n       int64
		allowed bool
		left    int64
	}{
		{0, "a", 2, true, 1},
		{0, "a", 2, false, 1},
		{0, "a", 1, true, 0}, // all or nothing
		{99 * ms, "a", 1, false, 0},
		{100 * ms, "a", 1, true, 0},
		{150 * ms, "b", 4, false, 3},
		{150 * ms, "b", 3, true, 0}, // ticks from when b was made
		{249 * ms, "b", 1, false, 0},
		{250 * ms, "b", 1, true, 0},
		{time.Hour, "a", 3, true, 0},
		{time.Hour - 100*ms, "a", 1, false, -1},
		{time.Hour, "a", 1, false, 0}, // back and forth takes and brings one
	} {
		want := limiters.Decision{Allowed: tt.allowed, At: tt.now, ResetAfter: limiters.Unknown, Remaining: tt.left}
		if !tt.allowed {
			want.RetryAfter = limiters.Unknown
		}
		if d, err := b.Allow(t.Context(), tt.now, tt.key, tt.n); err != nil || d != want {
			t.Errorf("call %d: %+v, %v; want %+v", i, d, err, want)
		}
	}
	if _, err := b.Allow(t.Context(), 0, "a", 0); err == nil || err.Error() != "cost is 0; want at least 1" {
		t.Errorf("cost 0: %v", err)
	}
}

// TestRateIsNear: the library documents up to 1 %, for the sake of ticks of whole ns.
func TestRateIsNear(t *testing.T) {
	b, err := open(serve.Wanted{Algorithm: "token-bucket", Limit: bucketOf(3_000_000, time.Second, 1)})
	if err != nil {
		t.Fatal(err)
	}
	granted := 0
	for now := time.Duration(0); now <= 10*time.Millisecond; now += 10 {
		if d, _ := b.Allow(t.Context(), now, "a", 1); d.Allowed {
			granted++
		}
	}
	if granted < 29_701 || granted > 30_301 {
		t.Errorf("%d were granted in 10 ms; want 30,001, give or take 1 %%", granted)
	}
}

func TestInfo(t *testing.T) {
	b, err := open(serve.Wanted{Algorithm: "token-bucket", Limit: bucketOf(10, time.Second, 3)})
	if err != nil {
		t.Fatal(err)
	}
	info := b.Info()
	if info.Algorithm != "token-bucket" || info.TimeSource != limiters.TimeArgument || b.Bound(time.Second) != 13 {
		t.Errorf("described as %+v", info)
	}
	module, err := os.ReadFile("../go.mod")
	if err != nil || !strings.Contains(string(module), "github.com/juju/ratelimit "+info.Version+"\n") {
		t.Errorf("version is %s, not that of go.mod (%v)", info.Version, err)
	}
	if _, err := open(serve.Wanted{Algorithm: "token-bucket", Limit: limiters.Config{}}); err == nil {
		t.Error("took a limit without a rate")
	}
}
