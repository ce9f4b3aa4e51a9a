package generators

import (
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/fcbench/fcbench/internal/units"
)

// BurstConfig describes arrivals in bursts: a peak rate while on, a base rate
// while off, beginning with a burst.
type BurstConfig struct {
	Rate units.Rate     `yaml:"rate"` // mean; gives the levels that are left out
	Base units.Rate     `yaml:"base"` // default 0
	Peak units.Rate     `yaml:"peak"`
	On   units.Duration `yaml:"on,omitempty"`  // default 50ms
	Off  units.Duration `yaml:"off,omitempty"` // default 450ms
}

// NewBurst returns an on-off process.
func NewBurst(c BurstConfig) (Process, error) {
	if c.On == 0 {
		c.On = units.Duration(50 * time.Millisecond)
	}
	if c.Off == 0 {
		c.Off = units.Duration(450 * time.Millisecond)
	}
	if err := errors.Join(checkLength("on", c.On), checkLength("off", c.Off)); err != nil {
		return nil, err
	}
	on, off := int64(c.On), int64(c.Off)
	base, peak, err := levels(named{"rate", c.Rate}, named{"base", c.Base}, named{"peak", c.Peak},
		big.NewRat(on, on+off), new(big.Rat))
	if err != nil {
		return nil, err
	}
	period, counts, err := commonPeriod(base, peak)
	if err != nil {
		return nil, err
	}
	return newCurve(period, true,
		segment{uint64(on), counts[1], counts[1]},
		segment{uint64(off), counts[0], counts[0]}), nil
}

// maxLength bounds the parts of a shape, so that sums of two do not overflow.
const maxLength = 100 * 365 * 24 * time.Hour

// checkLength returns what is wrong with the length of a part of a shape.
func checkLength(what string, d units.Duration) error {
	if d <= 0 || time.Duration(d) > maxLength {
		return fmt.Errorf("%s is %v; want more than 0 and at most 100 years", what, d)
	}
	return nil
}
