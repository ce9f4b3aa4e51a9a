package gateway

import (
	"sync"
	"time"
)

// Clock is the time of a gateway: offsets from its start.
type Clock interface {
	Now() time.Duration
	Wait(until time.Duration) // from any goroutine; at once after Close
	Close() error
}

// plainClock waits by the timers of the runtime, which on Linux may be a millisecond
// late.
type plainClock struct {
	start  time.Time
	closed chan struct{}
	close  sync.Once
}

// NewPlainClock begins now. It knows the time of a bubble of testing/synctest.
func NewPlainClock() Clock { return &plainClock{start: time.Now(), closed: make(chan struct{})} }

func (c *plainClock) Now() time.Duration { return time.Since(c.start) }

func (c *plainClock) Wait(until time.Duration) {
	length := until - c.Now()
	if length <= 0 {
		return
	}
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.closed:
	}
}

func (c *plainClock) Close() error {
	c.close.Do(func() { close(c.closed) })
	return nil
}
