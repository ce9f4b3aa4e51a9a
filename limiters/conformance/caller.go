package conformance

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// A caller asks a limiter and keeps the history of what it answered. It
// remembers the first error: after it every answer is a denial, so that no loop
// waits for ever.
type caller struct {
	limiter limiters.Limiter
	prefix  string        // of every key, where the limiter is shared
	key     string        // that it asks about unless told otherwise
	clock   *Clock        // to be awaited before each call; nil where now is an argument
	origin  time.Duration // instant 0 on that clock or, where now is an argument, of that
	shown   *shared       // that serves others as well; nil where it does not
	lost    *outage
	silent  bool // keeps no history
	steps   []Step
	err     error
}

// caller returns one with a limiter, or at least keys, of its own.
func (s *subject) caller() *caller {
	if s.shared != nil {
		return s.sharing()
	}
	l, err := s.fresh()
	c := &caller{limiter: l, key: "key", err: err}
	c.goBy(s)
	return c
}

// goBy has the caller's time begin now, if time is not an argument.
func (c *caller) goBy(s *subject) {
	c.lost = s.lost
	if !s.free() && s.Clock != nil {
		c.clock, c.origin = s.Clock, s.Clock.Now()
	}
}

// beside returns a caller of the same limiter about another key.
func (c *caller) beside(key string) *caller {
	return &caller{limiter: c.limiter, prefix: c.prefix, key: key, clock: c.clock, origin: c.origin, shown: c.shown, lost: c.lost, err: c.err}
}

func (c *caller) allow(now time.Duration, n int64) limiters.Decision {
	return c.ask("allow", c.limiter.Allow, now, c.key, n)
}

func (c *caller) peek(now time.Duration, n int64) limiters.Decision {
	return c.ask("peek", ability[limiters.Peeker](c.limiter).Peek, now, c.key, n)
}

// request asks what a schedule says.
func (c *caller) request(r request) limiters.Decision {
	return c.ask("allow", c.limiter.Allow, r.now, r.key, r.n)
}

type question func(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error)

func (c *caller) ask(call string, q question, now time.Duration, key string, n int64) limiters.Decision {
	if c.err == nil {
		c.err = c.lost.err()
	}
	if c.err != nil {
		return limiters.Decision{RetryAfter: limiters.Never}
	}
	now = c.await(now)
	d, err := guarded(q, c.show(now), c.prefix+key, n)
	c.lost.note(err)
	returned := c.now(now)
	if c.clock == nil && d.At >= 0 {
		d.At = max(0, d.At-c.origin) // none is before the start, whatever somebody says
	}
	if c.clock != nil && c.clock.Still && err == nil { // then it decided at that instant, whatever its own origin is
		d.At, d.Delay = now, d.Delay+returned-now
	}
	step := stepOf(d)
	step.Call, step.Now, step.Returned, step.Key, step.N, step.Error = call, now, returned, key, n, text(err)
	c.note(step)
	if err != nil {
		if !errors.Is(err, errors.ErrUnsupported) {
			c.shown.fail()
		}
		c.err = fmt.Errorf("at %v a request of %d came back with an error: %w", now, n, err)
		return limiters.Decision{RetryAfter: limiters.Never}
	}
	return d
}

func (c *caller) note(s Step) {
	if !c.silent {
		c.steps = append(c.steps, s)
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

var errPanic = errors.New("panic")

// guarded asks, and takes a panic for an error.
func guarded(q question, now time.Duration, key string, n int64) (d limiters.Decision, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errPanic, p)
		}
	}()
	return q(context.Background(), now, key, n)
}

// show is the instant that the limiter is shown.
func (c *caller) show(now time.Duration) time.Duration {
	if c.shown == nil || c.clock != nil {
		return now
	}
	return c.shown.at(c.origin + now)
}

// await brings the clock to now, and returns the instant it then is.
func (c *caller) await(now time.Duration) time.Duration {
	if c.clock == nil {
		return now
	}
	c.clock.Wait(c.origin + now)
	return c.now(now)
}

// now is the instant on the caller's clock; where there is none, the one that is shown.
func (c *caller) now(shown time.Duration) time.Duration {
	if c.clock == nil {
		return shown
	}
	return c.clock.Now() - c.origin
}

// drain takes all there is at now, and returns how much that was: more than
// most, if there was, but it does not go on for ever. It begins with requests of first.
func (c *caller) drain(now time.Duration, most, first int64) int64 {
	taken := int64(0)
	for n := first; n > 0 && taken <= most; {
		if c.allow(now, n).Allowed {
			taken += n
		} else {
			n /= 2
		}
	}
	return taken
}

// take takes up to n at now, at most so many at once, and returns how much that was.
func (c *caller) take(now time.Duration, n, atOnce int64) int64 {
	left := n
	for ask := min(n, atOnce); ask > 0; ask = min(ask, left) {
		if c.allow(now, ask).Allowed {
			left -= ask
		} else {
			ask /= 2
		}
	}
	return n - left
}

// breach prefers the error that cut a check short over what it seemed to find. Of
// a limiter that said that it cannot do that nothing was found.
func (c *caller) breach(format string, args ...any) *breach {
	switch {
	case unsupported(c.err):
		return &breach{undecided: "it says that it cannot do that: " + c.err.Error()}
	case c.err != nil:
		return &breach{message: c.err.Error(), steps: c.steps, failed: true}
	}
	return &breach{message: fmt.Sprintf(format, args...), steps: c.steps}
}

// miscounted is the breach of more granted than is right, or less.
func (c *caller) miscounted(got, want int64, format string, args ...any) *breach {
	b := c.breach(format, args...)
	if !b.failed && b.undecided == "" {
		if b.severity = Medium; got > want {
			b.severity = High
		}
	}
	return b
}

// broken is the breach of an error that came back, if one did.
func (c *caller) broken() *breach {
	if c.err == nil {
		return nil
	}
	return c.breach("")
}
