package runner

import (
	"time"

	"github.com/fcbench/fcbench/internal/punctual"
)

// A pacer waits until an instant without the millisecond lateness of the
// runtime's timers and without burning a core: it sleeps in the kernel until
// shortly before the instant and spins through the rest. How shortly it learns
// from how late the kernel woke it before, but it never spends more than a share
// of the time between arrivals spinning: at rates where that is too
// short for the kernel's lateness it is punctual on average rather than always.
type pacer struct {
	clock func() time.Duration
	ahead punctual.Lead
}

const minSleep = 2 * time.Microsecond // below that a system call is not worth it

func newPacer(clock func() time.Duration) *pacer {
	return &pacer{clock: clock, ahead: punctual.New()}
}

func (p *pacer) wait(_, until time.Duration) time.Duration {
	now := p.clock()
	spin := p.lead(until)
	if left := until - now; left > spin+minSleep {
		goal := until - spin
		sleep(goal - now)
		now = p.clock()
		p.ahead.Learn(now - goal)
	}
	for now < until {
		now = p.clock()
	}
	return now
}

// lead is how long before the instant until the kernel should wake us.
func (p *pacer) lead(until time.Duration) time.Duration {
	p.ahead.Follow(until)
	return p.ahead.Length()
}
