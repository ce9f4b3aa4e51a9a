package thirdparty_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// capacity is what a fresh limiter of 10/s and a burst of 5 grants at once.
func capacity(k kind) int {
	switch {
	case k.window:
		return 10
	case k.name == "failsafe-smooth":
		return 1
	}
	return 5
}

// TestTimeIsTheArgument has nothing move but now.
func TestTimeIsTheArgument(t *testing.T) {
	want := func(k kind) bool { return k.time == limiters.TimeArgument && k.name != "uber" }
	each(t, want, func(t *testing.T, k kind) {
		l := k.make(t, bucket(10, time.Second, 5), false)
		for _, now := range []time.Duration{0, 10 * time.Second, 87600 * time.Hour} {
			if got := grants(t, l, now, "key"); got != capacity(k) {
				t.Errorf("at %v %d were granted; want %d", now, got, capacity(k))
			}
		}
		const earlier = 87600*time.Hour - 50*time.Millisecond
		if d := must(t, l, earlier, "key", 1); d.At != earlier || d.Allowed {
			t.Errorf("50 ms before the latest grant: %+v; want it denied as at that instant", d)
		}
	})
}

// TestTimeIsTheClock has nothing move but the clock of a bubble.
func TestTimeIsTheClock(t *testing.T) {
	each(t, func(k kind) bool { return k.time == limiters.TimeClock }, func(t *testing.T, k kind) {
		synctest.Test(t, func(t *testing.T) {
			l := k.make(t, bucket(10, time.Second, 5), false)
			for range 3 {
				if got := grants(t, l, 0, "key"); got != capacity(k) {
					t.Errorf("%d were granted; want %d", got, capacity(k))
				}
				if d := must(t, l, 24*time.Hour, "key", 1); d.Allowed || d.At != limiters.Unknown {
					t.Errorf("with another now: %+v; want it denied, at an instant that is not known", d)
				}
				time.Sleep(10*time.Second + 1)
			}
		})
	})
}

// TestTimeIsTheWall shows that neither moves sethvargo.
func TestTimeIsTheWall(t *testing.T) {
	each(t, func(k kind) bool { return k.time == limiters.TimeWallClock }, func(t *testing.T, k kind) {
		synctest.Test(t, func(t *testing.T) {
			l := k.make(t, bucket(10, time.Hour, 5), false)
			if got := grants(t, l, 0, "key"); got != 5 {
				t.Errorf("%d were granted; want 5", got)
			}
			time.Sleep(24 * time.Hour)
			if d := must(t, l, 24*time.Hour, "key", 1); d.Allowed || d.At != limiters.Unknown {
				t.Errorf("a day later, by a clock that it does not read: %+v; want it denied", d)
			}
		})
	})
}
