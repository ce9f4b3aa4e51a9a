package paired

import (
	"errors"
	"fmt"
	"strings"

	"github.com/fcbench/fcbench/results"
)

// ClaimOf is the claim on a metric that is made where nothing else is said: its
// scale, and a margin of what people notice. A count has no such margin; it is 0, for the
// caller to set. The error is about the path, or that the metric is never gated.
func ClaimOf(path string) (Claim, error) {
	m, err := results.MetricOf(path)
	if err != nil {
		return Claim{}, err
	}
	switch {
	case m.Better == results.Neither:
		return Claim{}, fmt.Errorf("metric %q is better in neither direction; want one that can become worse", path)
	case strings.HasSuffix(path, ".max") || strings.HasSuffix(path, ".min"):
		return Claim{}, fmt.Errorf("metric %q is one value of a run, the most extreme; want a percentile", path)
	}
	c := Claim{Name: path, Better: m.Better, Scale: Additive, Steady: m.Unit != results.UnitNS}
	switch q, percentile := results.QuantileOf(path); {
	case m.Unit == results.UnitNS && percentile && q <= 0.5:
		c.Scale, c.Margin = Ratio, 0.03
	case m.Unit == results.UnitNS && (percentile || Stamped(path)):
		c.Scale, c.Margin = Ratio, 0.05
	case m.Unit == results.UnitRate:
		c.Scale, c.Margin = Ratio, 0.02
	case m.Unit == results.UnitNS, m.Unit == results.UnitBytes: // means per operation, and memory
		c.Scale, c.Margin = Ratio, 0.10
	case m.Unit == results.UnitShare:
		c.Margin = 0.001
	case m.Unit == results.UnitRatio:
		c.Margin = 0.01
	case m.Unit == results.UnitTokens:
		c.Margin = 1
	}
	return c, nil
}

// Stamped reports whether a metric is a time that is stamped per request, so that a
// difference of a few readings of the clock says nothing ([FloorReadings]). Means per
// operation are not: they are the time of many, divided.
func Stamped(path string) bool {
	for _, kind := range []string{"response.", "service.", "send_delay."} {
		if strings.HasPrefix(path, kind) {
			return !strings.HasSuffix(path, ".count")
		}
	}
	return strings.HasPrefix(path, "classes.") && strings.Contains(path, ".response_ok.") && !strings.HasSuffix(path, ".count")
}

// Beyond is how many values of a run there must be beyond a percentile for it to be gated.
// With fewer it is a handful of values that happened to be the slowest.
const Beyond = 100

// ErrTooFew says that a percentile rests on too few values to be gated.
var ErrTooFew = errors.New("too few values beyond the percentile")

// CheckSamples is an error where the metric at path is a percentile that in run has
// fewer than [Beyond] values beyond it, so that it may be shown and not gated. Of what is
// no percentile it is nil; of a run without the metric it is [results.ErrNoData].
func CheckSamples(path string, run *results.Run) error {
	q, ok := results.QuantileOf(path)
	if !ok {
		return nil
	}
	counted := path[:strings.LastIndex(path, ".p")] + ".count"
	n, _, err := results.Value(run, counted)
	if err != nil {
		return err
	}
	need := Beyond / min(q, 1-q)
	if n*min(q, 1-q) < Beyond*(1-1e-9) {
		return fmt.Errorf("%w: %s is of %.0f values; want at least %.0f, so that %d are beyond", ErrTooFew, path, n, need, Beyond)
	}
	return nil
}
