package runner

import "time"

// A pacer waits until an instant without the millisecond lateness of the
// runtime's timers and without burning a core: it sleeps in the kernel until
// shortly before the instant and spins through the rest. How shortly it learns
// from how late the kernel woke it before, but it never spends more than
// spinShare of the time between arrivals spinning: at rates where that is too
// short for the kernel's lateness it is punctual on average rather than always.
type pacer struct {
	clock     func() time.Duration
	overshoot time.Duration // how late the kernel tends to wake us; follows its upper part
	gap       time.Duration // time between instants, smoothed
	last      time.Duration // the previous instant
}

const (
	spinShare    = 6                      // spin at most a sixth of the gap
	maxOvershoot = 100 * time.Microsecond // what is later than that is not learned from
	minSleep     = 2 * time.Microsecond   // below that a system call is not worth it
	longGap      = 10 * time.Millisecond
)

func newPacer(clock func() time.Duration) *pacer {
	return &pacer{clock: clock, overshoot: maxOvershoot / 2, gap: time.Millisecond}
}

func (p *pacer) wait(_, until time.Duration) time.Duration {
	now := p.clock()
	spin := p.lead(until)
	if left := until - now; left > spin+minSleep {
		goal := until - spin
		sleep(goal - now)
		now = p.clock()
		p.learn(now - goal)
	}
	for now < until {
		now = p.clock()
	}
	return now
}

// lead is how long before the instant until the kernel should wake us.
func (p *pacer) lead(until time.Duration) time.Duration {
	p.follow(until)
	return min(p.overshoot, p.gap/spinShare)
}

// follow smooths the gap between the instants asked for.
func (p *pacer) follow(until time.Duration) {
	if until > p.last {
		p.gap += (min(until-p.last, longGap) - p.gap) / 16
	}
	p.last = until
}

// learn moves overshoot up quickly and down slowly, so that it stays near the
// late end of what the kernel does.
func (p *pacer) learn(late time.Duration) {
	step := time.Duration(64)
	if late > p.overshoot {
		step = 8
	}
	p.overshoot = min(p.overshoot+(late-p.overshoot)/step, maxOvershoot)
}
