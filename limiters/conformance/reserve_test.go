package conformance

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// seller is a bucket that grants what it sells only later.
type seller struct {
	*limiters.TokenBucket
	ahead map[string]time.Duration
	sell  func(s *seller, now time.Duration, key string, n int64) (limiters.Decision, error)
}

// later waits until the bucket grants, and takes that before anybody else can.
func (s *seller) later(now time.Duration, key string, n int64) (limiters.Decision, error) {
	at := max(now, s.ahead[key])
	d, err := s.TokenBucket.Allow(context.Background(), at, key, n)
	if err != nil || d.RetryAfter == limiters.Never {
		return d, err
	}
	if !d.Allowed {
		at += d.RetryAfter
		d, err = s.TokenBucket.Allow(context.Background(), at, key, n)
	}
	s.ahead[key] = at
	d.At, d.Delay = now, at-now
	return d, err
}

func (s *seller) Allow(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	if ahead := s.ahead[key]; now < ahead {
		return limiters.Decision{At: now, RetryAfter: limiters.Unknown, ResetAfter: limiters.Unknown, Remaining: -1}, nil
	}
	return s.TokenBucket.Allow(ctx, now, key, n)
}

func (s *seller) Reserve(_ context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	return s.sell(s, now, key, n)
}

// TestReservations has a bucket sell what is not there yet, soundly and not.
func TestReservations(t *testing.T) {
	sells := func(edit func(now time.Duration, n int64, d *limiters.Decision)) func(*seller, time.Duration, string, int64) (limiters.Decision, error) {
		return func(s *seller, now time.Duration, key string, n int64) (limiters.Decision, error) {
			d, err := s.later(now, key, n)
			if err == nil {
				edit(now, n, &d)
			}
			return d, err
		}
	}
	for name, tc := range map[string]struct {
		sell   func(*seller, time.Duration, string, int64) (limiters.Decision, error)
		broken []string
	}{
		"sound":           {(*seller).later, nil},
		"half the wait":   {sells(func(_ time.Duration, _ int64, d *limiters.Decision) { d.Delay /= 2 }), []string{"reserve-bound", "reserve-wait"}},
		"a wait too long": {sells(func(_ time.Duration, _ int64, d *limiters.Decision) { d.Delay += d.Delay / 2 }), []string{"reserve-bound", "reserve-wait"}},
		"a debt without an end": {sells(func(_ time.Duration, n int64, d *limiters.Decision) {
			if d.RetryAfter == limiters.Never {
				*d = limiters.Decision{Allowed: true, At: d.At, Delay: time.Duration(n) * time.Second, Remaining: -1}
			}
		}), []string{"reserve-cost"}},
		"nothing is sold": {func(s *seller, now time.Duration, key string, n int64) (limiters.Decision, error) {
			return s.later(now, key, max(1, n))
		}, []string{"reserve-cost"}},
		"sold and forgotten": {func(s *seller, now time.Duration, key string, n int64) (limiters.Decision, error) {
			d, err := s.Peek(t.Context(), now, key, n)
			if err == nil && !d.Allowed && d.RetryAfter != limiters.Never {
				d.Allowed, d.Delay, d.RetryAfter = true, d.RetryAfter, 0
			}
			return d, err
		}, []string{"reserve-bound"}},
	} {
		t.Run(name, func(t *testing.T) {
			of := Subject{
				Limits:  []limiters.Limit{threePerSecond},
				Options: Options{Decisions: 1_000},
				New: func(l limiters.Limit) (limiters.Limiter, error) {
					return &seller{tokenBucket(t, l), map[string]time.Duration{}, tc.sell}, nil
				},
			}
			var broken []string
			for _, rule := range []string{"reserve-bound", "reserve-cost", "reserve-wait"} {
				switch f := findingOf(t, of, rule); f.Status {
				case Fail:
					broken = append(broken, rule)
					t.Logf("%s: %s\n%s", rule, f.Message, f.History())
				case Pass:
				default:
					t.Errorf("%s: %s, %s", rule, f.Status, f.Reason)
				}
			}
			if !slices.Equal(broken, tc.broken) {
				t.Errorf("%v are broken; want %v", broken, tc.broken)
			}
		})
	}
}
