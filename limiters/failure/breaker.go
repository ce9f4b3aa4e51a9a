package failure

import (
	"sync"
	"sync/atomic"
	"time"
)

// breaker keeps calls away from a primary that fails. While nothing has failed
// it costs two atomic loads; only trouble takes the lock.
type breaker struct {
	limit    int // failures in a row that open it; 0 for never
	cooldown time.Duration

	troubled atomic.Bool   // some failure is not forgotten: look under the lock
	era      atomic.Uint64 // changes with the state; what was let in during another is ignored

	mu       sync.Mutex // held to change anything here
	state    state
	failures int           // in a row, while closed
	since    time.Duration // it is open
}

type state uint8

const (
	closed state = iota
	open
	probing // open, and one call is on its way to find out
)

// enter lets a call in, which reports what became of it under its pass.
func (b *breaker) enter(now time.Duration) (pass uint64, ok bool) {
	if !b.troubled.Load() {
		return b.era.Load(), true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.state == probing, b.state == open && max(0, now)-b.since < b.cooldown:
		return 0, false
	case b.state == open:
		b.become(probing)
	}
	return b.era.Load(), true
}

// failed reports a call, let in at now, that was not answered.
func (b *breaker) failed(pass uint64, now time.Duration) {
	if b.limit == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if pass != b.era.Load() {
		return
	}
	b.failures++
	b.troubled.Store(true)
	if b.state == probing || b.failures >= b.limit {
		b.since = max(0, now)
		b.become(open)
	}
}

// succeeded reports a call that was answered.
func (b *breaker) succeeded(pass uint64) {
	if !b.troubled.Load() {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if pass != b.era.Load() {
		return
	}
	b.failures = 0
	if b.state == probing {
		b.become(closed)
	}
	b.troubled.Store(false)
}

// withdrawn reports a call whose caller left. If it was to find out, the next one is.
func (b *breaker) withdrawn(pass uint64) {
	if !b.troubled.Load() {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if pass == b.era.Load() && b.state == probing {
		b.become(open)
	}
}

// become changes the state; the lock is held.
func (b *breaker) become(s state) {
	b.state = s
	b.era.Add(1)
}
