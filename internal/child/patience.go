package child

import (
	"sync"
	"time"
)

const (
	lateShare  = 10 // who is told later than by this share of a limit stood still meanwhile
	mostLimits = 4  // in a row, however late it is each time
)

// Patience is how long a child is waited for. Where this process itself stood still, as
// all of a machine does that is frozen, the child gets the whole time again.
type Patience struct {
	limit time.Duration
	now   func() time.Time
	over  func()

	mu     sync.Mutex
	due    time.Time
	timer  *time.Timer
	limits int
	ended  bool
}

// Expect calls over, on a goroutine of its own, unless Met is called within limit.
func Expect(limit time.Duration, over func()) *Patience { return expect(limit, time.Now, over) }

func expect(limit time.Duration, now func() time.Time, over func()) *Patience {
	p := &Patience{limit: limit, now: now, over: over}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.due, p.limits = now().Add(limit), 1
	p.timer = time.AfterFunc(limit, p.ring)
	return p
}

// ring is called once the limit is over, or much later.
func (p *Patience) ring() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	switch {
	case p.ended:
	case now.Sub(p.due) > p.limit/lateShare && p.limits < mostLimits:
		p.due, p.limits = now.Add(p.limit), p.limits+1
		p.timer.Reset(p.limit)
	default:
		p.over()
	}
}

// Met ends it: what was expected has come.
func (p *Patience) Met() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	p.timer.Stop()
}
