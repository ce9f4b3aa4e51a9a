package thirdparty_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/thirdparty"
)

// These tests pin what the libraries are known to do, right or wrong. One that
// fails after an update says that a library was repaired, or broken.

func named(t *testing.T, name string) kind {
	t.Helper()
	for _, k := range kinds() {
		if k.name == name {
			return k
		}
	}
	t.Fatalf("kind %q is unknown", name)
	return kind{}
}

// TestXTimeRateRewinds: a now that is earlier takes the limiter's clock back, and
// the time in between brings its tokens once more.
func TestXTimeRateRewinds(t *testing.T) {
	l := named(t, "x-time-rate").make(t, bucket(1, time.Second, 10), true)
	granted := int64(0)
	for i := range 200 {
		if must(t, l, time.Duration(1-i%2)*time.Second, "key", 1).Allowed {
			granted++
		}
	}
	if bound := l.(limiters.Described).Bound(time.Second); granted != 19 || bound != 11 {
		t.Errorf("within a second %d were granted; want 19, where %d may be and that is 11", granted, bound)
	}
}

// TestThrottledTruncates: an emission interval of 333⅓ ns is 333.
func TestThrottledTruncates(t *testing.T) {
	l := named(t, "throttled").make(t, bucket(3_000_000, time.Second, 1), false)
	granted := 0
	for now := time.Duration(0); now <= time.Millisecond; now += 37 {
		if must(t, l, now, "key", 1).Allowed {
			granted++
		}
	}
	if want := 1 + int(time.Millisecond/333); granted != want {
		t.Errorf("in a ms %d were granted; want %d, where 3,001 are due", granted, want)
	}
}

// TestThrottledForgets: with too many keys the oldest has its burst back.
func TestThrottledForgets(t *testing.T) {
	l, err := thirdparty.NewThrottled(thirdparty.ThrottledConfig{Config: bucket(1, time.Hour, 5), Keys: 2})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got := grants(t, l, 0, "victim"); got != 5 {
			t.Errorf("%d were granted; want the burst of 5, and again once the key is forgotten", got)
		}
		must(t, l, 0, "one", 1)
		must(t, l, 0, "other", 1)
	}
}

// TestUberTruncates: the interval of 3,000,000/s is 333 ns.
func TestUberTruncates(t *testing.T) {
	l := named(t, "uber").make(t, bucket(3_000_000, time.Second, 1), true)
	var last limiters.Decision
	for range 300_001 {
		last = must(t, l, 0, "key", 1)
	}
	if want := 300_000 * 333 * time.Nanosecond; last.Delay != want {
		t.Errorf("number 300,001 waits for %v; want %v, and 100 ms is right", last.Delay, want)
	}
}

// TestFailsafeSmoothIsNotSmooth: intervals are cut from the start, not from the
// latest execution, so two executions may be as near as one likes.
func TestFailsafeSmoothIsNotSmooth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := named(t, "failsafe-smooth").make(t, bucket(10, time.Second, 1), true)
		time.Sleep(99 * time.Millisecond)
		first := must(t, l, 0, "key", 1).Allowed
		time.Sleep(time.Millisecond)
		if second := must(t, l, 0, "key", 1).Allowed; !first || !second {
			t.Errorf("one ms apart, around an edge: %v, %v; want both granted", first, second)
		}
		time.Sleep(time.Hour)
		if must(t, l, 0, "key", 2).Allowed {
			t.Error("two at once were granted; want none ever")
		}
	})
}

// TestFailsafeBurstyEdge: around an edge a fixed window grants twice.
func TestFailsafeBurstyEdge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := named(t, "failsafe-bursty").make(t, bucket(10, time.Second, 1), true)
		time.Sleep(999 * time.Millisecond)
		before := grants(t, l, 0, "key")
		time.Sleep(time.Millisecond)
		if after := grants(t, l, 0, "key"); before != 10 || after != 10 {
			t.Errorf("before and after the edge %d and %d were granted; want 10 each", before, after)
		}
	})
}

// TestCountersRound: 94 % of 10 and one more is over 10. One library rounds, the
// other cuts the fraction off, and both grant it.
func TestCountersRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		exact, err := limiters.NewSlidingWindowCounter(limiters.WindowConfig{Rate: bucket(10, time.Second, 1).Rate})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		for name, want := range map[string]bool{"slidingwindow": true, "httprate": true, "": false} {
			l := limiters.Limiter(exact)
			if name != "" {
				l = named(t, name).make(t, bucket(10, time.Second, 1), false)
			}
			begin := time.Since(start).Truncate(time.Second)
			if got := grants(t, l, begin, "key"); got != 10 {
				t.Errorf("%s: %d were granted in the first window; want 10", name, got)
			}
			time.Sleep(1060 * time.Millisecond)
			if got := must(t, l, begin+1060*time.Millisecond, "key", 1).Allowed; got != want {
				t.Errorf("%q: 9.4 of 10 and one more are granted: %v; want %v", name, got, want)
			}
			time.Sleep(10*time.Second - 1060*time.Millisecond)
		}
	})
}

// TestHttprateSaysTheWindow: its retry-after is the window, in whole seconds.
func TestHttprateSaysTheWindow(t *testing.T) {
	for window, want := range map[time.Duration]time.Duration{time.Minute: time.Minute, 1500 * time.Millisecond: time.Second, 500 * time.Millisecond: 0} {
		l, err := thirdparty.NewHttprate(limiters.WindowConfig{Rate: units.Rate{Count: 1, Per: 500 * time.Millisecond}, Window: units.Duration(window)})
		if err != nil {
			t.Fatal(err)
		}
		if d := must(t, l, 0, "key", int64(window/(500*time.Millisecond))); !d.Allowed || d.RetryAfter != 0 || d.Remaining != 0 {
			t.Errorf("the whole window of %v: %+v; want it granted, with nothing left", window, d)
		}
		if d := must(t, l, 0, "key", 1); d.Allowed || d.RetryAfter != want {
			t.Errorf("one more in a window of %v: %+v; want it denied for %v", window, d, want)
		}
	}
}

// TestUluleCountsDenials: what is denied uses up the window all the same.
func TestUluleCountsDenials(t *testing.T) {
	l := named(t, "ulule").make(t, bucket(10, time.Second, 1), false)
	if d := must(t, l, 0, "key", 11); d.Allowed {
		t.Errorf("11 of 10: %+v; want a denial", d)
	}
	if d := must(t, l, 0, "key", 1); d.Allowed || d.Remaining != 0 {
		t.Errorf("1 of 10 after that: %+v; want a denial", d)
	}
}

// TestSethvargoGrantsTwice: the tokens of an interval are back at once when it
// ends, not one by one. It reads a clock that nothing can move, so this takes
// intervals of 50 ms, as many as it needs to see the last of one and the first
// of the next within half of one.
func TestSethvargoGrantsTwice(t *testing.T) {
	const interval = 50 * time.Millisecond
	for range 100 {
		l := named(t, "sethvargo").make(t, bucket(100, interval, 100), false)
		must(t, l, 0, "key", 1) // the interval begins
		for start := time.Now(); time.Since(start) < interval-5*time.Millisecond; {
		}
		first := time.Now()
		granted, denied := grants(t, l, 0, "key"), false
		for time.Since(first) < interval/2 && !denied {
			more := grants(t, l, 0, "key")
			granted, denied = granted+more, more > 0
		}
		took := time.Since(first)
		if bound := l.(limiters.Described).Bound(took); granted == 199 && took < interval/2 && bound < 151 {
			return
		}
	}
	t.Error("never were 199 granted within half an interval of 100")
}
