package conformance

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// unkeyed is a bucket for all keys, which it says only once it is made.
type unkeyed struct{ *limiters.TokenBucket }

func (l unkeyed) Allow(ctx context.Context, now time.Duration, _ string, n int64) (limiters.Decision, error) {
	return l.TokenBucket.Allow(ctx, now, "", n)
}

func (l unkeyed) Peek(ctx context.Context, now time.Duration, _ string, n int64) (limiters.Decision, error) {
	return l.TokenBucket.Peek(ctx, now, "", n)
}

func (l unkeyed) Info() limiters.Info {
	info := l.TokenBucket.Info()
	info.Unkeyed = true
	return info
}

// TestUnkeyedIsNotShared: what has one state starts every schedule anew, though
// others of its kind would be shared; and there are fewer of them.
func TestUnkeyedIsNotShared(t *testing.T) {
	made := 0
	s := bucketsOf(func(c limiters.Config) (limiters.Limiter, error) {
		made++
		l, err := limiters.NewTokenBucket(c)
		return unkeyed{l}, err
	}, threePerSecond)
	s.Shared, s.Concurrent, s.Decisions = true, true, 200
	for _, f := range examined(t, s) {
		if f.Status == Fail {
			t.Errorf("%s: %s\n%s", f.Rule, f.Message, f.History())
		}
	}
	if made < 20 || made > 500 {
		t.Errorf("%d were made; want one for each of a few schedules", made)
	}
}

// untold is sound, and says of no decision at which instant it was taken. It
// says that it lacks that once it was asked.
type untold struct {
	wounded
	asked *atomic.Bool
}

func (l untold) Allow(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	l.asked.Store(true)
	return l.wounded.Allow(ctx, now, key, n)
}

func (l untold) Info() limiters.Info {
	info := l.wounded.Info()
	if l.asked.Load() {
		info.Lacks = []string{limiters.NoInstant}
	}
	return info
}

// TestUntoldInstantIsNoBreach: whoever does not say when it decided is held to no
// rule about that, and to all others as if it had been when it should.
func TestUntoldInstantIsNoBreach(t *testing.T) {
	check := func(allow wounded) []Finding {
		s := bucketsOf(func(c limiters.Config) (limiters.Limiter, error) {
			l, err := limiters.NewTokenBucket(c)
			w := asShown(allow)
			w.TokenBucket = l
			return untold{w, new(atomic.Bool)}, err
		}, threePerSecond)
		s.Concurrent, s.NoAllocation = true, false
		return examined(t, s)
	}
	sound := wounded{allow: func(sound asking, now time.Duration, key string, n int64) (limiters.Decision, error) {
		return sound(now, key, n)
	}}
	for _, f := range check(sound) {
		if f.Status == Fail {
			t.Errorf("%s: %s\n%s", f.Rule, f.Message, f.History())
		}
		if about := slices.Contains([]string{"order", "concurrent-bound"}, f.Rule); about && f.Status != NotApplicable {
			t.Errorf("%s: %s; want not applicable", f.Rule, f.Status)
		}
	}
	rewound := retimed(func(now time.Duration) time.Duration { return now + now/10 })
	if !slices.ContainsFunc(check(rewound), func(f Finding) bool { return f.Rule == "disorder" && f.Status == Fail }) {
		t.Error("one that grants too much passes because it does not say when")
	}
}

// TestRightIsAboutModels: beside a finding about a bound nothing stands that an
// exact model would have granted.
func TestRightIsAboutModels(t *testing.T) {
	s := bucketsOf(func(c limiters.Config) (limiters.Limiter, error) {
		l, err := limiters.NewTokenBucket(c)
		w := wounded{TokenBucket: l, bound: func(time.Duration) int64 { return 1 }}
		return w, err
	}, threePerSecond)
	for _, f := range examined(t, s) {
		if f.Rule == "bound" && (f.Status != Fail || len(f.Steps) == 0 || f.judged()) {
			t.Errorf("%+v; want a failure without what would have been right", f)
		}
	}
	s = bucketsOf(func(c limiters.Config) (limiters.Limiter, error) {
		c.Burst++
		l, err := limiters.NewTokenBucket(c)
		return untoldLimit{l, limiters.Limit{Rate: 3, Period: time.Second, Burst: int64(c.Burst) - 1}}, err
	}, threePerSecond)
	for _, f := range examined(t, s) {
		if f.Rule == "false-admits" && (f.Status != Fail || !f.judged()) {
			t.Errorf("%+v; want a failure with what would have been right", f)
		}
	}
}

// untoldLimit enforces another limit than it says.
type untoldLimit struct {
	*limiters.TokenBucket
	limit limiters.Limit
}

func (l untoldLimit) Info() limiters.Info {
	info := l.TokenBucket.Info()
	info.Limit = l.limit
	return info
}
