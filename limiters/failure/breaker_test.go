package failure_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/limiters"
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
	}{
		{0, false, 1},
		{0, false, 2},
		{0, true, 3}, // in a row: a success forgives what was before
		{time.Second, false, 4},
		{time.Second, false, 5},
		{time.Second, false, 6},
		{time.Second, true, 6},
		{0, true, 6}, // time that goes back does not shorten the wait
		{2*time.Second - 1, true, 6},
		{2 * time.Second, false, 7}, // the probe fails
		{2 * time.Second, true, 7},
		{3 * time.Second, true, 8}, // the probe succeeds
		{3 * time.Second, false, 9},
		{3 * time.Second, false, 10},
		{3 * time.Second, true, 11},
	} {
		healthy.Store(step.healthy)
		if _, err := l.Allow(context.Background(), step.now, "k", 1); err != nil {
			t.Fatal(err)
		}
		if asked := primary.asked.Load(); asked != step.asked {
			t.Fatalf("step %d: the primary was asked %d times; want %d", i, asked, step.asked)
		}
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
			if asked := primary.asked.Load(); asked != 3 {
				t.Errorf("after a late %s the primary was asked %d times; want 3: the breaker opened, and did not close", name, asked)
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
		var open atomic.Int64
		for range 20 {
			crowd.Go(func() {
				if d, err := l.Allow(context.Background(), time.Second, "k", 1); err == nil && d.Mode == limiters.FailOpen {
					open.Add(1)
				}
			})
		}
		crowd.Wait()
		if asked := primary.asked.Load(); asked != 2 || open.Load() != 19 {
			t.Errorf("the primary was asked %d times, and %d were let through without; want 2 and 19", asked, open.Load())
		}
	})
}
