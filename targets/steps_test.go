package targets_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// remote is a limiter on a clock that is an hour ahead. It takes a second to decide or
// to change, and refuses a limit of 0.
type remote struct {
	t      *testing.T
	limit  int64
	asking int
}

func (l *remote) Allow(_ context.Context, now time.Duration, _ string, n int64) (limiters.Decision, error) {
	l.asking++
	limit := l.limit
	time.Sleep(time.Second)
	l.asking--
	return limiters.Decision{Allowed: n <= limit, At: time.Hour + now}, nil
}

func (l *remote) SetLimit(_ context.Context, now time.Duration, limit limiters.Limit) (time.Duration, error) {
	if l.asking != 0 {
		l.t.Errorf("the limit is changed while %d calls are under way", l.asking)
	}
	if limit.Burst == 0 {
		return 0, errors.New("not that limit")
	}
	l.limit = limit.Burst
	return time.Hour + now, nil
}

// TestStepsWaitForCalls that are under way, and count on the clock of decisions.
func TestStepsWaitForCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		steps := []targets.Step{
			{At: time.Second / 2, Limit: limiters.Limit{Burst: 5}},
			{At: time.Minute, Limit: limiters.Limit{}},
			{At: 2 * time.Minute, Limit: limiters.Limit{Burst: 7}},
		}
		target := limiting(&remote{t: t, limit: 1}, targets.LimiterOptions{Workers: 2, Steps: steps})
		if err := target.Begin(t.Context(), "t"); err != nil {
			t.Fatal(err)
		}
		ask := func(now time.Duration, n int64) results.Outcome {
			return target.(targets.Caller).Do(t.Context(), nil, &targets.Request{Now: now, Cost: n}).Outcome
		}
		before := make(chan results.Outcome)
		go func() { before <- ask(0, 5) }()
		synctest.Wait()
		if _, made := target.Info().Changed(0); made {
			t.Error("a step that is not due is made")
		}
		after := ask(time.Second/2, 5)
		if first := <-before; first != results.Rejected || after != results.OK {
			t.Errorf("before the step %v, after it %v; want rejected and ok", first, after)
		}
		if failed, later := ask(time.Minute, 1), ask(3*time.Minute, 7); failed != results.Failed || later != results.OK {
			t.Errorf("a step that fails leaves %v, and the next one %v; want failed and ok", failed, later)
		}
		for i, want := range []targets.Change{{At: time.Hour + time.Second/2}, {}, {At: time.Hour + 2*time.Minute}} {
			c, made := target.Info().Changed(i)
			if !made || c.At != want.At || (c.Err != nil) != (i == 1) {
				t.Errorf("step %d became %+v, %v; want %+v", i, c, made, want)
			}
		}
	})
}
