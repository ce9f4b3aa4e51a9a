package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/adapters/internal/serve"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
)

func start(t *testing.T, rate int64, window time.Duration) serve.Limiter {
	t.Helper()
	l, err := open(serve.Wanted{Algorithm: "sliding-window-log", Limit: limiters.Config{Rate: units.Rate{Count: rate, Per: window}}})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestDecisions is one test, because the library has one state in a process.
func TestDecisions(t *testing.T) {
	l := start(t, 10, time.Second)
	const ms = time.Millisecond
	for i, tt := range []struct {
		now     time.Duration
		n       int64
		allowed bool
	}{
		{499 * ms, 10, true},
		{500 * ms, 1, false},
		{999 * ms, 1, false},
		// Of a sliding window of a second, buckets of half a second leave what is
		// half a second old: what the window of the latest second holds is 20.
		{1000 * ms, 10, true},
		{1001 * ms, 1, false},
		{time.Hour, 11, false},
		{time.Hour, 10, true},
	} {
		want := limiters.Decision{Allowed: tt.allowed, At: tt.now, ResetAfter: limiters.Unknown, Remaining: -1}
		if !tt.allowed {
			want.RetryAfter = limiters.Unknown
		}
		if d, err := l.Allow(t.Context(), tt.now, "any", tt.n); err != nil || d != want {
			t.Errorf("call %d: %+v, %v; want %+v", i, d, err, want)
		}
	}
	for _, n := range []int64{0, -1, 1 << 32} {
		if _, err := l.Allow(t.Context(), 0, "any", n); err == nil {
			t.Errorf("cost %d was taken", n)
		}
	}
}

func TestInfo(t *testing.T) {
	l := start(t, 10, time.Second)
	info := l.Info()
	if info.Algorithm != "sliding-window-log" || info.TimeSource != limiters.TimeArgument || !info.Unkeyed || info.Limit != (limiters.Limit{Rate: 10, Period: time.Second}) {
		t.Errorf("described as %+v", info)
	}
	module, err := os.ReadFile("../go.mod")
	if err != nil || !strings.Contains(string(module), "github.com/alibaba/sentinel-golang "+info.Version+"\n") {
		t.Errorf("version is %s, not that of go.mod (%v)", info.Version, err)
	}
}

func TestRefuses(t *testing.T) {
	for _, window := range []time.Duration{0, time.Microsecond, time.Hour} {
		if _, err := open(serve.Wanted{Algorithm: "sliding-window-log", Limit: limiters.Config{Rate: units.Rate{Count: 10, Per: window}}}); err == nil {
			t.Errorf("a window of %v was taken", window)
		}
	}
}
