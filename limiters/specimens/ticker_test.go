package specimens_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/specimens"
)

// running calls work with an open ticker in a bubble, which fails if a
// goroutine is left when the ticker is closed.
func running(t *testing.T, config limiters.Config, work func(t *testing.T, l *specimens.Ticker)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l, err := specimens.NewTicker(config)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		work(t, l)
		if err := l.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

// drain takes all there is.
func drain(t *testing.T, l limiters.Limiter) (sum int64) {
	t.Helper()
	for allow(t, l, 0, 1).Allowed {
		sum++
	}
	return sum
}

// TestTickerFollowsTheRate takes what is there each half millisecond, between ticks.
func TestTickerFollowsTheRate(t *testing.T) {
	tests := []struct {
		rate, burst int64
		seconds     time.Duration
		want        int64 // with the burst
	}{
		{10, 2, 10, 102},
		{3, 1, 100, 301},
		{999, 5, 10, 9995}, // no drift, although the interval of the ticker is rounded up
		{700_000, 1000, 1, 701_000},
		{700_000, 70, 1, 70_070}, // a channel of 70 has no room for the 700 of a tick
		{1_999_999, 2000, 1, 2_001_999},
	}
	for _, tt := range tests {
		running(t, perSecond(tt.rate, tt.burst), func(t *testing.T, l *specimens.Ticker) {
			sum := int64(0)
			time.Sleep(time.Millisecond / 4)
			for start := time.Now(); time.Since(start) < tt.seconds*time.Second; time.Sleep(time.Millisecond / 2) {
				sum += drain(t, l)
			}
			if sum += drain(t, l); sum != tt.want {
				t.Errorf("%d/s with a burst of %d granted %d in %d s; want %d", tt.rate, tt.burst, sum, tt.seconds, tt.want)
			}
		})
	}
}

// TestTickerKeepsItsBound takes at random instants, and looks at every window.
func TestTickerKeepsItsBound(t *testing.T) {
	running(t, perSecond(5000, 20), func(t *testing.T, l *specimens.Ticker) {
		rng := rand.New(rand.NewPCG(3, 3))
		start := time.Now()
		var at []time.Duration
		var sums []int64
		for range 300 {
			time.Sleep(time.Duration(rng.Int64N(int64(4 * time.Millisecond))))
			at, sums = append(at, time.Since(start)), append(sums, drain(t, l))
		}
		for i := range at {
			sum := int64(0)
			for j := i; j < len(at); j++ {
				sum += sums[j]
				if most := l.Bound(at[j] - at[i]); sum > most {
					t.Fatalf("%d granted from %v to %v; want at most %d", sum, at[i], at[j], most)
				}
			}
		}
	})
}

func TestTickerRefuses(t *testing.T) {
	_, err := specimens.NewTicker(limiters.Config{Burst: 1 << 40})
	for _, text := range []string{"rate is not given", "want at most 1048576 in a channel"} {
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("error is %v; want %q in it", err, text)
		}
	}
	running(t, perSecond(1, 2), func(t *testing.T, l *specimens.Ticker) {
		for _, n := range []int64{-1, 0, 2} {
			if d, err := l.Allow(t.Context(), 0, "key", n); err == nil || d.Allowed {
				t.Errorf("a cost of %d came back as %+v, %v; want an error", n, d, err)
			}
		}
		if l.Open(t.Context()) == nil {
			t.Error("it was opened twice")
		}
		if d := allow(t, l, 5, 1); d.At != 5 || d.Remaining != 1 || d.ResetAfter != limiters.Unknown {
			t.Errorf("one of two: %+v", d)
		}
		if d, err := l.Allow(t.Context(), 0, "another key", 1); err != nil || !d.Allowed {
			t.Errorf("the other of two, for another key: %+v, %v", d, err)
		}
		if d := allow(t, l, 0, 1); d.Allowed || d.RetryAfter != limiters.Unknown {
			t.Errorf("a third of two: %+v; want denied", d)
		}
	})
}

// TestTickerThatIsNotOpen holds its burst and no goroutine, closed or not.
func TestTickerThatIsNotOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, err := specimens.NewTicker(perSecond(1000, 3))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if sum := drain(t, l); sum != 3 {
			t.Errorf("%d granted; want the burst of 3", sum)
		}
		for range 2 {
			if err := l.Close(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestClosedTickerBringsNothing drains what is left, and waits.
func TestClosedTickerBringsNothing(t *testing.T) {
	running(t, perSecond(1000, 3), func(t *testing.T, l *specimens.Ticker) {
		if err := l.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		drain(t, l)
		time.Sleep(time.Second)
		if sum := drain(t, l); sum != 0 {
			t.Errorf("%d granted by a ticker that was closed", sum)
		}
	})
}
