package conformance

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
)

// asking is the shape of Allow and Peek, without a context.
type asking func(now time.Duration, key string, n int64) (limiters.Decision, error)

// wounded is a token bucket with one thing wrong with it. What is not given is sound.
type wounded struct {
	*limiters.TokenBucket
	allow func(sound asking, now time.Duration, key string, n int64) (limiters.Decision, error)
	peek  asking
	bound func(w time.Duration) int64
}

func (l wounded) Allow(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	sound := func(now time.Duration, key string, n int64) (limiters.Decision, error) {
		return l.TokenBucket.Allow(ctx, now, key, n)
	}
	if l.allow == nil {
		return sound(now, key, n)
	}
	return l.allow(sound, now, key, n)
}

func (l wounded) Peek(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	if l.peek == nil {
		return l.TokenBucket.Peek(ctx, now, key, n)
	}
	return l.peek(now, key, n)
}

func (l wounded) Bound(w time.Duration) int64 {
	if l.bound == nil {
		return l.TokenBucket.Bound(w)
	}
	return l.bound(w)
}

// edited changes what a sound limiter answers.
func edited(edit func(d *limiters.Decision)) wounded {
	return wounded{allow: func(sound asking, now time.Duration, key string, n int64) (limiters.Decision, error) {
		d, err := sound(now, key, n)
		edit(&d)
		return d, err
	}}
}

// retimed asks a sound limiter at another time.
func retimed(shift func(now time.Duration) time.Duration) wounded {
	return wounded{allow: func(sound asking, now time.Duration, key string, n int64) (limiters.Decision, error) {
		return sound(shift(now), key, n)
	}}
}

// asShown says that it decided at the time it was asked at.
func asShown(l wounded) wounded {
	return wounded{allow: func(sound asking, now time.Duration, key string, n int64) (limiters.Decision, error) {
		d, err := l.allow(sound, now, key, n)
		d.At = now
		return d, err
	}}
}

// waiting edits a wait that has an end.
func waiting(edit func(wait time.Duration) time.Duration) wounded {
	return edited(func(d *limiters.Decision) {
		if d.RetryAfter != 0 && d.RetryAfter != limiters.Never {
			d.RetryAfter = edit(d.RetryAfter)
		}
	})
}

// checkThenAct decides by a peek and takes afterwards, whatever is there by then.
func checkThenAct(l *limiters.TokenBucket) wounded {
	return wounded{allow: func(sound asking, now time.Duration, key string, n int64) (limiters.Decision, error) {
		d, err := l.Peek(context.Background(), now, key, n)
		if d.Allowed {
			runtime.Gosched()
			_, err = sound(now, key, n)
		}
		return d, err
	}}
}

var threePerSecond = limiters.Limit{Rate: 3, Period: time.Second, Burst: 4}

func tokenBucket(t *testing.T, limit limiters.Limit) *limiters.TokenBucket {
	t.Helper()
	l, err := limiters.NewTokenBucket(limiters.Config{
		Rate:  units.Rate{Count: limit.Rate, Per: limit.Period},
		Burst: units.Count(limit.Burst),
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// wound is one thing that can be wrong with a bucket, and the rule about it.
type wound struct {
	rule, name string
	wound      wounded
}

func wounds(t *testing.T) []wound {
	l := tokenBucket(t, threePerSecond)
	return []wound{
		{"description", "a bound that shrinks", wounded{bound: func(w time.Duration) int64 { return l.Bound(w % time.Minute) }}},
		{"frozen-clock", "time that passes by itself", retimed(ticking())},
		{"cost", "never becomes an hour", edited(func(d *limiters.Decision) { d.RetryAfter = min(d.RetryAfter, time.Hour) })},
		{"cost", "nothing asked, something granted", wounded{
			allow: func(sound asking, now time.Duration, key string, n int64) (limiters.Decision, error) {
				return sound(now, key, max(1, n))
			},
		}},
		{"bound", "a bound that is one too small", wounded{bound: func(w time.Duration) int64 { return max(4, l.Bound(w)-1) }}},
		{"retry-after", "a wait rounded down", waiting(func(wait time.Duration) time.Duration { return wait - 1 })},
		{"retry-tight", "a wait rounded up to the millisecond", waiting(func(wait time.Duration) time.Duration {
			return (wait + time.Millisecond - 1).Truncate(time.Millisecond)
		})},
		{"reset-after", "a reset that is too early", edited(func(d *limiters.Decision) { d.ResetAfter = max(0, d.ResetAfter-1) })},
		{"reset-after", "a reset that is too late", edited(func(d *limiters.Decision) { d.ResetAfter++ })},
		{"remaining", "one remaining too many", edited(func(d *limiters.Decision) { d.Remaining = min(4, d.Remaining+1) })},
		{"remaining", "one remaining too few", edited(func(d *limiters.Decision) { d.Remaining = max(0, d.Remaining-1) })},
		{"denial", "denials that cost", wounded{
			allow: func(sound asking, now time.Duration, key string, n int64) (limiters.Decision, error) {
				d, err := sound(now, key, n)
				if err == nil && !d.Allowed {
					_, err = sound(now, key, 1)
				}
				return d, err
			},
		}},
		{"peek", "peeks that cost", wounded{peek: func(now time.Duration, key string, n int64) (limiters.Decision, error) {
			return limiters.Decision{At: now, Allowed: true}, nil
		}}},
		{"backwards", "an earlier time taken as it is", edited(func(d *limiters.Decision) { d.At = 0 })},
		{"order", "time that restarts when it goes back", retimed(rewinding())},
		{"disorder", "time that restarts, and does not say so", asShown(retimed(rewinding()))},
		{"long-idle", "time that wraps around after five years", retimed(func(now time.Duration) time.Duration {
			return now % (5 * 365 * 24 * time.Hour)
		})},
		{"keys", "keys told apart by one byte", wounded{
			allow: func(sound asking, now time.Duration, key string, n int64) (limiters.Decision, error) {
				return sound(now, key[:min(1, len(key))], n)
			},
		}},
		{"saturation", "one in a thousand forgiven", retimed(func(now time.Duration) time.Duration { return now + now/1000 })},
		{"saturation", "an interval truncated to the microsecond", retimed(func(now time.Duration) time.Duration {
			return now * 333_333_334 / 333_333_000
		})},
		{"concurrent-burst", "check, then act", checkThenAct(tokenBucket(t, threePerSecond))},
		{"concurrent-bound", "check, then act", checkThenAct(tokenBucket(t, threePerSecond))},
		{"linearizable", "check, then act", checkThenAct(tokenBucket(t, threePerSecond))},
		{"false-admits", "a nanosecond too early", asShown(retimed(func(now time.Duration) time.Duration { return now + min(now, 1) }))},
		{"false-denials", "a nanosecond too late", asShown(retimed(func(now time.Duration) time.Duration { return now - min(now%time.Second, 1) }))},
		{"patience", "a token less in every odd second", wounded{
			allow: func(sound asking, now time.Duration, key string, n int64) (limiters.Decision, error) {
				return sound(now, key, n+int64(now/time.Second)%2)
			},
		}},
		{"split", "a fee of one for small requests", wounded{
			allow: func(sound asking, now time.Duration, key string, n int64) (limiters.Decision, error) {
				return sound(now, key, max(n, 2))
			},
		}},
		{"extremes", "a panic beyond a century", wounded{
			allow: func(sound asking, now time.Duration, key string, n int64) (limiters.Decision, error) {
				if now > 100*365*24*time.Hour {
					panic("too late")
				}
				return sound(now, key, n)
			},
		}},
		{"allocation", "an allocation", wounded{
			allow: func(sound asking, now time.Duration, key string, n int64) (limiters.Decision, error) {
				return sound(now, string(append([]byte(key), make([]byte, 64)...)), n)
			},
		}},
	}
}

// fresh returns a wounded limiter that has decided nothing yet.
func (w wound) fresh(t *testing.T) limiters.Limiter {
	w.wound.TokenBucket = tokenBucket(t, threePerSecond)
	return w.wound
}

// TestWounds breaks a sound bucket in one place each, and expects the rule about
// that place to notice.
func TestWounds(t *testing.T) {
	for _, w := range wounds(t) {
		t.Run(w.rule+"/"+w.name, func(t *testing.T) {
			mustBreak(t, w.rule, func() limiters.Limiter { return w.fresh(t) }, threePerSecond)
		})
	}
}

// TestWindowsSoldAsLog are the most common false claims.
func TestWindowsSoldAsLog(t *testing.T) {
	limit := limiters.Limit{Rate: 5, Period: time.Second}
	config := limiters.WindowConfig{Rate: units.Rate{Count: 5, Per: time.Second}}
	fixed := func() (described, error) { return limiters.NewFixedWindow(config) }
	counter := func() (described, error) { return limiters.NewSlidingWindowCounter(config) }
	for _, construct := range []func() (described, error){fixed, counter} {
		fresh := func() limiters.Limiter {
			l, err := construct()
			if err != nil {
				t.Fatal(err)
			}
			return soldAsLog{l}
		}
		mustBreak(t, "window-edge", fresh, limit)
		mustBreak(t, "bound", fresh, limit)
	}
}

type soldAsLog struct{ described }

func (l soldAsLog) Info() limiters.Info {
	info := l.described.Info()
	info.Algorithm = "sliding-window-log"
	return info
}

func (l soldAsLog) Bound(w time.Duration) int64 { return 5 + 5*int64(w/time.Second) }

// mustBreak expects one rule to notice.
func mustBreak(t *testing.T, name string, fresh func() limiters.Limiter, limit limiters.Limit) {
	t.Helper()
	s, err := newSubject(Subject{
		New:     func(limiters.Limit) (limiters.Limiter, error) { return fresh(), nil },
		Seed:    1,
		Options: Options{Concurrent: true, NoAllocation: true, Decisions: 8_000},
	}, limit)
	if err != nil {
		t.Fatal(err)
	}
	s.first = true
	i := slices.IndexFunc(rules(), func(r rule) bool { return r.name == name })
	if i < 0 {
		t.Fatalf("rule is %q; want one of the suite's", name)
	}
	r := rules()[i]
	if reason, _ := r.missing(s); reason != "" {
		t.Fatalf("rule %s does not apply: %s", name, reason)
	}
	b := r.check(t.Context(), s)
	if b == nil {
		t.Fatalf("rule %s did not notice", name)
	}
	var f Finding
	f.fail(s.concludes(b))
	t.Logf("%s\n%s", f.Message, f.History())
}

// ticking moves time on by a refill with every seventh call.
func ticking() func(time.Duration) time.Duration {
	var calls atomic.Int64
	return func(now time.Duration) time.Duration {
		return now + time.Duration(calls.Add(1)/7)*time.Second
	}
}

// rewinding credits the way back and forth again.
func rewinding() func(time.Duration) time.Duration {
	var mu sync.Mutex
	var last, offset time.Duration
	return func(now time.Duration) time.Duration {
		mu.Lock()
		defer mu.Unlock()
		offset += max(0, last-now)
		last = now
		return now + offset
	}
}
