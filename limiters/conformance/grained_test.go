package conformance

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
)

// grained is a limiter in this process that keeps time to a granule, as those on Redis
// do to the µs: it tells what is to be waited in whole ones, rounded as round says.
type grained struct {
	limiters.Described
	ask     limiters.Limiter
	granule time.Duration
	round   rounding
}

// rounding makes of what is to be waited, exactly, what is told.
type rounding func(wait, granule time.Duration) time.Duration

func up(wait, granule time.Duration) time.Duration {
	return (wait + granule - 1).Truncate(granule)
}
func down(wait, granule time.Duration) time.Duration  { return wait.Truncate(granule) }
func late(wait, granule time.Duration) time.Duration  { return up(wait, granule) + granule }
func early(wait, granule time.Duration) time.Duration { return up(wait, granule) - granule }

func (g grained) Info() limiters.Info {
	info := g.Described.Info()
	if g.granule > 1 {
		info.Resolution = g.granule
	}
	return info
}

// Bound is that of windows whose ends may be a granule further off.
func (g grained) Bound(w time.Duration) int64 {
	if g.Info().Shaper {
		w += g.granule
	}
	return g.Described.Bound(w)
}

func (g grained) Allow(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	d, err := g.ask.Allow(ctx, now, key, n)
	if d.Delay > 0 {
		d.Delay = g.round(d.Delay, g.granule)
	}
	if d.RetryAfter > 0 && d.RetryAfter != limiters.Never {
		d.RetryAfter = max(1, g.round(d.RetryAfter, g.granule))
	}
	if d.ResetAfter > 0 {
		d.ResetAfter = up(d.ResetAfter, g.granule)
	}
	return d, err
}

// uneven are limits of which no interval is a whole number of granules, nor is the
// share of a window that most counts leave.
func uneven(burst int64) []limiters.Limit {
	return []limiters.Limit{
		{Rate: 7, Period: time.Second, Burst: burst},
		{Rate: 3, Period: time.Second, Burst: min(3, burst)},
		{Rate: 3_000_000, Period: time.Second, Burst: burst},
		{Rate: 1000 - min(1, burst), Period: 7 * time.Second, Burst: burst}, // 7 ms would be even
	}
}

// TestRoundedWaits: whoever tells a wait of parts of a granule rounds it up, or lets
// go too early, sends somebody back too early or too late; at a granule of a
// nanosecond, and at one of a microsecond, which forgives nothing of the kind.
func TestRoundedWaits(t *testing.T) {
	queue := func(l limiters.Limit) (described, error) {
		return limiters.NewLeakyBucketQueue(limiters.Config{Rate: units.Rate{Count: l.Rate, Per: l.Period}, Burst: units.Count(l.Burst)})
	}
	counter := func(l limiters.Limit) (described, error) {
		return limiters.NewSlidingWindowCounter(limiters.WindowConfig{Rate: units.Rate{Count: l.Rate, Per: l.Period}})
	}
	bucket := func(l limiters.Limit) (described, error) {
		return limiters.NewTokenBucket(limiters.Config{Rate: units.Rate{Count: l.Rate, Per: l.Period}, Burst: units.Count(l.Burst)})
	}
	for _, tt := range []struct {
		name   string
		make   func(limiters.Limit) (described, error)
		burst  int64
		round  rounding
		broken string // by whoever rounds like that; empty for nothing
	}{
		{"queue, up", queue, 9, up, ""},
		{"queue, down", queue, 9, down, "departures"},
		{"queue, a granule early", queue, 9, early, "departures"},
		{"queue, a granule late", queue, 9, late, "departures"},
		{"counter, up", counter, 0, up, ""},
		{"counter, down", counter, 0, down, "retry-after"},
		{"counter, a granule early", counter, 0, early, "retry-after"},
		{"counter, a granule late", counter, 0, late, "retry-tight"},
		{"bucket, up", bucket, 9, up, ""},
		{"bucket, down", bucket, 9, down, "retry-after"},
		{"bucket, a granule early", bucket, 9, early, "retry-after"},
		{"bucket, a granule late", bucket, 9, late, "retry-tight"},
	} {
		for _, granule := range []time.Duration{1, time.Microsecond} {
			if granule == 1 && tt.broken != "" && tt.round(3, 1) == 3 {
				continue // there are no parts of a nanosecond to round down
			}
			for _, limit := range uneven(tt.burst) {
				t.Run(fmt.Sprint(tt.name, " to ", granule, ", ", limit.Rate, " in ", limit.Period), func(t *testing.T) {
					of := Subject{Limits: []limiters.Limit{limit}, Seed: 1, Options: Options{Granularity: granule, Decisions: 800}}
					of.New = func(l limiters.Limit) (limiters.Limiter, error) {
						in, err := tt.make(l)
						return grained{in, in.(limiters.Limiter), granule, tt.round}, err
					}
					judgeRounding(t, of, tt.broken)
				})
			}
		}
	}
}

// judgeRounding expects one rule to be broken, or none of those about time.
func judgeRounding(t *testing.T, of Subject, broken string) {
	if broken != "" {
		if f := findingOf(t, of, broken); f.Status != Fail {
			t.Errorf("%s: %s %s; want fail", broken, f.Status, f.Reason)
		}
		return
	}
	for _, rule := range []string{"departures", "false-admits", "false-denials", "bound", "retry-after", "retry-tight", "reset-after"} {
		if f := findingOf(t, of, rule); f.Status == Fail {
			t.Errorf("%s: %s\n%s", rule, f.Message, f.History())
		}
	}
}
