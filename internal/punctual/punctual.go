// Package punctual says how long before an instant somebody should be woken who is to be
// there in time: as early as being woken tends to be late, so that a moment is left to spin
// through, but for no more than a share of the time between instants.
package punctual

import "time"

const (
	spinShare    = 6 // spin at most a sixth of the gap
	longGap      = 10 * time.Millisecond
	maxOvershoot = 100 * time.Microsecond // what is later than that is not learned from
)

// Lead is for the instants of one who waits.
type Lead struct {
	overshoot time.Duration // how late whoever wakes us tends to be; follows its upper part
	gap       time.Duration // time between instants, smoothed
	last      time.Duration // the previous instant
}

// New knows nothing yet.
func New() Lead { return Lead{overshoot: maxOvershoot / 2, gap: time.Millisecond} }

// Follow takes note of an instant that was waited for.
func (l *Lead) Follow(at time.Duration) {
	if at > l.last {
		l.gap += (min(at-l.last, longGap) - l.gap) / 16
	}
	l.last = at
}

// Length is how long before the next instant to be woken.
func (l *Lead) Length() time.Duration { return min(l.overshoot, l.gap/spinShare) }

// Learn takes note of how late we were woken: quickly of what is later than usual, slowly
// of what is earlier, so that the lead stays near the late end of what happens.
func (l *Lead) Learn(late time.Duration) {
	step := time.Duration(64)
	if late > l.overshoot {
		step = 8
	}
	l.overshoot = min(l.overshoot+(late-l.overshoot)/step, maxOvershoot)
}
