package generators

import (
	"errors"
	"math/big"
	"time"

	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/units"
)

// RampConfig describes a rate that changes linearly from one value to another.
type RampConfig struct {
	Rate units.Rate     `yaml:"rate"` // mean of the ramp; gives the ends that are left out
	From units.Rate     `yaml:"from"` // default 0
	To   units.Rate     `yaml:"to"`
	Over units.Duration `yaml:"over,omitempty"` // then it stays; default: the whole run
}

// NewRamp returns a process with a linear ramp.
func NewRamp(c RampConfig) (Process, error) {
	var problem error
	if c.Over != 0 {
		problem = checkLength("over", c.Over)
	}
	from, to, err := levels(named{"rate", c.Rate}, named{"from", c.From}, named{"to", c.To},
		big.NewRat(1, 2), new(big.Rat))
	if err := errors.Join(problem, err); err != nil {
		return nil, err
	}
	period, counts, err := commonPeriod(from, to)
	if err != nil {
		return nil, err
	}
	return ramp{period, counts[0], counts[1], uint64(c.Over)}, nil
}

type ramp struct{ period, from, to, over uint64 }

func (p ramp) Times(r seed.Stream, horizon time.Duration) Times {
	over := p.over
	if over == 0 {
		over = uint64(max(horizon, 0))
	}
	return newCurve(p.period, false,
		segment{over, p.from, p.to},
		segment{endless, p.to, p.to}).Times(r, horizon)
}

// Length is that of the ramp, after which the rate stays.
func (p ramp) Length() (usual, least time.Duration) {
	return time.Duration(p.over), time.Duration(p.over)
}
