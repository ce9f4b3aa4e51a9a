package conformance

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// liveRules watch a limiter in real time, whose passing nobody controls. What is
// sure is only that a decision was taken between its call and its return, so a
// window is as long as it can be, and a wait is waited for after the return.
// Then the machine being slow can excuse a limiter, and never convict it.
func liveRules() []rule {
	return []rule{
		{"live-bound", Properties, "in real time no window holds more grants than the Bound of the longest it can have been", needs(live, once), checkLiveBound},
		{"live-retry", Promises, "in real time a retry after RetryAfter is granted", needs(live, once), checkLiveRetry},
		{"live-debt", Expiry, "state on a server outlives its debt: what was spent is not there again before it has flowed in", needs(live, remote, once), checkLiveDebt},
	}
}

// live is for limiters of a rate that go by a clock which waiting for is all one can do.
func live(s *subject) string {
	switch {
	case s.holds():
		return "it limits what is held at once, not a rate"
	case s.Clock == nil || s.Clock.Still:
		return "nothing here waits in real time"
	case s.live == nil && s.free():
		return "it goes by the now that it is given"
	}
	return ""
}

func remote(s *subject) string {
	return unless(s.info.Scope == "redis", "it keeps no state on a server")
}

// inRealTime returns a caller of a limiter under a limit that shows something
// within a second or two: 20 in a second, and a burst.
func (s *subject) inRealTime(burst int64) (*subject, *caller, error) {
	of := Subject{New: s.build, Seed: s.seed, Options: s.Options}
	if s.live != nil {
		of.New = s.live
	}
	limit := limiters.Limit{Rate: 20, Period: time.Second, Burst: burst}
	if s.asked.Burst == 0 {
		limit.Burst = 0
	}
	l, err := newSubject(of, limit)
	if err != nil {
		return nil, nil, err
	}
	return l, l.caller(), nil
}

// watch runs a check on a limiter in real time, if one can be had.
func (s *subject) watch(ctx context.Context, burst int64, check func(l *subject, c *caller) *breach) *breach {
	l, c, err := s.inRealTime(burst)
	if errors.Is(err, ErrRefused) {
		return nil
	}
	if err != nil {
		return &breach{message: err.Error()}
	}
	defer l.close(context.WithoutCancel(ctx))
	return l.concludes(check(l, c))
}

// rounds is how often a schedule in real time is played when the machine was too
// late with it for anything to show.
const rounds = 4

// checkLiveBound spends around the end of the first second, where windows that
// begin with the first request change, whether they last for a period or for as
// long as the burst takes to flow in. Callers race for it.
func checkLiveBound(ctx context.Context, s *subject) (found *breach) {
	for range rounds {
		late := false
		found = s.watch(ctx, 20, func(l *subject, c *caller) *breach {
			c.allow(0, 1)
			for _, now := range []time.Duration{900 * time.Millisecond, 1100 * time.Millisecond} {
				late = c.await(now) > now+50*time.Millisecond || late
				if b := l.spend(c, now); b != nil {
					return b
				}
			}
			return c.within(l)
		})
		if found != nil || !late || ctx.Err() != nil {
			return found
		}
	}
	return found
}

// spend has callers race for all there is at now.
func (s *subject) spend(c *caller, now time.Duration) *breach {
	n := 1
	if s.Concurrent {
		n = 4
	}
	callers := crowd(c, c.key, n)
	b := together(callers, func(_ int, each *caller) { each.drain(now, s.capacity, s.most()) })
	c.steps = append(c.steps, merged(callers).steps...)
	return b
}

// within checks the grants of a history between whose calls and returns time passed.
func (c *caller) within(s *subject) *breach {
	slices.SortStableFunc(c.steps, func(a, b Step) int { return int(max(-1, min(1, a.Now-b.Now))) })
	granted := slices.DeleteFunc(slices.Clone(c.steps), func(s Step) bool { return !s.Allowed })
	worst, found := int64(0), c.broken()
	for i, first := range granted {
		sum, end := int64(0), first.Returned
		for j, last := range granted[i:] {
			sum, end = sum+last.N, max(end, last.Returned+last.Delay)
			if most := s.bound(end - first.Now + s.slack()); sum-most > worst {
				worst = sum - most
				found = c.breach("from %v to %v, which is at most %v, %d tokens were granted; want at most %d",
					first.Now, end, end-first.Now, sum, most)
				found.steps = granted[i : i+j+1]
			}
		}
	}
	return found
}

// checkLiveRetry waits as it is told, three times.
func checkLiveRetry(ctx context.Context, s *subject) *breach {
	return s.watch(ctx, 20, func(l *subject, c *caller) *breach {
		c.drain(0, l.capacity, l.most())
		for range 3 {
			d := c.allow(0, 1)
			if d.Allowed || d.RetryAfter < 0 || d.RetryAfter > time.Minute {
				continue
			}
			ready := c.steps[len(c.steps)-1].Returned + d.RetryAfter
			if !c.allow(ready, 1).Allowed {
				return c.breach("a request was denied with RetryAfter %v, and a retry %v after that answer was denied", d.RetryAfter, d.RetryAfter)
			}
		}
		return c.broken()
	})
}

// checkLiveDebt spends a burst that takes one and a half seconds to flow in, and
// looks again when a time to live rounded down to the second would be over.
func checkLiveDebt(ctx context.Context, s *subject) *breach {
	return s.watch(ctx, 30, func(l *subject, c *caller) *breach {
		for _, now := range []time.Duration{0, 1100 * time.Millisecond} {
			c.drain(now, l.capacity, l.most())
		}
		return c.within(l)
	})
}
