package thirdparty_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/thirdparty"
)

// TestBareOrKeyed: bare, one instance decides for all keys.
func TestBareOrKeyed(t *testing.T) {
	each(t, func(k kind) bool { return k.bare && k.name != "uber" }, func(t *testing.T, k kind) {
		for _, bare := range []bool{false, true} {
			l := k.make(t, bucket(1, time.Hour, 5), bare)
			want, keys := 1, 2
			if k.name == "x-time-rate" {
				want = 5
			}
			if got := grants(t, l, 0, "one"); got != want {
				t.Errorf("bare %v: %d were granted; want %d", bare, got, want)
			}
			if bare {
				want, keys = 0, 0
			}
			if got := grants(t, l, 0, "other"); got != want {
				t.Errorf("bare %v: %d were granted to another key; want %d", bare, got, want)
			}
			if got := l.(limiters.Reclaimer).Keys(); got != keys {
				t.Errorf("bare %v: %d keys have state; want %d", bare, got, keys)
			}
		}
	})
}

// TestReclaim: only x/time can tell that an instance is as good as new.
func TestReclaim(t *testing.T) {
	each(t, func(k kind) bool { return k.bare }, func(t *testing.T, k kind) {
		l := k.make(t, bucket(1, time.Hour, 5), false)
		for i := range 100 {
			must(t, l, time.Duration(i)*time.Second, fmt.Sprint(i), 1)
		}
		freed := 0
		if k.name == "x-time-rate" {
			freed = 50
		}
		if got := l.(limiters.Reclaimer).Reclaim(time.Hour + 49*time.Second); got != freed {
			t.Errorf("%d keys were freed; want %d", got, freed)
		}
		if got := k.make(t, bucket(1, time.Hour, 5), true).(limiters.Reclaimer).Reclaim(time.Hour); got != 0 {
			t.Errorf("%d keys were freed of a bare limiter", got)
		}
	})
}

// TestReclaimedKeyHasNoPast: who comes back with an earlier now does not find the
// burst that the key had then once more.
func TestReclaimedKeyHasNoPast(t *testing.T) {
	l := named(t, "x-time-rate").make(t, bucket(1, time.Second, 5), false)
	must(t, l, 0, "key", 1)
	if got := l.(limiters.Reclaimer).Reclaim(time.Minute); got != 1 {
		t.Fatalf("%d keys were freed; want 1", got)
	}
	if d := must(t, l, time.Second, "key", 1); !d.Allowed || d.At != time.Minute {
		t.Errorf("%+v; want it granted as at 1m0s, when the key was freed", d)
	}
}

// TestReclaimLosesNoGrant has callers spend while keys are freed as fast as can be.
func TestReclaimLosesNoGrant(t *testing.T) {
	const burst, callers = 3, 4
	l := named(t, "x-time-rate").make(t, bucket(1, time.Second, burst), false)
	for round := range 1000 {
		now := time.Duration(2*burst*round) * time.Second // full again
		var granted atomic.Int64
		var wg sync.WaitGroup
		for range callers {
			wg.Go(func() {
				for range burst {
					if must(t, l, now, "key", 1).Allowed {
						granted.Add(1)
					}
				}
			})
		}
		wg.Go(func() {
			for range 10 {
				l.(limiters.Reclaimer).Reclaim(now)
			}
		})
		wg.Wait()
		if got := granted.Load(); got != burst {
			t.Fatalf("round %d: %d were granted; want the burst of %d", round, got, burst)
		}
	}
}

// TestConcurrentBurst calls from many goroutines while the clock stands still.
func TestConcurrentBurst(t *testing.T) {
	const callers = 8
	want := func(k kind) bool { return k.name != "uber" && k.name != "throttled" }
	each(t, want, func(t *testing.T, k kind) {
		l := k.make(t, bucket(10, time.Hour, 5), false)
		var granted atomic.Int64
		var wg sync.WaitGroup
		for range callers {
			wg.Go(func() {
				for i := range 400 {
					if must(t, l, 0, fmt.Sprint(i%4), 1).Allowed {
						granted.Add(1)
					}
				}
			})
		}
		wg.Wait()
		if got, want := granted.Load(), int64(4*capacity(k)); got != want {
			t.Errorf("%d were granted; want %d", got, want)
		}
	})
}

// TestThrottledConcurrently may give up, which is an error and no decision.
func TestThrottledConcurrently(t *testing.T) {
	l := named(t, "throttled").make(t, bucket(1, time.Hour, 500), false)
	var granted, failed atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 400 {
				d, err := l.Allow(t.Context(), 0, "key", 1)
				switch {
				case err != nil && d != limiters.Decision{}:
					t.Errorf("%+v came with %v", d, err)
				case err != nil:
					failed.Add(1)
				case d.Allowed:
					granted.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if got := granted.Load(); got != 500 {
		t.Errorf("%d were granted, with %d errors; want 500", got, failed.Load())
	}
}

// TestUber: what Take would have slept is the delay, and nobody sleeps.
func TestUber(t *testing.T) {
	l, err := thirdparty.NewUber(thirdparty.UberConfig{Rate: bucket(10, time.Second, 1).Rate, Slack: 2})
	if err != nil {
		t.Fatal(err)
	}
	const ms = time.Millisecond
	for i, tt := range []struct{ now, delay time.Duration }{
		{0, 0}, {0, 100 * ms}, {0, 200 * ms}, {250 * ms, 50 * ms}, // the queue of the start
		{2000 * ms, 0}, {2000 * ms, 0}, {2000 * ms, 0}, {2000 * ms, 100 * ms}, // the slack of two, and one
		{1900 * ms, 300 * ms}, // an earlier now waits for the same instant
	} {
		want := limiters.Decision{Allowed: true, At: tt.now, Delay: tt.delay, ResetAfter: limiters.Unknown, Remaining: -1}
		if d := must(t, l, tt.now, "key", 1); d != want {
			t.Errorf("call %d: %+v; want %+v", i, d, want)
		}
	}
}

// TestXTimeRateMetadata: a denied reservation is given back.
func TestXTimeRateMetadata(t *testing.T) {
	l, err := thirdparty.NewXTimeRate(thirdparty.XTimeRateConfig{Config: bucket(4, time.Second, 2), Metadata: true})
	if err != nil {
		t.Fatal(err)
	}
	const ms = time.Millisecond
	for i, want := range []limiters.Decision{
		{Allowed: true, At: 0, Remaining: 1},
		{Allowed: false, At: 0, Remaining: 1, RetryAfter: 250 * ms},
		{Allowed: false, At: 0, Remaining: 1, RetryAfter: 250 * ms},
		{Allowed: true, At: 250 * ms, Remaining: 0},
		{Allowed: false, At: 250 * ms, Remaining: 0, RetryAfter: limiters.Never},
	} {
		want.ResetAfter = limiters.Unknown
		n := []int64{1, 2, 2, 2, 3}[i]
		if d := must(t, l, want.At, "key", n); d != want {
			t.Errorf("call %d, of %d: %+v; want %+v", i, n, d, want)
		}
	}
}

// TestThrottledAnswers: it says all that there is to say.
func TestThrottledAnswers(t *testing.T) {
	l := named(t, "throttled").make(t, bucket(4, time.Second, 2), false)
	const ms = time.Millisecond
	for i, want := range []limiters.Decision{
		{Allowed: true, At: 0, Remaining: 1, ResetAfter: 250 * ms},
		{Allowed: false, At: 0, Remaining: 1, ResetAfter: 250 * ms, RetryAfter: 250 * ms},
		{Allowed: true, At: 250 * ms, Remaining: 0, ResetAfter: 500 * ms},
		{Allowed: true, At: 600 * ms, Remaining: 0, ResetAfter: 400 * ms},
	} {
		if d := must(t, l, want.At, "key", []int64{1, 2, 2, 1}[i]); d != want {
			t.Errorf("call %d: %+v; want %+v", i, d, want)
		}
	}
	if d := must(t, l, 600*ms, "key", 3); d.Allowed || d.RetryAfter != limiters.Never {
		t.Errorf("3 of 2: %+v; want it denied for ever", d)
	}
}
