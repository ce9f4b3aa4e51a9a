package simulated

import (
	"errors"
	"fmt"
	"math"

	"github.com/fcbench/fcbench/internal/capacity"
)

// What searches have to reach: how far off they may be on average, how much they
// may differ, how often the truth has to be in the interval, how wide that may be,
// and how often the verdict has to be the right one.
const (
	mostBias      = 0.005
	mostSD        = 0.01
	leastCoverage = 0.94
	mostHalfWidth = 0.02
	leastRight    = 0.9
)

// Misses says in what searches of the world are not good enough; nil where they are.
func (w World) Misses(r Row) error {
	if w.plan.Strategy == capacity.MLRsearch && w.Truth > 0 { // its bounds promise no coverage, and may take longer
		return nil
	}
	var err error
	if right := r.Verdicts[w.Want]; right < leastRight {
		err = fmt.Errorf("%s in %.1f %%; want %.0f %%", w.Want, 100*right, 100*leastRight)
	}
	if w.Truth == 0 {
		return err
	}
	if math.Abs(r.Bias) > mostBias {
		err = errors.Join(err, fmt.Errorf("bias is %+.2f %%; want ±%.1f %%", 100*r.Bias, 100*mostBias))
	}
	if r.SD > mostSD {
		err = errors.Join(err, fmt.Errorf("sd is %.2f %%; want at most %.0f %%", 100*r.SD, 100*mostSD))
	}
	if r.Coverage < leastCoverage {
		err = errors.Join(err, fmt.Errorf("coverage is %.1f %%; want at least %.0f %%", 100*r.Coverage, 100*leastCoverage))
	}
	if r.HalfWidth > mostHalfWidth {
		err = errors.Join(err, fmt.Errorf("the median half-width is %.2f %%; want at most %.0f %%", 100*r.HalfWidth, 100*mostHalfWidth))
	}
	return err
}

// Named is the world of a name; the zero World where there is none.
func Named(name string) World {
	for _, w := range Worlds() {
		if w.Name == name {
			return w
		}
	}
	return World{}
}

// What gates have to reach: so many false alarms at most, and as many found as were predicted, give or
// take; by so much that chance explains it once in a thousand times, each.
const (
	mostAlarms    = 0.01
	offPrediction = 0.03
	mostUnpaired  = 0.05
	explained     = 3.1 // standard deviations
)

// Misses says in what gates of the world are not good enough; nil where they are.
func (r GateRow) Misses() (err error) {
	want, allowed := mostAlarms, 0.0
	if r.Loss > 0 {
		want, allowed = r.Predicted, offPrediction
	}
	n := float64(r.Gates)
	chance := explained*math.Sqrt(want*(1-want)/n) + 1/n
	off := r.Regressed - want
	if r.Loss > 0 {
		off = math.Abs(off)
	}
	if off > allowed+chance {
		err = fmt.Errorf("%.1f %% are red; want %.1f %%", 100*r.Regressed, 100*want)
	}
	if r.Unpaired > mostUnpaired+explained*math.Sqrt(mostUnpaired/n) {
		err = errors.Join(err, fmt.Errorf("%.1f %% had no capacity to compare; want at most %.0f %%", 100*r.Unpaired, 100*mostUnpaired))
	}
	return err
}
