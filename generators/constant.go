package generators

import "github.com/fcbench/fcbench/internal/units"

// ConstantConfig describes evenly spaced arrivals.
type ConstantConfig struct {
	Rate units.Rate `yaml:"rate"`
}

// NewConstant returns a process of evenly spaced arrivals, the first at 0.
func NewConstant(c ConstantConfig) (Process, error) {
	if err := checkRate("rate", c.Rate); err != nil {
		return nil, err
	}
	period, counts, err := commonPeriod(perNanosecond(c.Rate))
	if err != nil {
		return nil, err
	}
	return newCurve(period, false, segment{endless, counts[0], counts[0]}), nil
}
