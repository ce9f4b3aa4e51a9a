package conformance

import (
	"cmp"
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// lender lends two at once, for a second. lasts is how long its leases really do.
type lender struct {
	source string
	origin time.Time
	lasts  func(second time.Duration) time.Duration
	ends   []time.Duration // of what is lent
	again  bool            // what has ended makes room at every request that follows
	ended  int
}

func (l *lender) Info() limiters.Info {
	return limiters.Info{Algorithm: "concurrency", Scope: "redis", TimeSource: l.source, Lease: time.Second, Limit: limiters.Limit{Burst: 2}}
}

func (l *lender) Bound(w time.Duration) int64 {
	if w > 0 {
		return int64(limiters.Never)
	}
	return 2
}

func (l *lender) Allow(_ context.Context, now time.Duration, _ string, n int64) (limiters.Decision, error) {
	if l.source != limiters.TimeArgument {
		now = time.Since(l.origin)
	}
	before, room := len(l.ends), int64(2)
	if l.again {
		room += int64(l.ended)
	}
	l.ends = slices.DeleteFunc(l.ends, func(end time.Duration) bool { return end <= now })
	l.ended += before - len(l.ends)
	d := limiters.Decision{At: now, ResetAfter: limiters.Unknown, RetryAfter: limiters.Unknown}
	if int64(len(l.ends))+n <= room {
		d.Allowed, d.RetryAfter = true, 0
		for range n {
			l.ends = append(l.ends, now+l.lasts(time.Second))
		}
	}
	d.Remaining = int64(2 - len(l.ends))
	return d, nil
}

func (l *lender) Release(context.Context, time.Duration, string, int64, uint64) (time.Duration, error) {
	return 0, nil
}

// TestLeases: leases that end early or late are found where any instant can be shown, and
// where time passes by itself, which in a bubble costs nothing.
func TestLeases(t *testing.T) {
	for name, tc := range map[string]struct {
		lasts  func(time.Duration) time.Duration
		broken bool
		again  bool
	}{
		"sound":          {func(s time.Duration) time.Duration { return s }, false, false},
		"twice ended":    {func(s time.Duration) time.Duration { return s }, true, true},
		"half":           {func(s time.Duration) time.Duration { return s / 2 }, true, false},
		"a tenth short":  {func(s time.Duration) time.Duration { return s * 9 / 10 }, true, false},
		"a tenth longer": {func(s time.Duration) time.Duration { return s * 11 / 10 }, true, false},
		"twice as long":  {func(s time.Duration) time.Duration { return 2 * s }, true, false},
		"10 ms short":    {func(s time.Duration) time.Duration { return s - 10*time.Millisecond }, true, false},
		"10 ms longer":   {func(s time.Duration) time.Duration { return s + 10*time.Millisecond }, true, false},
	} {
		for source, rule := range map[string]string{limiters.TimeArgument: "held-lease", limiters.TimeRedis: "live-lease"} {
			t.Run(name+"/"+rule, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					start := time.Now()
					f := findingOf(t, Subject{
						Limits: []limiters.Limit{{Burst: 2}},
						New: func(limiters.Limit) (limiters.Limiter, error) {
							return &lender{source: source, origin: start, lasts: tc.lasts, again: tc.again}, nil
						},
						Options: Options{Clock: &Clock{
							Now:  func() time.Duration { return time.Since(start) },
							Wait: func(until time.Duration) { time.Sleep(until - time.Since(start)) },
						}},
					}, rule)
					if want := map[bool]Status{true: Fail, false: Pass}[tc.broken]; f.Status != want {
						t.Errorf("%s %s; want %s\n%s", f.Status, cmp.Or(f.Message, f.Reason), want, f.History())
					}
				})
			})
		}
	}
}
