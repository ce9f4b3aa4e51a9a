package runner

import (
	"time"

	"github.com/fcbench/fcbench/targets"
)

// wallClock is the run's clock in real time: one monotonic reading, about 26 ns
// where the kernel lets user space read the counter.
type wallClock struct{ start time.Time }

func (c *wallClock) now() time.Duration { return time.Since(c.start) }

func (c *wallClock) restart() { c.start = time.Now() }

// newEnv gives targets their view of time. In virtual time the clock is
// wherever the loop has got to, and waiting is arriving.
func newEnv(l *loop) targets.Env {
	if l.Virtual {
		return targets.Env{
			Clock: func() time.Duration { return l.now },
			Wait:  func(_, until time.Duration) time.Duration { return until },
		}
	}
	l.wall.restart()
	wait := newPacer(l.wall.now).wait
	if l.Plain {
		wait = func(_, until time.Duration) time.Duration {
			time.Sleep(until - l.wall.now())
			return l.wall.now()
		}
	}
	return targets.Env{Clock: l.wall.now, Wait: wait}
}
