package runner

import "time"

// wallClock is the run's clock in real time: one monotonic reading, about 26 ns
// where the kernel lets user space read the counter.
type wallClock struct{ start time.Time }

func (c *wallClock) now() time.Duration { return time.Since(c.start) }

func (c *wallClock) restart() { c.start = time.Now() }
