package conformance

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
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
		f := finding(t, examined(t, s), rule)
		if f.Status != Fail || len(f.Steps) > 10 {
			t.Errorf("%s: %s %s\n%s", rule, f.Status, f.Message, f.History())
		}
	}
}

// racy looks whether there is room, and takes it a moment later.
type racy struct {
	*limiters.Concurrency // has room for all
	limit                 int64
	held                  atomic.Int64
}

func (l *racy) Allow(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	if l.held.Load()+n > l.limit {
		return limiters.Decision{At: now, RetryAfter: limiters.Unknown, ResetAfter: limiters.Unknown, Remaining: -1}, nil
	}
	runtime.Gosched()
	l.held.Add(n)
	d, err := l.Concurrency.Allow(ctx, now, key, n)
	d.Remaining = -1
	return d, err
}

func (l *racy) Release(ctx context.Context, now time.Duration, key string, n int64, permit uint64) (time.Duration, error) {
	l.held.Add(-n)
	return l.Concurrency.Release(ctx, now, key, n, permit)
}

func (l *racy) Bound(time.Duration) int64 { return l.limit }

// TestHeldAtOnce finds a limiter that callers at once can get the better of, also
// where there is room for more than one token for each of them.
func TestHeldAtOnce(t *testing.T) {
	for _, limit := range []int64{1, 5, 20} {
		s := Subject{Options: Options{Decisions: 2_000, Concurrent: true}, Limits: []limiters.Limit{{Burst: limit}}}
		s.New = func(limiters.Limit) (limiters.Limiter, error) {
			inner, err := limiters.NewConcurrency(limiters.ConcurrencyConfig{Limit: 1000})
			return &racy{Concurrency: inner, limit: limit}, err
		}
		findings := examined(t, s)
		if f := finding(t, findings, "held-concurrent"); f.Status != Fail || len(f.Steps) > 3*callersAtOnce {
			t.Errorf("limit %d: %s %s\n%s", limit, f.Status, f.Message, f.History())
		}
		if f := finding(t, findings, "held-exact"); f.Status != Pass {
			t.Errorf("limit %d, one caller: %s %s\n%s", limit, f.Status, f.Message, f.History())
		}
	}
}
