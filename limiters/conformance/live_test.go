package conformance

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
)

// clocked goes by the clock, whatever now it is given.
type clocked struct {
	described
	claim  limiters.Described
	scope  string
	source string
	origin time.Time
	edit   func(*limiters.Decision)
}

type described interface {
	limiters.Limiter
	limiters.Described
}

func (c *clocked) Allow(ctx context.Context, _ time.Duration, key string, n int64) (limiters.Decision, error) {
	d, err := c.described.Allow(ctx, time.Since(c.origin), key, n)
	if c.edit != nil {
		c.edit(&d)
	}
	d.At = limiters.Unknown
	return d, err
}

func (c *clocked) Info() limiters.Info {
	info := c.claim.Info()
	info.TimeSource, info.Scope = c.source, c.scope
	return info
}

func (c *clocked) Bound(w time.Duration) int64 { return c.claim.Bound(w) }

// clockedAs makes subjects that claim to be token buckets by the clock.
func clockedAs(source string, still bool, made func(l limiters.Limit, claim *limiters.TokenBucket) *clocked) Subject {
	start := time.Now()
	return Subject{
		Limits: []limiters.Limit{{Rate: 3, Period: time.Second, Burst: 4}},
		New: func(l limiters.Limit) (limiters.Limiter, error) {
			claim, err := limiters.NewTokenBucket(limiters.Config{Rate: units.Rate{Count: l.Rate, Per: l.Period}, Burst: units.Count(l.Burst)})
			if err != nil {
				return nil, fmt.Errorf("%w: %w", ErrRefused, err)
			}
			c := made(l, claim)
			c.claim, c.source, c.origin = claim, source, time.Now()
			if c.scope == "" {
				c.scope = "local"
			}
			return c, nil
		},
		Options: Options{Concurrent: true, Decisions: 1_000, Clock: &Clock{
			Now:   func() time.Duration { return time.Since(start) },
			Wait:  func(until time.Duration) { time.Sleep(until - time.Since(start)) },
			Still: still,
		}},
	}
}

func sound(_ limiters.Limit, claim *limiters.TokenBucket) *clocked { return &clocked{described: claim} }

// windowed is a fixed window sold as a bucket: what it grants is right in every second.
func windowed(l limiters.Limit, _ *limiters.TokenBucket) *clocked {
	w, _ := limiters.NewFixedWindow(limiters.WindowConfig{Rate: units.Rate{Count: l.Burst, Per: time.Duration(l.Burst * int64(l.Period) / l.Rate)}})
	return &clocked{described: w}
}

// forgetful is on a server, where its state dies after a whole second.
func forgetful(_ limiters.Limit, claim *limiters.TokenBucket) *clocked {
	return &clocked{described: &mortal{TokenBucket: claim}, scope: "redis"}
}

type mortal struct{ *limiters.TokenBucket }

func (m *mortal) Allow(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	return m.TokenBucket.Allow(ctx, now%time.Second, fmt.Sprint(key, now/time.Second), n)
}

// hasty tells half of the time to wait.
func hasty(_ limiters.Limit, claim *limiters.TokenBucket) *clocked {
	return &clocked{described: claim, edit: func(d *limiters.Decision) {
		if d.RetryAfter != limiters.Never {
			d.RetryAfter /= 2
		}
	}}
}

// TestLive watches in a bubble, where waiting costs nothing, limiters of which
// the suite believes that they go by a clock nobody controls.
func TestLive(t *testing.T) {
	for name, tc := range map[string]struct {
		made   func(limiters.Limit, *limiters.TokenBucket) *clocked
		broken []string
	}{
		"sound":                           {sound, nil},
		"a window sold as a bucket":       {windowed, []string{"live-bound"}},
		"a time to live in whole seconds": {forgetful, []string{"live-debt"}},
		"half the time to wait":           {hasty, []string{"live-retry"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				findings := examined(t, clockedAs(limiters.TimeWallClock, false, tc.made))
				var broken []string
				for _, f := range failures(findings) {
					broken = append(broken, f.Rule)
					t.Logf("%s: %s\n%s", f.Rule, f.Message, f.History())
				}
				for _, rule := range tc.broken {
					if !slices.Contains(broken, rule) {
						t.Errorf("%v are broken; want %s among them", broken, rule)
					}
				}
				if tc.broken == nil && broken != nil {
					t.Errorf("%v are broken; want none", broken)
				}
				if f := finding(t, findings, "false-admits"); f.Status != NotApplicable {
					t.Errorf("false-admits: %+v; want not applicable to a clock that cannot be set", f)
				}
			})
		})
	}
}

// TestMovedClock brings limiters that read the clock to exact instants.
func TestMovedClock(t *testing.T) {
	for name, tc := range map[string]struct {
		made   func(limiters.Limit, *limiters.TokenBucket) *clocked
		broken bool
	}{"sound": {sound, false}, "a window sold as a bucket": {windowed, true}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				findings := examined(t, clockedAs(limiters.TimeClock, true, tc.made))
				for _, rule := range []string{"bound", "false-admits", "KA7", "long-idle"} {
					if f := finding(t, findings, rule); f.Status == NotApplicable {
						t.Errorf("%s does not apply: %s", rule, f.Reason)
					}
				}
				if f := finding(t, findings, "backwards"); f.Status != NotApplicable {
					t.Errorf("backwards: %+v; want not applicable", f)
				}
				found := failures(findings)
				if (len(found) > 0) != tc.broken {
					t.Errorf("%+v are broken", found)
				}
				if tc.broken && len(finding(t, findings, "bound").Steps) > 3 {
					t.Errorf("%s", finding(t, findings, "bound").History())
				}
			})
		})
	}
}
