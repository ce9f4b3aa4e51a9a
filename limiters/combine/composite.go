package combine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/whole"
	"github.com/fcbench/fcbench/limiters"
)

// Composite grants what all of its limiters grant, at one instant, and
// otherwise takes nothing from any: 10/s and 1000/h.
//
// All limiters are asked what they would say before anything is taken, under a
// lock that the key shares with a few others. They must be its own, so that
// what they said stays true.
//
// Remaining is the least of theirs, ResetAfter the longest, and RetryAfter the
// longest of those that refuse. That is exact where theirs are: what a limiter
// could grant never shrinks while nobody takes, so those that agree still do
// when the last of the others does, and a moment sooner that one refuses.
type Composite struct {
	limits []inner
	info   limiters.Info
	keys   *stripes
}

var _ inner = (*Composite)(nil)

// NewComposite returns a limiter that holds requests to all limits, of which it
// takes at least one.
func NewComposite(limits ...limiters.Limiter) (*Composite, error) {
	if len(limits) == 0 {
		return nil, errors.New("limits are none; want at least one")
	}
	c := &Composite{keys: newStripes()}
	var problems []error
	for i, l := range limits {
		in, err := asInner(fmt.Sprintf("limit %d", i+1), l)
		problems = append(problems, err)
		c.limits = append(c.limits, in)
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	c.info = describe(c.limits)
	return c, nil
}

// describe returns what the limits are together. Their Limit is that of the
// lowest rate, which is what holds in the long run.
func describe(limits []inner) limiters.Info {
	info := limits[0].Info()
	if len(limits) == 1 {
		return info
	}
	algorithms, states, all := []string{info.Algorithm}, []string{info.State}, []limiters.Limit{info.Limit}
	for _, l := range limits[1:] {
		next := l.Info()
		algorithms, states, all = append(algorithms, next.Algorithm), append(states, next.State), append(all, next.Limit)
		info.Resolution = max(info.Resolution, next.Resolution)
		info.Unkeyed = info.Unkeyed || next.Unkeyed
		info.Unweighted = info.Unweighted || next.Unweighted
		info.Lacks = append(info.Lacks[:len(info.Lacks):len(info.Lacks)], next.Lacks...)
	}
	info.Algorithm, info.Version = strings.Join(algorithms, " + "), ""
	info.State = strings.Join(states, " + ")
	slices.SortStableFunc(all, compareRates)
	info.Limit, info.Also = all[0], all[1:]
	if !slices.ContainsFunc(all, func(l limiters.Limit) bool { return l.Burst == 0 }) {
		info.Algorithm = "composite" // of buckets only, which has an exact model
	}
	return info
}

// compareRates puts the lower rate first.
func compareRates(a, b limiters.Limit) int {
	return whole.Compare(a.Rate, int64(a.Period), b.Rate, int64(b.Period))
}

// Allow implements [limiters.Limiter].
func (c *Composite) Allow(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	lock := c.keys.of(key)
	lock.Lock()
	defer lock.Unlock()
	d, err := c.peek(ctx, now, key, n)
	if err != nil || !d.Allowed {
		return d, err
	}
	taken, err := c.each(ctx, d.At, key, n, true)
	if err == nil && !taken.Allowed {
		err = errors.New("a limit refused what it had agreed to; want limits that nobody else uses")
	}
	if err != nil {
		return limiters.Decision{}, err
	}
	return taken, nil
}

// Peek implements [limiters.Peeker].
func (c *Composite) Peek(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	lock := c.keys.of(key)
	lock.Lock()
	defer lock.Unlock()
	return c.peek(ctx, now, key, n)
}

// beyond is more than any limit grants: to be asked for it is to be asked how things are.
const beyond = 1<<63 - 1

// peek asks all at one instant: now, or the latest that any of them takes it
// for, which all then agree on.
func (c *Composite) peek(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	d, err := c.each(ctx, now, key, n, false)
	if err == nil && d.At != now {
		now = d.At
		if d, err = c.each(ctx, now, key, n, false); err == nil && d.At != now {
			err = fmt.Errorf("a limit asked at %v decided as at %v; want one instant for all", now, d.At)
		}
	}
	if err == nil && !d.Allowed && len(c.limits) > 1 {
		// Those that agree said what they would be like after n; nothing is taken.
		var rest limiters.Decision
		rest, err = c.each(ctx, now, key, beyond, false)
		d.Remaining, d.ResetAfter = rest.Remaining, rest.ResetAfter
	}
	if err != nil {
		return limiters.Decision{}, err
	}
	return d, nil
}

// each asks every limit and returns what they say together.
func (c *Composite) each(ctx context.Context, now time.Duration, key string, n int64, take bool) (all limiters.Decision, err error) {
	for i, l := range c.limits {
		d, err := ask(ctx, l, now, key, n, take)
		switch {
		case err != nil:
			return limiters.Decision{}, err
		case i == 0:
			all = d
		default:
			join(&all, &d)
		}
	}
	return all, nil
}

// join makes of all and d one decision.
func join(all, d *limiters.Decision) {
	all.RetryAfter = longer(all.RetryAfter, d.RetryAfter)
	all.ResetAfter = longer(all.ResetAfter, d.ResetAfter)
	all.Remaining = min(all.Remaining, d.Remaining) // -1, unknown, is the least
	all.Allowed = all.Allowed && d.Allowed
	all.At = max(all.At, d.At)
}

// longer returns the longer of two waits. Never outlasts what is unknown, and
// that outlasts every other: who agrees has a wait of 0.
func longer(a, b time.Duration) time.Duration {
	if a == limiters.Never || b == limiters.Never {
		return limiters.Never
	}
	if a == limiters.Unknown || b == limiters.Unknown {
		return limiters.Unknown
	}
	return max(a, b)
}

// Info implements [limiters.Described]. A composite of one limit is that limit.
func (c *Composite) Info() limiters.Info { return c.info }

// Bound implements [limiters.Described]: the least of theirs.
func (c *Composite) Bound(w time.Duration) int64 {
	least := c.limits[0].Bound(w)
	for _, l := range c.limits[1:] {
		least = min(least, l.Bound(w))
	}
	return least
}

// Keys implements [limiters.Reclaimer]: all have the same keys, but the slow
// ones keep them longer.
func (c *Composite) Keys() int {
	most := 0
	for _, l := range c.limits {
		most = max(most, l.Keys())
	}
	return most
}

// Reclaim implements [limiters.Reclaimer].
func (c *Composite) Reclaim(now time.Duration) int {
	before := c.Keys()
	for _, l := range c.limits {
		l.Reclaim(now)
	}
	return before - c.Keys()
}
