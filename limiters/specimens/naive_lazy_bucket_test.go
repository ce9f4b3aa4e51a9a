package specimens_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/specimens"
)

func perSecond(rate, burst int64) limiters.Config {
	return limiters.Config{Rate: units.Rate{Count: rate, Per: time.Second}, Burst: units.Count(burst)}
}

func naive(t *testing.T, config limiters.Config) *specimens.NaiveLazyBucket {
	t.Helper()
	l, err := specimens.NewNaiveLazyBucket(config)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func allow(t *testing.T, l limiters.Limiter, now time.Duration, n int64) limiters.Decision {
	t.Helper()
	d, err := l.Allow(context.Background(), now, "key", n)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestRemainderIsForgotten polls at fractions of the interval R. Of what is due,
// 1/(⌈R/p⌉×p/R) is granted to who asks every p < R.
func TestRemainderIsForgotten(t *testing.T) {
	const interval, polls = 100 * time.Millisecond, 1200
	tests := []struct {
		poll time.Duration
		want int64 // granted after the first
	}{
		{interval * 3 / 2, polls},
		{interval * 101 / 100, polls},
		{interval, polls},
		{interval * 99 / 100, polls / 2}, // 0.505 of what is due
		{interval * 9 / 10, polls / 2},   // 0.556
		{interval * 3 / 10, polls / 4},   // 0.833
		{interval / 4, polls / 4},
	}
	for _, tt := range tests {
		l, granted := naive(t, perSecond(10, 1)), int64(-1)
		for i := range time.Duration(polls + 1) {
			if allow(t, l, i*tt.poll, 1).Allowed {
				granted++
			}
		}
		if granted != tt.want {
			t.Errorf("asked every %v for one per %v: %d of %d granted; want %d", tt.poll, interval, granted, polls, tt.want)
		}
	}
}

// TestNaiveIsRightOtherwise asks in whole intervals, of which nothing remains:
// the answers are those of a token bucket, as long as time does not go back.
func TestNaiveIsRightOtherwise(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	config := perSecond(100, 7)
	sound, err := limiters.NewTokenBucket(config)
	if err != nil {
		t.Fatal(err)
	}
	l, now := naive(t, config), time.Duration(0)
	for i := range 5000 {
		now += time.Duration(rng.IntN(4)*rng.IntN(4)) * 10 * time.Millisecond
		n := 1 + rng.Int64N(8)
		if got, want := allow(t, l, now, n), allow(t, sound, now, n); got != want {
			t.Fatalf("request %d, for %d at %v: %+v; want %+v", i, n, now, got, want)
		}
		if got, want := l.Reclaim(now), sound.Reclaim(now); got != want || l.Keys() != sound.Keys() {
			t.Fatalf("reclaimed %d, with %d left; want %d and %d", got, l.Keys(), want, sound.Keys())
		}
	}
	for w := time.Duration(1); w < limiters.Never/3; w *= 3 {
		if l.Bound(w) != sound.Bound(w) {
			t.Errorf("Bound(%v) is %d; want %d", w, l.Bound(w), sound.Bound(w))
		}
	}
}

func TestNaiveInTimeThatGoesBack(t *testing.T) {
	const refill, latest = time.Hour, time.Hour + 50*time.Millisecond
	l := naive(t, perSecond(10, 4))
	allow(t, l, refill, 1)
	allow(t, l, latest, 1)
	for range 2 {
		if d := allow(t, l, 0, 1); !d.Allowed || d.At != latest {
			t.Errorf("long before: %+v; want granted as at %v", d, latest)
		}
	}
	if d := allow(t, l, refill, 1); d.Allowed {
		t.Error("the burst of 4 brought 5")
	}
}

func TestNaiveRefuses(t *testing.T) {
	if _, err := specimens.NewNaiveLazyBucket(limiters.Config{}); err == nil {
		t.Error("a config without a limit was taken")
	}
	l := naive(t, perSecond(10, 3))
	if _, err := l.Allow(context.Background(), 0, "key", 0); err == nil {
		t.Error("a cost of 0 was decided on")
	}
	if d := allow(t, l, 0, 4); d.Allowed || d.RetryAfter != limiters.Never || l.Keys() != 0 {
		t.Errorf("more than the burst: %+v, and %d keys kept; want never, and none", d, l.Keys())
	}
}

// TestNaiveWhileReclaimed races callers for a burst whose key is being dropped.
func TestNaiveWhileReclaimed(t *testing.T) {
	const burst = 3
	l := naive(t, perSecond(burst, burst))
	for round := range 1000 {
		now := time.Duration(round) * time.Second
		var sum atomic.Int64
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range burst {
					if d, err := l.Allow(context.Background(), now, "key", 1); err == nil && d.Allowed {
						sum.Add(1)
					}
				}
			})
		}
		l.Reclaim(now)
		wg.Wait()
		if sum.Load() != burst {
			t.Fatalf("%d granted in round %d; want %d", sum.Load(), round, burst)
		}
	}
}
