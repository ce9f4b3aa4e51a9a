package gateway

import (
	"encoding/binary"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/fcbench/fcbench/internal/events"
)

// preciseClock has a thread that wakes those who wait. It sleeps in the kernel until
// shortly before the next instant and spins through the rest, but for no more than a
// sixth of the time between instants, as the pacer of runs does; but somebody may come
// meanwhile whose instant is earlier, so that it sleeps on a descriptor that
// interrupts it.
type preciseClock struct {
	start time.Time
	next  atomic.Int64 // the instant that the thread waits for
	wake  int          // an eventfd
	ended chan struct{}

	mu      sync.Mutex
	waiting events.Agenda[chan struct{}]
	gap     time.Duration // between instants, smoothed
	last    time.Duration // the previous instant
	closed  bool

	channels sync.Pool
}

const (
	spinShare    = 6 // spin at most a sixth of the gap
	longGap      = 10 * time.Millisecond
	maxOvershoot = 100 * time.Microsecond // what is later than that is not learned from
	minSleep     = 2 * time.Microsecond   // below that a system call is not worth it
	longestSleep = time.Hour
)

// NewClock begins now. Close ends its thread.
func NewClock() (Clock, error) {
	fd, err := unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	c := &preciseClock{start: time.Now(), wake: fd, ended: make(chan struct{}), gap: time.Millisecond}
	c.next.Store(int64(events.Forever))
	c.channels.New = func() any { return make(chan struct{}, 1) }
	go c.run()
	return c, nil
}

func (c *preciseClock) Now() time.Duration { return time.Since(c.start) }

func (c *preciseClock) Wait(until time.Duration) {
	if until <= c.Now() {
		return
	}
	ch := c.channels.Get().(chan struct{})
	if c.push(until, ch) {
		<-ch
	}
	c.channels.Put(ch)
}

// push has the thread wake who waits on ch; not if it has ended.
func (c *preciseClock) push(until time.Duration, ch chan struct{}) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.waiting.Push(until, ch)
	if until < time.Duration(c.next.Load()) {
		c.next.Store(int64(until))
		c.interrupt()
	}
	return true
}

func (c *preciseClock) interrupt() {
	var one [8]byte
	binary.NativeEndian.PutUint64(one[:], 1)
	_, _ = unix.Write(c.wake, one[:]) // what is full already interrupts as well
}

// Close wakes everybody and ends the thread.
func (c *preciseClock) Close() error {
	c.mu.Lock()
	already := c.closed
	if c.closed = true; !already {
		c.next.Store(0)
		c.interrupt()
	}
	c.mu.Unlock()
	<-c.ended
	if already {
		return nil
	}
	return unix.Close(c.wake)
}

// run is the thread. It is not given back to others, because of its timer slack.
func (c *preciseClock) run() {
	defer close(c.ended)
	runtime.LockOSThread()
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0) // or it wakes a little later
	overshoot := maxOvershoot / 2
	for {
		next, gap, over := c.settle()
		if over {
			return
		}
		now := c.Now()
		if goal := next - min(overshoot, gap/spinShare); goal-now > minSleep {
			interrupted := c.sleep(min(goal-now, longestSleep))
			if now = c.Now(); interrupted || now < goal {
				continue
			}
			overshoot = learn(overshoot, now-goal)
		}
		for now < time.Duration(c.next.Load()) {
			now = c.Now()
		}
	}
}

// settle wakes all who are due and says what comes next, and after which gap instants
// follow each other; once closed, it wakes all.
func (c *preciseClock) settle() (next, gap time.Duration, over bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.Now()
	if c.closed {
		now = events.Forever
	}
	c.waiting.Settle(now, func(at time.Duration, ch chan struct{}) {
		ch <- struct{}{}
		c.gap += (min(max(at-c.last, 0), longGap) - c.gap) / 16
		c.last = at
	})
	next, some := c.waiting.Next()
	if !some {
		next = events.Forever
	}
	if !c.closed {
		c.next.Store(int64(next))
	}
	return next, c.gap, c.closed
}

// sleep blocks the thread in the kernel, and reports whether it was interrupted.
func (c *preciseClock) sleep(d time.Duration) bool {
	timeout := unix.NsecToTimespec(int64(d))
	fds := [1]unix.PollFd{{Fd: int32(c.wake), Events: unix.POLLIN}}
	n, err := unix.Ppoll(fds[:], &timeout, nil)
	if n > 0 {
		var count [8]byte
		_, _ = unix.Read(c.wake, count[:])
	}
	return n != 0 || err != nil
}

// learn moves overshoot up quickly and down slowly, so that it stays near the late
// end of what the kernel does.
func learn(overshoot, late time.Duration) time.Duration {
	step := time.Duration(64)
	if late > overshoot {
		step = 8
	}
	return min(overshoot+(late-overshoot)/step, maxOvershoot)
}
