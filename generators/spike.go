package generators

import (
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/units"
)

// SpikeConfig describes a constant rate with one spike, in the middle of the
// run and ten times as high unless told otherwise.
type SpikeConfig struct {
	Rate units.Rate     `yaml:"rate"` // mean over the run; gives the levels that are left out
	Base units.Rate     `yaml:"base"`
	Peak units.Rate     `yaml:"peak"`          // default 10 × base
	At   units.Duration `yaml:"at,omitempty"`  // start of the spike; 0: in the middle
	For  units.Duration `yaml:"for,omitempty"` // length of the spike; default a tenth of the run
}

// NewSpike returns a process with one spike.
func NewSpike(c SpikeConfig) (Process, error) {
	var problems []error
	if c.At < 0 {
		problems = append(problems, fmt.Errorf("at is %v; want 0 or more", c.At))
	}
	if time.Duration(c.At) > maxLength {
		problems = append(problems, fmt.Errorf("at is %v; want at most 100 years", c.At))
	}
	if c.For != 0 {
		problems = append(problems, checkLength("for", c.For))
		if !c.Rate.IsZero() {
			problems = append(problems, errors.New("rate and for are both given; want base and peak with for"))
		}
	}
	base, peak, err := levels(named{"rate", c.Rate}, named{"base", c.Base}, named{"peak", c.Peak},
		big.NewRat(1, 10), big.NewRat(1, 10))
	if err := errors.Join(append(problems, err)...); err != nil {
		return nil, err
	}
	period, counts, err := commonPeriod(base, peak)
	if err != nil {
		return nil, err
	}
	return spike{period, counts[0], counts[1], uint64(c.At), uint64(c.For)}, nil
}

type spike struct{ period, base, peak, at, width uint64 }

func (s spike) Times(r seed.Stream, horizon time.Duration) Times {
	run := uint64(max(horizon, 0))
	width, at := s.width, s.at
	if width == 0 {
		width = run / 10
	}
	if at == 0 {
		at = (run - min(width, run)) / 2
	}
	return newCurve(s.period, false,
		segment{at, s.base, s.base},
		segment{width, s.peak, s.peak},
		segment{endless, s.base, s.base}).Times(r, horizon)
}

// Length is the time to the end of the spike. What depends on the run is as if that
// were its end, or a tenth of it the spike.
func (s spike) Length() (usual, least time.Duration) {
	at, width := time.Duration(s.at), time.Duration(s.width)
	switch {
	case s.at > 0 && s.width == 0:
		width = (at + 8) / 9
	case s.at == 0:
		return max(width, 10*min(width, maxLength/10)), width
	}
	return at + width, at + width
}
