package failure_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/failure"
)

var errDown = errors.New("connection refused")

// fake is a bucket behind a network that does what it is told.
type fake struct {
	*limiters.GCRA
	source string
	asked  atomic.Int64
	answer func(ctx context.Context, call int64) error // nil: always answers
	open   func() error
}

func (f *fake) Allow(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	call := f.asked.Add(1)
	if f.answer != nil {
		if err := f.answer(ctx, call); err != nil {
			return limiters.Decision{}, err
		}
	}
	return f.GCRA.Allow(ctx, now, key, n)
}

func (f *fake) Info() limiters.Info {
	info := f.GCRA.Info()
	if f.source != "" {
		info.TimeSource = f.source
	}
	return info
}

func (f *fake) Open(context.Context) error {
	if f.open == nil {
		return nil
	}
	return f.open()
}

func down(context.Context, int64) error { return errDown }

// hanging honours its context, as a network client does.
func hanging(ctx context.Context, _ int64) error {
	<-ctx.Done()
	return ctx.Err()
}

func gcra(tb testing.TB, burst int64) *limiters.GCRA {
	tb.Helper()
	l, err := limiters.NewGCRA(limiters.Config{Rate: units.Rate{Count: 10, Per: time.Second}, Burst: units.Count(burst)})
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

func guarded(tb testing.TB, primary limiters.Limiter, policy failure.Policy) limiters.Limiter {
	tb.Helper()
	l, err := failure.New(primary, policy)
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

func TestModes(t *testing.T) {
	ctx, now := context.Background(), 3*time.Second
	unknown := limiters.Decision{At: now, RetryAfter: limiters.Unknown, ResetAfter: limiters.Unknown, Remaining: -1}
	open, closed, never := unknown, unknown, unknown
	open.Allowed, open.RetryAfter, open.Mode = true, 0, limiters.FailOpen
	closed.Mode = limiters.FailClosed
	never.RetryAfter, never.Mode = limiters.Never, limiters.FailOpen
	local, err := gcra(t, 2).Allow(ctx, now, "k", 1)
	if err != nil {
		t.Fatal(err)
	}
	local.Mode = limiters.LocalFallback
	for _, tt := range []struct {
		mode failure.Mode
		n    int64
		want limiters.Decision
		err  bool
	}{
		{failure.Error, 1, limiters.Decision{}, true},
		{failure.Open, 1, open, false},
		{failure.Open, 6, never, false},
		{failure.Closed, 1, closed, false},
		{failure.Local, 1, local, false},
		{failure.Open, 0, limiters.Decision{}, true},
	} {
		l := guarded(t, &fake{GCRA: gcra(t, 5), answer: down}, failure.Policy{Mode: tt.mode, Local: gcra(t, 2)})
		d, err := l.Allow(ctx, now, "k", tt.n)
		if d != tt.want || (err != nil) != tt.err {
			t.Errorf("mode %v, cost %d: %+v, %v; want %+v", tt.mode, tt.n, d, err, tt.want)
		}
	}
}

// TestClocksAreNotMixed: beside a primary on a clock of its own, an instant of
// the run means nothing, and waits count from now.
func TestClocksAreNotMixed(t *testing.T) {
	local := gcra(t, 1)
	if _, err := local.Allow(context.Background(), 5*time.Second, "k", 1); err != nil {
		t.Fatal(err)
	}
	l := guarded(t, &fake{GCRA: gcra(t, 5), source: limiters.TimeRedis, answer: down}, failure.Policy{Mode: failure.Local, Local: local})
	d, err := l.Allow(context.Background(), 4*time.Second, "k", 1)
	if err != nil || d.At != limiters.Unknown || d.RetryAfter != 1100*time.Millisecond || d.Allowed {
		t.Errorf("%+v, %v; want a denial at an unknown instant, for 1.1s", d, err)
	}
}

// TestDelayCountsFromNow where a local shaper goes by its latest grant, and that
// instant is not told.
func TestDelayCountsFromNow(t *testing.T) {
	for source, want := range map[string]limiters.Decision{
		limiters.TimeRedis:    {At: limiters.Unknown, Delay: 1100 * time.Millisecond},
		limiters.TimeArgument: {At: 5 * time.Second, Delay: 100 * time.Millisecond},
	} {
		local, err := limiters.NewLeakyBucketQueue(limiters.Config{Rate: units.Rate{Count: 10, Per: time.Second}, Burst: 5})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := local.Allow(context.Background(), 5*time.Second, "k", 1); err != nil {
			t.Fatal(err)
		}
		l := guarded(t, &fake{GCRA: gcra(t, 5), source: source, answer: down}, failure.Policy{Mode: failure.Local, Local: local})
		d, err := l.Allow(context.Background(), 4*time.Second, "k", 1)
		if err != nil || !d.Allowed || d.At != want.At || d.Delay != want.Delay {
			t.Errorf("%s: %+v, %v; want a grant at %v that waits for %v", source, d, err, want.At, want.Delay)
		}
	}
}

// TestCallerLeaves: that is not the primary's failure, and not a decision.
func TestCallerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		primary := &fake{GCRA: gcra(t, 5), answer: hanging}
		l := guarded(t, primary, failure.Policy{Mode: failure.Open, Deadline: time.Minute, Failures: 1, Cooldown: time.Second})
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if d, err := l.Allow(ctx, 0, "k", 1); !errors.Is(err, context.DeadlineExceeded) || d.Allowed {
			t.Errorf("a caller that left got %+v, %v; want the end of its context", d, err)
		}
		// Nor does a probe count whose caller leaves: the next call is one.
		primary.answer = down
		l.Allow(context.Background(), 0, "k", 1)
		primary.answer = hanging
		gone, leave := context.WithCancel(context.Background())
		leave()
		l.Allow(gone, time.Second, "k", 1)
		primary.answer = nil
		if d, err := l.Allow(context.Background(), time.Second, "k", 1); err != nil || d.Mode != limiters.Primary {
			t.Errorf("after a probe that was withdrawn: %+v, %v; want the primary's decision", d, err)
		}
	})
}

func TestDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := guarded(t, &fake{GCRA: gcra(t, 5), answer: hanging}, failure.Policy{Mode: failure.Open, Deadline: 50 * time.Millisecond})
		start := time.Now()
		d, err := l.Allow(context.Background(), 0, "k", 1)
		if held := time.Since(start); err != nil || d.Mode != limiters.FailOpen || held != 50*time.Millisecond {
			t.Errorf("after %v: %+v, %v; want fail-open after 50ms", held, d, err)
		}
	})
}

// TestDeafPrimary ignores its context. Who is inside is held; once their
// deadlines have passed nobody follows them.
func TestDeafPrimary(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		primary := &fake{GCRA: gcra(t, 5), answer: func(context.Context, int64) error {
			time.Sleep(time.Hour)
			return nil
		}}
		l := guarded(t, primary, failure.Policy{Mode: failure.Open, Deadline: 50 * time.Millisecond, Failures: 2, Cooldown: 10 * time.Second})
		var inside sync.WaitGroup
		for range 2 {
			inside.Go(func() {
				d, err := l.Allow(context.Background(), 0, "k", 1)
				if err != nil || d.Mode != limiters.Primary || !d.Allowed {
					t.Errorf("late: %+v, %v; want what the primary decided", d, err)
				}
			})
		}
		time.Sleep(50 * time.Millisecond)
		synctest.Wait()
		start := time.Now()
		if d, err := l.Allow(context.Background(), 50*time.Millisecond, "k", 1); err != nil || d.Mode != limiters.FailOpen {
			t.Errorf("%+v, %v; want fail-open", d, err)
		}
		if held := time.Since(start); held != 0 {
			t.Errorf("who came after the deadlines was held for %v; want 0", held)
		}
		inside.Wait()
		if asked := primary.asked.Load(); asked != 2 {
			t.Errorf("the primary was asked %d times; want 2, by those who are held", asked)
		}
	})
}

// TestEveryCallIsAnsweredOnce has many callers at a primary that answers, fails,
// hangs and dawdles at random, some of whom leave.
func TestEveryCallIsAnsweredOnce(t *testing.T) {
	for _, mode := range []failure.Mode{failure.Error, failure.Open, failure.Closed, failure.Local} {
		synctest.Test(t, func(t *testing.T) {
			fate := seed.New(uint64(mode)).Sub("fate")
			primary := &fake{GCRA: gcra(t, 5), answer: func(ctx context.Context, call int64) error {
				switch fate.Uint64(uint64(call)) % 8 {
				case 0:
					return hanging(ctx, call)
				case 1, 2, 3:
					return errDown
				case 4:
					time.Sleep(20 * time.Millisecond)
				}
				return nil
			}}
			l := guarded(t, primary, failure.Policy{Mode: mode, Deadline: 10 * time.Millisecond, Failures: 3, Cooldown: 30 * time.Millisecond, Local: gcra(t, 2)})
			const callers, each = 16, 200
			start := time.Now()
			var crowd sync.WaitGroup
			var seen [5]atomic.Uint64 // by mode, then errors
			for c := range callers {
				crowd.Go(func() {
					draw := seed.New(uint64(c))
					for i := range uint64(each) {
						ctx, cancel := context.WithTimeout(context.Background(), time.Duration(1+draw.Uint64(i)%30)*time.Millisecond)
						d, err := l.Allow(ctx, time.Since(start), "k", int64(draw.Uint64(1000+i)%4))
						cancel()
						if err != nil {
							seen[4].Add(1)
						} else {
							seen[d.Mode].Add(1)
						}
						time.Sleep(time.Millisecond)
					}
				})
			}
			crowd.Wait()
			var sum uint64
			for i := range seen {
				n := seen[i].Load()
				sum += n
				may := i == 4 || limiters.Mode(i) == limiters.Primary || strings.TrimPrefix(limiters.Mode(i).String(), "fail_") == mode.String()
				if may != (n > 0) {
					t.Errorf("mode %v: %d calls ended at place %d; want some: %v", mode, n, i, may)
				}
			}
			if asked := primary.asked.Load(); sum != callers*each || asked == 0 || asked > callers*each*3/4 {
				t.Errorf("mode %v: %d of %d calls ended, %d asked the primary; want all, and the breaker to keep many away", mode, sum, callers*each, asked)
			}
		})
	}
}
