package live

import (
	"time"

	"github.com/fcbench/fcbench/pipelines"
)

// alarm rings at an instant, or earlier. Everything but the ringing is under the
// lock of its queue.
type alarm struct {
	clock func() time.Duration
	ring  func(now time.Duration) // sets it anew
	timer *time.Timer
	armed bool
}

// set makes it ring at the instant at the latest.
func (a *alarm) set(at time.Duration) {
	if a.armed || at == pipelines.Forever {
		return
	}
	a.armed = true
	left := at - a.clock()
	if a.timer == nil {
		a.timer = time.AfterFunc(left, func() { a.ring(a.clock()) })
		return
	}
	a.timer.Reset(left)
}

func (a *alarm) stop() {
	if a.timer != nil {
		a.timer.Stop()
	}
}
