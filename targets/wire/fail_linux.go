package wire

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

const (
	afterTimeout = "connection given up: a request before it timed out"
	afterLast    = "connection closed: the answer before was its last"
	afterMore    = "connection closed: more was answered than was asked"
)

// broken gives up a connection that takes no more, when what it has received before
// is read: that may be an answer all the same, such as one that says that the request is
// too large. Where it is being read already, that goes on, in order.
func (l *lane) broken(c *conn, err error) {
	c.out, c.body, c.zeros, c.gathered = c.out[:0], "", 0, 0
	if c.secure != nil {
		c.secure.out = c.secure.out[:0]
	}
	if c.state != open {
		return
	}
	if c.ended, c.failed = true, err; c.free {
		l.free.remove(c)
	}
	if !c.taking {
		l.receive(c, l.env.Clock())
	}
}

// lost gives up c; whoever was not answered fails for the cause.
func (l *lane) lost(c *conn, now time.Duration, cause string) {
	for _, p := range c.pending {
		l.failed(p, now, cause)
	}
	c.pending = c.pending[:0]
	l.close(c)
	l.grow(now)
}

func (l *lane) close(c *conn) {
	if c.free {
		l.free.remove(c)
	}
	_ = c.close()
	c.state = unconnected
	l.closed = append(l.closed, c)
}

// close closes the socket, and says so before, where that is usual.
func (c *conn) close() error {
	if c.secure != nil {
		return c.secure.close()
	}
	return unix.Close(c.fd)
}

// expire answers requests whose deadline has passed, and gives up their
// connections, whose answers would come for nobody, and those that were not made.
func (l *lane) expire(now time.Duration) {
	l.earliest = never
	for _, c := range l.conns {
		switch first := c.deadline(); {
		case first > now:
			l.earliest = min(l.earliest, first)
		case c.state == connecting:
			l.unheard(c, now)
		default:
			l.expired(c, now)
		}
	}
	for range l.waiting.n {
		r, _ := l.waiting.pop()
		if r.Deadline <= now {
			l.timedOut(r.Token, r.Deadline, 0)
		} else {
			l.earliest = min(l.earliest, r.Deadline)
			l.waiting.push(r)
		}
	}
	l.earliest = max(l.earliest, now+expireEvery)
	l.grow(now)
}

// deadline is when c is given up, if nothing comes before.
func (c *conn) deadline() time.Duration {
	first := never
	switch c.state {
	case connecting:
		first = c.turn
	case open:
		for i := range c.pending {
			first = min(first, c.pending[i].deadline)
		}
	}
	return first
}

func (l *lane) expired(c *conn, now time.Duration) {
	l.abandoned.Store(true)
	for _, p := range c.pending {
		if p.deadline <= now {
			l.timedOut(p.token, p.deadline, p.started)
		} else {
			l.failed(p, now, afterTimeout)
		}
	}
	c.pending = c.pending[:0]
	l.close(c)
}

func (l *lane) timedOut(token uint32, at, started time.Duration) {
	l.answer = targets.Response{Outcome: results.TimedOut, Cause: "timeout", Started: started}
	l.done(token, at, &l.answer)
}

func (l *lane) fail(token uint32, at time.Duration, cause string) {
	l.failed(pending{token: token}, at, cause)
}

func (l *lane) failed(p pending, at time.Duration, cause string) {
	l.answer = targets.Response{Outcome: results.Failed, Cause: cause, Started: p.started}
	l.done(p.token, at, &l.answer)
}
