package gateway

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/internal/events"
	"github.com/fcbench/fcbench/internal/punctual"
)

// Clock is the time of a gateway: offsets from its start.
type Clock interface {
	Now() time.Duration
	Wait(until time.Duration) // from any goroutine; at once after Close
	Close() error
}

// clock has a goroutine that wakes those who wait. An alarm wakes it shortly before the
// next instant, and it spins through the rest, but for no more than a sixth of the time
// between instants, as the pacer of runs does. While nobody waits it does nothing.
type clock struct {
	start time.Time
	alarm alarm
	spins bool         // until instants; else the alarm is punctual, or it is not worth it
	next  atomic.Int64 // the earliest instant that somebody waits for
	ended chan struct{}

	mu      sync.Mutex
	waiting events.Agenda[chan struct{}]
	goal    time.Duration // what the alarm is set to
	ahead   punctual.Lead // of the alarm
	closed  bool

	channels sync.Pool
}

// alarm goes off once, so long after it was set last.
type alarm interface {
	set(after time.Duration) // from any goroutine, but not after close
	wait() bool              // returns when it has gone off; false after close
	close() error
}

func newClock(a alarm, spins bool) *clock {
	c := &clock{start: time.Now(), alarm: a, spins: spins, ended: make(chan struct{}), ahead: punctual.New()}
	c.next.Store(int64(events.Forever))
	c.channels.New = func() any { return make(chan struct{}, 1) }
	go c.run()
	return c
}

func (c *clock) Now() time.Duration { return time.Since(c.start) }

func (c *clock) Wait(until time.Duration) {
	if until <= c.Now() {
		return
	}
	ch := c.channels.Get().(chan struct{})
	if c.push(until, ch) {
		<-ch
	}
	c.channels.Put(ch)
}

// push has ch told at an instant; not after Close.
func (c *clock) push(until time.Duration, ch chan struct{}) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.waiting.Push(until, ch)
	if until < time.Duration(c.next.Load()) {
		c.next.Store(int64(until))
		c.set(until-c.lead(), c.Now())
	}
	return true
}

// set sets the alarm.
func (c *clock) set(goal, now time.Duration) {
	c.goal = max(goal, now)
	c.alarm.set(c.goal - now)
}

// lead is how long before an instant the alarm goes off.
func (c *clock) lead() time.Duration {
	if !c.spins {
		return 0
	}
	return c.ahead.Length()
}

// Close wakes everybody and ends the goroutine.
func (c *clock) Close() error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil
	}
	c.closed = true
	c.next.Store(0)
	c.waiting.Settle(events.Forever, func(_ time.Duration, ch chan struct{}) { ch <- struct{}{} })
	c.mu.Unlock()
	err := c.alarm.close()
	<-c.ended
	return err
}

func (c *clock) run() {
	defer close(c.ended)
	for c.alarm.wait() {
		for rung := true; c.advance(rung); rung = false {
		}
	}
}

// advance wakes all who are due. It sets the alarm for the next, or returns true at the
// instant of the next, where that is near.
func (c *clock) advance(rung bool) bool {
	woken, near := c.settle(rung)
	if woken > 0 && near {
		runtime.Gosched() // or those that were woken wait for this goroutine
	}
	for near && c.Now() < time.Duration(c.next.Load()) {
	}
	return near
}

// settle wakes all who are due and sets the alarm for the next, unless that is near.
func (c *clock) settle(rung bool) (woken int, near bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return 0, false
	}
	now := c.Now()
	if rung && now >= c.goal {
		c.ahead.Learn(now - c.goal)
	}
	c.waiting.Settle(now, func(at time.Duration, ch chan struct{}) {
		ch <- struct{}{}
		c.ahead.Follow(at)
		woken++
	})
	next, some := c.waiting.Next()
	if !some {
		c.next.Store(int64(events.Forever))
		return woken, false
	}
	c.next.Store(int64(next))
	if goal := next - c.lead(); goal > now {
		c.set(goal, now)
		return woken, false
	}
	return woken, true
}

// timer is the alarm of the runtime, which may be a millisecond late on Linux. It knows
// the time of a bubble of testing/synctest.
type timer struct {
	*time.Timer
	closed chan struct{}
}

// NewPlainClock begins now, and waits by the timers of the runtime.
func NewPlainClock() Clock {
	t := timer{time.NewTimer(time.Hour), make(chan struct{})}
	t.Stop()
	return newClock(t, false)
}

func (t timer) set(after time.Duration) { t.Reset(after) }

func (t timer) wait() bool {
	select {
	case <-t.C:
		return true
	case <-t.closed:
		return false
	}
}

func (t timer) close() error {
	t.Stop()
	close(t.closed)
	return nil
}
