package combine

import (
	"context"
	"testing"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// TestScheduled switches at the first decision at or after each instant.
func TestScheduled(t *testing.T) {
	ctx, second := context.Background(), time.Second
	limit := func(rate int64) limiters.Limit { return limiters.Limit{Rate: rate, Period: second, Burst: rate} }
	l := must(NewScheduled(made(t, "gcra", limit(10)), []Change{
		{5 * second, made(t, "token-bucket", limit(20))},
		{9 * second, made(t, "sliding-window-log", limit(30))},
		{10 * second, made(t, "fixed-window", limit(40))},
	}))(t)
	for _, step := range []struct {
		now  time.Duration
		want string
	}{{0, "gcra"}, {5*second - 1, "gcra"}, {5 * second, "token-bucket"}, {4 * second, "token-bucket"}, {20 * second, "fixed-window"}} {
		if d := must(l.Peek(ctx, step.now, "k", 1))(t); !d.Allowed {
			t.Errorf("at %v a peek gave %+v; want it allowed", step.now, d)
		}
		if got := l.switchable.Info().Algorithm; got != step.want {
			t.Errorf("at %v the algorithm is %s; want %s", step.now, got, step.want)
		}
	}
	if got := l.Bound(0); got != 40 {
		t.Errorf("Bound(0) is %d; want 40, the largest of all", got)
	}
}

// TestScheduledLimit: it has one only as long as it is the same.
func TestScheduledLimit(t *testing.T) {
	const second = time.Second
	small, large := limiters.Limit{Rate: 10, Period: second, Burst: 5}, limiters.Limit{Rate: 20, Period: second, Burst: 5}
	for _, tc := range []struct{ then, want limiters.Limit }{{small, small}, {large, limiters.Limit{}}} {
		l := must(NewScheduled(made(t, "gcra", small), []Change{{second, made(t, "token-bucket", tc.then)}}))(t)
		for _, now := range []time.Duration{0, 2 * second} {
			must(l.Allow(context.Background(), now, "k", 1))(t)
			if got := l.Info(); got.Limit != tc.want || got.Algorithm != "switchable" {
				t.Errorf("at %v of a change to %v it is %s under %v; want switchable under %v", now, tc.then, got.Algorithm, got.Limit, tc.want)
			}
		}
	}
	alone := must(NewScheduled(made(t, "gcra", small), nil))(t)
	if got := alone.Info(); got.Limit != small || got.Algorithm != "gcra" {
		t.Errorf("without a change it is %s under %v; want what it is", got.Algorithm, got.Limit)
	}
}
