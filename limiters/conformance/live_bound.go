package conformance

import (
	"context"
	"slices"
	"time"
)

// rounds is how often a schedule in real time is played when the machine was too
// late with it for anything to show.
const rounds = 4

// checkLiveBound spends around the end of the first window, whether windows last
// for a period or for as long as the burst takes to flow in. Callers race for it.
func checkLiveBound(ctx context.Context, l *subject) (found *breach) {
	edge := max(l.refill, 0)
	if l.window() {
		edge = l.limit.Period
	}
	if edge > brisk {
		edge = time.Second
	}
	for range rounds {
		c, late := l.caller(), false
		c.allow(0, 1)
		for _, now := range []time.Duration{edge * 9 / 10, edge * 11 / 10} {
			late = c.await(now) > now+edge/20 || late
			if b := l.spend(c, now); b != nil {
				return b
			}
		}
		if found = c.within(l); found != nil || !late || ctx.Err() != nil {
			break
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
	slices.SortStableFunc(c.steps, byCall)
	granted := slices.DeleteFunc(slices.Clone(c.steps), func(s Step) bool { return !s.Allowed })
	worst, found := int64(0), c.broken()
	for i, first := range granted {
		sum, end := int64(0), first.Returned
		for j, last := range granted[i:] {
			sum, end = sum+last.N, max(end, last.Returned+last.Delay)
			if most := s.bound(end - first.Now + s.slack()); sum-most > worst {
				worst = sum - most
				found = c.miscounted(sum, most, "from %v to %v, which is at most %v, %d tokens were granted; want at most %d",
					first.Now, end, end-first.Now, sum, most)
				found.steps = granted[i : i+j+1]
			}
		}
	}
	return found
}

// byCall orders steps by when they were called.
func byCall(a, b Step) int { return int(max(-1, min(1, a.Now-b.Now))) }

// look is one key that is spent at an instant, and once more.
type look struct {
	spent time.Duration
	part  int64 // what is spent then, at least
	again time.Duration
}

// looks are about debts that begin in each quarter of a second, some of them small,
// and are looked at when a time to live that was rounded down would be over.
func (s *subject) looks() (all []look) {
	waits := []time.Duration{s.refill * 4 / 10, s.refill * 3 / 4, s.refill * 95 / 100}
	if s.refill > brisk {
		waits = []time.Duration{1100 * time.Millisecond, 2100 * time.Millisecond, 3100 * time.Millisecond}
	}
	for quarter := range time.Duration(4) {
		at := quarter * 250 * time.Millisecond
		for _, wait := range waits {
			all = append(all, look{at, s.capacity, at + wait})
		}
		if half := s.capacity / 2; half > 0 && s.due(half) <= brisk {
			all = append(all, look{at, half, at + s.due(half)*9/10})
		}
	}
	return all
}

// checkLiveDebt looks at many keys, each once: what looks would keep it alive.
func checkLiveDebt(_ context.Context, l *subject) *breach {
	looks := l.looks()
	callers := l.strangers(len(looks))
	b := together(callers, func(i int, c *caller) {
		c.take(looks[i].spent, looks[i].part, min(l.most(), looks[i].part))
		c.drain(looks[i].again, l.capacity, l.most())
	})
	for _, c := range callers {
		if b == nil {
			b = c.within(l)
		}
	}
	return b
}

// strangers are callers who have nothing to do with one another.
func (s *subject) strangers(n int) []*caller {
	callers := make([]*caller, n)
	for i := range callers {
		callers[i] = s.caller()
	}
	return callers
}

// soon is now, once some time has passed since the last one.
func (c *caller) soon(last time.Duration) time.Duration {
	return max(c.now(last), last+10*time.Microsecond)
}

// verge is how long before its debt is paid state is asked for again and again.
const verge = 4 * time.Millisecond

// checkLiveExpiry asks for the whole burst in the last milliseconds before it is there.
func checkLiveExpiry(_ context.Context, l *subject) *breach {
	if l.refill > brisk || l.refill < 2*verge {
		return &breach{undecided: "its burst takes " + l.refill.String() + " to flow in, which shows nothing in real time"}
	}
	callers := l.strangers(8)
	b := together(callers, func(i int, c *caller) {
		start := time.Duration(i) * (2*verge + 137*time.Microsecond) // each alone at its end, and elsewhere in a millisecond
		c.take(start, l.capacity, l.most())
		end := start + l.refill
		for now := end - verge; now < end && c.err == nil; now = c.soon(now) {
			if c.allow(now, l.capacity).Allowed {
				break
			}
		}
	})
	for _, c := range callers {
		if b == nil {
			b = c.within(l)
		}
	}
	return b
}
