package conformance

import (
	"context"
	"fmt"
	"math"
	"time"
)

// checkLiveCost asks for what is never granted.
func checkLiveCost(_ context.Context, l *subject) *breach {
	for _, n := range []int64{0, -1, math.MinInt64} {
		c := l.caller()
		if c.allow(0, n); c.err == nil {
			return c.breach("a request of %d was decided on; want an error", n)
		}
	}
	c := l.caller()
	for _, n := range l.above() {
		if b := l.tooDear(c, n); b != nil {
			return b
		}
	}
	if !l.info.Approximate && !c.allow(0, l.capacity).Allowed {
		return c.breach("after a request that was never to be granted the burst of %d was not there", l.capacity)
	}
	return c.broken()
}

// checkLiveKeys takes all that new keys have, among others that look like them, and
// then among many.
func checkLiveKeys(_ context.Context, l *subject) *breach {
	for _, keys := range append(alikeKeys(), oddKeys()) {
		first, spent := l.caller(), []*caller(nil)
		for _, key := range keys {
			c := first.beside(key)
			fresh := l.spendLive(c)
			switch {
			case unsupported(c.err):
				continue
			case c.err != nil:
				return c.broken()
			case !fresh:
				return c.breach("key %s was new, and had nothing left once %d keys that look like it had spent theirs", brief(key), len(spent))
			}
			spent = append(spent, c)
		}
		if b := l.spentLive(spent); b != nil {
			return b
		}
	}
	return checkLiveMany(l)
}

// checkLiveMany spends what a few keys have, then what many have, and asks the few again.
func checkLiveMany(l *subject) *breach {
	first := l.caller()
	few := make([]*caller, 4)
	for i := range few {
		few[i] = first.beside(fmt.Sprint("first-", i))
		l.spendLive(few[i])
	}
	for i := range min(1000, 5*l.Decisions) {
		c := first.beside(fmt.Sprint("other-", i))
		c.silent = true
		if c.take(0, l.capacity, l.most()) == 0 && c.err == nil {
			return c.breach("new key %d of many was granted nothing", i)
		}
	}
	return l.spentLive(few)
}

// spendLive takes all that a key has, and reports whether that was what new keys have.
func (s *subject) spendLive(c *caller) bool {
	if s.info.Shaper || s.info.Approximate {
		return s.spendNew(c)
	}
	return c.drain(0, s.capacity, s.most()) >= s.capacity
}

// spentLive takes what keys have once more, and looks whether that is too much.
func (s *subject) spentLive(keys []*caller) *breach {
	if s.info.Shaper {
		return nil
	}
	for _, c := range keys {
		c.drain(0, s.capacity, s.most())
		if b := c.within(s); b != nil {
			return b
		}
	}
	return nil
}

// many are enough callers for those that go for one key to be in one another's way.
const many = 32

// checkLiveCallers lets many callers race for keys that are new, for more than there is.
func checkLiveCallers(_ context.Context, l *subject) *breach {
	unit := 1 + l.capacity/200
	if l.info.Unweighted {
		unit = 1
	}
	for round := range 4 {
		callers := crowd(l.caller(), fmt.Sprint("race-", round), many)
		b := together(callers, func(_ int, c *caller) {
			for range l.capacity/unit/many + 4 {
				c.allow(0, unit)
			}
		})
		if b != nil {
			return b
		}
		all, sum := merged(callers), int64(0)
		for _, s := range all.steps {
			if s.Allowed {
				sum += s.N
			}
		}
		if want := l.capacity / unit * unit; sum < want && !l.info.Approximate {
			return all.breach("%d callers at once were granted %d tokens in requests of %d; want at least %d", many, sum, unit, want)
		}
		if b := all.within(l); b != nil {
			return b
		}
	}
	return nil
}

// checkLiveRetry waits as it is told, three times.
func checkLiveRetry(_ context.Context, l *subject) *breach {
	c, followed := l.caller(), 0
	c.drain(0, l.capacity, l.most())
	for range 3 {
		d := c.allow(0, 1)
		if d.Allowed || d.RetryAfter < 0 || d.RetryAfter > brisk {
			continue
		}
		followed++
		ready := c.steps[len(c.steps)-1].Returned + d.RetryAfter + l.slack()
		if !c.allow(ready, 1).Allowed {
			return c.breach("a request was denied with RetryAfter %v, and a retry %v after that answer was denied", d.RetryAfter, d.RetryAfter+l.slack())
		}
	}
	if followed == 0 && c.err == nil {
		return l.unhurried(l.interval)
	}
	return c.broken()
}

// checkLiveLease holds everything, asks for more until the leases must end, and
// then for all of it.
func checkLiveLease(_ context.Context, l *subject) *breach {
	lease := l.info.Lease
	if b := l.unhurried(lease); b != nil {
		return b
	}
	c := l.caller()
	c.take(0, l.capacity, l.most())
	if c.err != nil {
		return c.broken()
	}
	last := func() Step { return c.steps[len(c.steps)-1] }
	began, ended, anew := c.steps[0].Now+lease, last().Returned+lease, int64(0)
	for now := c.steps[0].Now + lease*6/10; now < began && c.err == nil; now = max(c.soon(now), began-verge) {
		if !c.allow(now, 1).Allowed {
			continue
		}
		if last().Returned < began {
			return c.miscounted(1, 0, "%v before the end of leases of %v one more was granted beside the %d they held",
				began-last().Returned, lease, l.capacity)
		}
		anew++ // it may have been decided after the end, and is a lease of its own
	}
	want := l.capacity - anew
	if got := c.take(ended+l.slack()+time.Millisecond, want, l.most()); got != want && c.err == nil {
		return c.breach("after the end of leases of %v %d of %d were to be had", lease, got, want)
	}
	if c.allow(0, 1).Allowed && last().Returned < began+lease { // nothing that was granted anew has ended
		return c.miscounted(1, 0, "%v after the end of leases of %v one more was granted beside the %d held anew", last().Returned-ended, lease, l.capacity)
	}
	return c.broken()
}
