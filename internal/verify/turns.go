package verify

import (
	"sync"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/limiters/conformance"
)

// turns lets a few examinations compute at once.
type turns chan struct{}

// turn is the right to compute. It is given back once, and not asked for again.
type turn struct {
	of   turns
	back sync.Once
}

// begin waits for a turn.
func (t turns) begin() *turn {
	t <- struct{}{}
	return &turn{of: t}
}

func (t *turn) end() { t.back.Do(func() { <-t.of }) }

// clock is real time for one who has a turn. Who begins to wait for it gives that back:
// what comes until the waiting is over is little, and it must not come late.
func (t *turn) clock() *conformance.Clock {
	start := time.Now()
	return &conformance.Clock{
		Now: func() time.Duration { return time.Since(start) },
		Wait: func(until time.Duration) {
			if wait := until - time.Since(start); wait > 0 {
				t.end()
				time.Sleep(wait)
			}
		},
	}
}

// stillClock is that of a bubble. Whatever else happens at an instant, such as a
// timer of a library, has happened when Wait returns.
func stillClock() *conformance.Clock {
	start, settling := time.Now(), new(sync.Mutex)
	return &conformance.Clock{
		Now:   func() time.Duration { return time.Since(start) },
		Still: true,
		Wait: func(until time.Duration) {
			time.Sleep(until - time.Since(start))
			if settling.TryLock() { // one waits for all others, who need not
				synctest.Wait()
				settling.Unlock()
			}
		},
	}
}
