package failure_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/limiters/failure"
)

// TestBreaker walks through its states, and counts what the primary sees of it.
func TestBreaker(t *testing.T) {
	healthy := atomic.Bool{}
	primary := &fake{GCRA: gcra(t, 5), answer: func(context.Context, int64) error {
		if healthy.Load() {
			return nil
		}
		return errDown
	}}
	l := guarded(t, primary, failure.Policy{Mode: failure.Closed, Failures: 3, Cooldown: time.Second})
	for i, step := range []struct {
		now     time.Duration
		healthy bool
		asked   int64 // calls the primary has seen by then
		opened  uint64
	}{
		{0, false, 1, 0},
		{0, false, 2, 0},
		{0, true, 3, 0}, // in a row: a success forgives what was before
		{time.Second, false, 4, 0},
		{time.Second, false, 5, 0},
		{time.Second, false, 6, 1},
		{time.Second, true, 6, 1},
		{0, true, 6, 1}, // time that goes back does not shorten the wait
		{2*time.Second - 1, true, 6, 1},
		{2 * time.Second, false, 7, 2}, // the probe fails
		{2 * time.Second, true, 7, 2},
		{3 * time.Second, true, 8, 2}, // the probe succeeds
		{3 * time.Second, false, 9, 2},
		{3 * time.Second, false, 10, 2},
		{3 * time.Second, true, 11, 2},
	} {
		healthy.Store(step.healthy)
		if _, err := l.Allow(context.Background(), step.now, "k", 1); err != nil {
			t.Fatal(err)
		}
		if asked, opened := primary.asked.Load(), l.Counters().Opened; asked != step.asked || opened != step.opened {
			t.Fatalf("step %d: the primary was asked %d times and the breaker opened %d; want %d and %d", i, asked, opened, step.asked, step.opened)
		}
	}
	want := failure.Counters{Primary: 3, FailClosed: 12, Errors: 8, ShortCircuited: 4, Opened: 2}
	if got := l.Counters(); got != want {
		t.Errorf("counters are %+v; want %+v", got, want)
	}
}

// TestStaleCalls were let in before the breaker opened. What becomes of them
// later neither closes it nor keeps it open for longer.
func TestStaleCalls(t *testing.T) {
	for name, outcome := range map[string]error{"failure": errDown, "success": nil} {
		synctest.Test(t, func(t *testing.T) {
			primary := &fake{GCRA: gcra(t, 50), answer: func(_ context.Context, call int64) error {
				if call == 1 {
					time.Sleep(time.Second)
					return outcome
				}
				return errDown
			}}
			l := guarded(t, primary, failure.Policy{Mode: failure.Open, Failures: 2, Cooldown: time.Second})
			var slow sync.WaitGroup
			slow.Go(func() { l.Allow(context.Background(), 0, "k", 1) })
			synctest.Wait()
			for range 2 {
				l.Allow(context.Background(), 0, "k", 1)
			}
			slow.Wait()
			l.Allow(context.Background(), time.Second-1, "k", 1)
			if got := l.Counters(); got.Opened != 1 || got.ShortCircuited != 1 || primary.asked.Load() != 3 {
				t.Errorf("after a late %s: %+v; want the breaker opened once, and not closed", name, got)
			}
		})
	}
}

// TestOneProbe: however many ask when the cooldown is over, one gets through.
func TestOneProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		primary := &fake{GCRA: gcra(t, 50), answer: down}
		l := guarded(t, primary, failure.Policy{Mode: failure.Open, Failures: 1, Cooldown: time.Second})
		l.Allow(context.Background(), 0, "k", 1)
		primary.answer = func(context.Context, int64) error {
			time.Sleep(time.Second)
			return nil
		}
		var crowd sync.WaitGroup
		for range 20 {
			crowd.Go(func() { l.Allow(context.Background(), time.Second, "k", 1) })
		}
		crowd.Wait()
		want := failure.Counters{Primary: 1, FailOpen: 20, Errors: 1, ShortCircuited: 19, Opened: 1}
		if got := l.Counters(); got != want {
			t.Errorf("counters are %+v; want %+v", got, want)
		}
	})
}
