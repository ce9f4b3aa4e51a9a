package conformance

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
)

// leaky is a limiter of what is held with one thing wrong.
type leaky struct {
	*limiters.Concurrency
	forget  bool // one grant in three is not given back
	lenient bool // whoever gives back twice gets no error
	returns int
}

func (l *leaky) Release(ctx context.Context, now time.Duration, key string, n int64, permit uint64) (time.Duration, error) {
	l.returns++
	if l.forget && l.returns%3 == 0 {
		return now, nil
	}
	at, err := l.Concurrency.Release(ctx, now, key, n, permit)
	if l.lenient {
		err = nil
	}
	return at, err
}

func TestHeldWounds(t *testing.T) {
	for rule, wound := range map[string]leaky{"held-exact": {forget: true}, "held-once": {lenient: true}} {
		s := Subject{Options: Options{Decisions: 2_000}, Limits: []limiters.Limit{{Burst: 5}}}
		s.New = func(l limiters.Limit) (limiters.Limiter, error) {
			inner, err := limiters.NewConcurrency(limiters.ConcurrencyConfig{Limit: units.Count(l.Burst)})
			again := wound
			again.Concurrency = inner
			return &again, errors.Join(err)
		}
		f := finding(t, Check(t.Context(), s), rule)
		if f.Status != Fail || len(f.Steps) > 10 {
			t.Errorf("%s: %s %s\n%s", rule, f.Status, f.Message, f.History())
		}
	}
}
