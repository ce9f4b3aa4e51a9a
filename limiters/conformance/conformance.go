// Package conformance holds every rate limiter to the same rules, those of
// [limiters.Limiter] and of its own description.
//
// A package with a limiter of its own calls [Run] from a test, once for each of
// a few limits. A failure says what was done, what came of it, and which rule
// that breaks.
//
// The suite drives time itself: Allow must decide at the now it is given. A
// limiter that lives in another process is tested with injected time.
package conformance

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// Options says what a limiter can do beyond the contract, and what it cannot.
type Options struct {
	// Granularity is the smallest step of time that the limiter tells apart;
	// 0 stands for a nanosecond. The suite speaks in whole multiples of it, and
	// "at the earliest" means to the granule.
	Granularity time.Duration
	// Concurrent calls the limiter from many goroutines at once as well.
	Concurrent bool
	// NoAllocation requires that deciding on a known key allocates nothing.
	NoAllocation bool
}

// Run checks the limiters that newLimiter returns, each of them fresh, against
// every rule that applies to them. They enforce limit, whose Burst is 0 for
// windows. They must implement [limiters.Described].
func Run(t *testing.T, newLimiter func(t *testing.T) limiters.Limiter, limit limiters.Limit, options Options) {
	t.Helper()
	if refill := newSubject(nil, limit, options).refill; refill > longest {
		t.Fatalf("the limit refills in more than %v; want a shorter time to test with", longest)
	}
	for _, r := range rules() {
		if !r.applies(limit, options) {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			s := newSubject(func() limiters.Limiter { return newLimiter(t) }, limit, options)
			if err := r.check(s); err != nil {
				t.Errorf("%v\nrule: %s", err, r.law)
			}
		})
	}
}

// A rule is one promise and the way to catch who breaks it.
type rule struct {
	name    string
	law     string
	applies func(limiters.Limit, Options) bool
	check   func(*subject) error
}

func rules() []rule {
	return []rule{
		{"description", "a limiter says what it is, and its bound does not shrink with the window", always, checkDescription},
		{"frozen-clock", "while the clock stands still exactly the burst is granted", always, checkFrozenClock},
		{"cost", "a cost below 1 is an error; one above the burst is denied, never to be granted, and takes nothing", always, checkCost},
		{"bound", "no window, of any length, holds more grants than the limiter's Bound of that length", always, checkBound},
		{"retry-after", "a retry after RetryAfter is granted, and one granule sooner is denied", always, checkRetryAfter},
		{"reset-after", "after ResetAfter the whole burst is there, and one granule sooner it is not", always, checkResetAfter},
		{"remaining", "Remaining more tokens are granted at once, and one more is denied", always, checkRemaining},
		{"denial", "a denied request changes nothing", always, checkDenial},
		{"peek", "Peek answers as Allow would and takes nothing", always, checkPeek},
		{"backwards", "an earlier now is decided as at the latest grant: it brings nothing and stalls nothing", always, checkBackwards},
		{"disorder", "whatever the order of now, a request is decided no earlier than the latest grant and no later than the latest now", always, checkDisorder},
		{"long-idle", "ten idle years bring the burst, and no more", always, checkLongIdle},
		{"keys", "keys do not know of each other, whatever is in them", always, checkKeys},
		{"saturation", "a bucket that is asked all the time grants each token in the granule in which it is due", isBucket, checkSaturation},
		{"window-edge", "around an edge a fixed window grants twice its limit, a log never more than once, a counter what the share of the older window leaves", isWindow, checkWindowEdge},
		{"concurrent-burst", "callers at once, while the clock stands still, are granted exactly the burst of each key", concurrent, checkConcurrentBurst},
		{"concurrent-bound", "callers at once, with clocks that disagree, stay within the Bound of every window", concurrent, checkConcurrentBound},
		{"allocation", "deciding on a known key allocates nothing", noAllocation, checkAllocation},
	}
}

func always(limiters.Limit, Options) bool           { return true }
func isBucket(l limiters.Limit, _ Options) bool     { return l.Burst > 0 }
func isWindow(l limiters.Limit, _ Options) bool     { return l.Burst == 0 }
func concurrent(_ limiters.Limit, o Options) bool   { return o.Concurrent }
func noAllocation(_ limiters.Limit, o Options) bool { return o.NoAllocation }

// A subject is what is under test, with the scales that schedules are made of.
type subject struct {
	fresh    func() limiters.Limiter
	limit    limiters.Limit
	options  Options
	granule  time.Duration
	capacity int64         // what one instant can bring
	interval time.Duration // in which a token flows in, at least a granule
	refill   time.Duration // in which the whole capacity does
}

// longest bounds the refill, so that a schedule of a few hundred of them fits
// the 292 years that a duration can hold.
const longest = time.Duration(1 << 54)

func newSubject(fresh func() limiters.Limiter, limit limiters.Limit, options Options) *subject {
	s := &subject{
		fresh: fresh, limit: limit, options: options,
		granule: max(1, options.Granularity), capacity: limit.Burst,
	}
	if s.capacity == 0 {
		s.capacity = limit.Rate
	}
	s.interval = s.due(1)
	s.refill = s.due(s.capacity)
	return s
}

// caller asks a limiter about one key and remembers the first error: after it
// every answer is a denial, so that no loop waits for ever.
type caller struct {
	limiter limiters.Limiter
	key     string
	err     error
}

func (s *subject) caller() *caller { return &caller{limiter: s.fresh(), key: "key"} }

func (c *caller) allow(now time.Duration, n int64) limiters.Decision {
	return c.ask(c.limiter.Allow, now, n)
}

func (c *caller) peek(now time.Duration, n int64) limiters.Decision {
	return c.ask(c.limiter.(limiters.Peeker).Peek, now, n)
}

func (c *caller) ask(ask func(context.Context, time.Duration, string, int64) (limiters.Decision, error), now time.Duration, n int64) limiters.Decision {
	if c.err != nil {
		return limiters.Decision{RetryAfter: limiters.Never}
	}
	d, err := ask(context.Background(), now, c.key, n)
	if err != nil {
		c.err = fmt.Errorf("at %v a request of %d came back with an error: %w", now, n, err)
		return limiters.Decision{RetryAfter: limiters.Never}
	}
	return d
}

// drain takes all there is at now, and returns how much that was: more than
// most, if there was, but it does not go on for ever.
func (c *caller) drain(now time.Duration, most int64) int64 {
	taken := int64(0)
	for n := most; n > 0 && taken <= most; {
		if c.allow(now, n).Allowed {
			taken += n
		} else {
			n /= 2
		}
	}
	return taken
}

// violation prefers the error that cut a check short over what it seemed to find.
func (c *caller) violation(format string, args ...any) error {
	if c.err != nil {
		return c.err
	}
	return fmt.Errorf(format, args...)
}
