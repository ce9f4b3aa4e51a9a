package limiters

import (
	"context"
	"testing"
	"time"
)

// saturate asks one key for one token at each multiple of step, ends included.
func saturate(t *testing.T, l Limiter, step, end time.Duration) (sum int64) {
	t.Helper()
	for now := time.Duration(0); now <= end; now += step {
		d, err := l.Allow(context.Background(), now, "key", 1)
		if err != nil {
			t.Fatal(err)
		}
		if d.Allowed {
			sum++
		}
	}
	return sum
}

// TestSaturatedBuckets knows how much a bucket grants that is asked all the
// time. Where a nanosecond is too coarse to ask just when a token is due, a
// bucket of one loses what overflows until then; a bucket of two loses nothing.
func TestSaturatedBuckets(t *testing.T) {
	const truncated = 333 // ns, the interval of 3,000,000/s as integers would have it
	tests := []struct {
		limit     Limit
		step, end time.Duration
		want      int64
	}{
		{Limit{10, time.Second, 1}, time.Millisecond, 10 * time.Second, 101},
		{Limit{3_000_000, time.Second, 2}, 1, 100 * time.Microsecond, 302},
		{Limit{3_000_000, time.Second, 2}, truncated, 33_300 * time.Microsecond, 99_902},
		{Limit{3_000_000, time.Second, 1}, 1, 100 * time.Microsecond, 1 + 100_000/334},
		{Limit{700_000, time.Second, 2}, 100, 10 * time.Millisecond, 7_002},
		{Limit{7, 3 * time.Second, 2}, 10 * time.Millisecond, 300 * time.Second, 702},
		{Limit{1, 24 * time.Hour, 1}, time.Minute, 100 * 24 * time.Hour, 101},
		{Limit{100, time.Second, 1}, 9_900 * time.Microsecond, 198 * time.Second, 10_001},
	}
	for _, kind := range kinds {
		for _, tt := range tests {
			if kind.window {
				continue
			}
			if got := saturate(t, kind.new(t, tt.limit), tt.step, tt.end); got != tt.want {
				t.Errorf("%s of %+v asked every %v for %v granted %d; want %d", kind.name, tt.limit, tt.step, tt.end, got, tt.want)
			}
		}
	}
}

// TestSlowPoller is denied nothing when it asks no faster than the rate, but by
// a counter: see [TestCounterDeniesAtTheRate].
func TestSlowPoller(t *testing.T) {
	for _, kind := range kinds {
		if kind.name == "sliding-window-counter" {
			continue
		}
		limit := Limit{Rate: 10, Period: time.Second, Burst: 1}
		if got := saturate(t, kind.new(t, limit), 100*time.Millisecond, 100*time.Second); got != 1001 {
			t.Errorf("%s of 10/s asked every 100ms for 100s granted %d; want all 1001", kind.name, got)
		}
	}
}

// TestEndOfTime asks at the last instants that there are.
func TestEndOfTime(t *testing.T) {
	for _, kind := range kinds {
		l := kind.new(t, Limit{Rate: 7, Period: 3 * time.Second, Burst: 7})
		for _, now := range []time.Duration{Never - 1, Never} {
			for range 4 {
				d, err := l.Allow(context.Background(), now, "key", 3)
				if err != nil {
					t.Fatal(err)
				}
				if d.At != now || d.RetryAfter < 0 || d.ResetAfter < 0 || d.Remaining < 0 {
					t.Errorf("%s at %d answered %+v", kind.name, now, d)
				}
			}
		}
	}
}
