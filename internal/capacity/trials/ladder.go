package trials

import (
	"math"
	"time"

	"github.com/fcbench/fcbench/internal/capacity"
)

// ladder looks for the highest rate that is kept up with: upwards in large steps, and then
// between what was kept up with and what was not.
type ladder struct {
	most float64 // that is tried
	try  func(rate float64) (attempt, error)
	more func() bool // there is time for another try
}

// attempt is one try.
type attempt struct {
	why string        // it was not kept up with; "" where it was
	lag time.Duration // send delay's p99
}

// The rates of a ladder: the first one, by how much it grows, how near to each other two
// have to be for it to end, and the lowest, of which a short run has a few arrivals.
const (
	lowestRung = 1000
	coarse     = 4.0
	fine       = 1.2
	slowest    = 100.0
)

// climb tries until the rates are near each other, or the time is over. One try that fails
// is not believed where there is time for another.
func (l ladder) climb() (c capacity.Calibration, err error) {
	for rate := min(lowestRung, l.most); rate > 0; rate = l.next(c) {
		a, err := l.try(rate)
		if err == nil && a.why != "" && l.more() {
			a, err = l.try(rate)
		}
		switch {
		case err != nil:
			return c, err
		case a.why == "":
			c.Most, c.Lag = rate, a.lag
		default:
			c.Missed, c.Why = rate, a.why
		}
		if !l.more() {
			break
		}
	}
	return c, nil
}

// next is the next rate; 0 for none.
func (l ladder) next(c capacity.Calibration) float64 {
	switch {
	case c.Missed == 0 && c.Most >= l.most:
		return 0
	case c.Missed == 0:
		return min(coarse*c.Most, l.most)
	case c.Most == 0 && c.Missed/coarse < slowest:
		return 0
	case c.Most == 0:
		return c.Missed / coarse
	case c.Missed/c.Most <= fine:
		return 0
	}
	return math.Sqrt(c.Most * c.Missed)
}
