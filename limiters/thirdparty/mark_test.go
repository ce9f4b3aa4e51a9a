package thirdparty

import (
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
)

// pot is a limiter that holds three tokens and never more.
type pot struct{ left int }

// TestTakenFromWhatIsGone frees a key at the worst moment, between a caller's
// finding its instance and its taking from it. What was taken then counts for
// the instance that came after.
func TestTakenFromWhatIsGone(t *testing.T) {
	model, err := limiters.NewTokenBucket(limiters.Config{Rate: units.Rate{Count: 1, Per: time.Second}, Burst: 3})
	if err != nil {
		t.Fatal(err)
	}
	var l *unkeyed[*pot]
	freed := 0
	l = newUnkeyed(false, claiming(model, limiters.Info{}), maker[*pot]{
		make: func() *pot { return &pot{left: 3} },
		decide: func(p *pot, at time.Duration, _ int64) limiters.Decision {
			if freed == 0 {
				freed = l.Reclaim(at)
			}
			p.left--
			return limiters.Whether(p.left >= 0, at)
		},
		idle: func(p *pot, _ time.Duration) bool { return p.left == 3 },
	})
	granted := 0
	for range 10 {
		if d, err := l.Allow(t.Context(), time.Minute, "key", 1); err == nil && d.Allowed {
			granted++
		}
	}
	if freed != 1 || granted != 3 {
		t.Errorf("%d keys were freed and %d tokens granted; want 1 and 3", freed, granted)
	}
}

// TestMarkTakenBack looks at an instance while a caller takes from it: it is not
// idle then, and what was taken is not taken twice.
func TestMarkTakenBack(t *testing.T) {
	s := &instance[*pot]{limiter: &pot{left: 2}}
	idle := func(p *pot, _ time.Duration) bool {
		if !s.retired.Load() {
			t.Error("the look comes before the mark")
		}
		return p.left == 3
	}
	if s.retire(idle, 0) || s.retired.Load() {
		t.Error("an instance in use was retired, or its mark left")
	}
	s.limiter.left, s.since = 3, time.Second
	if s.retire(idle, 0) || !s.retire(idle, time.Second) || !s.retired.Load() {
		t.Error("want an idle instance retired, but not before its time began")
	}
}
