package generators

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/units"
)

// StagesConfig describes a staircase of plateaus, such as 30s@50,1m@200: 50/s
// for 30 s, then 200/s for a minute, then nothing.
type StagesConfig struct {
	Stages Stages `yaml:"stages"`
}

// Stages are plateaus, written as comma-separated DURATION@RATE.
type Stages []Stage

// A Stage is a constant rate, which may be 0, for a time.
type Stage struct {
	For  units.Duration
	Rate units.Rate
}

// UnmarshalText reads what MarshalText writes. Spaces around commas are allowed.
func (s *Stages) UnmarshalText(text []byte) error {
	var stages Stages
	var problems []error
	for i, part := range strings.Split(string(text), ",") {
		duration, rate, found := strings.Cut(strings.TrimSpace(part), "@")
		if !found {
			problems = append(problems, fmt.Errorf("stage %d is %q; want DURATION@RATE, such as 30s@50", i+1, part))
			continue
		}
		length, err := units.ParseDuration(duration)
		level, err2 := units.ParseRate(rate)
		if err := errors.Join(err, err2); err != nil {
			problems = append(problems, fmt.Errorf("stage %d: %w", i+1, err))
		}
		stages = append(stages, Stage{length, level})
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	*s = stages
	return nil
}

// MarshalText writes stages as 30s@50/s,1m@200/s.
func (s Stages) MarshalText() ([]byte, error) {
	parts := make([]string, len(s))
	for i, stage := range s {
		parts[i] = fmt.Sprintf("%v@%v", stage.For, stage.Rate)
	}
	return []byte(strings.Join(parts, ",")), nil
}

// NewStages returns a process of plateaus.
func NewStages(c StagesConfig) (Process, error) {
	var problems []error
	var rates []*big.Rat
	var total time.Duration
	arrivals := false
	for i, stage := range c.Stages {
		if err := errors.Join(checkLength("length", stage.For), checkLevel("rate", stage.Rate)); err != nil {
			problems = append(problems, fmt.Errorf("stage %d: %w", i+1, err))
			continue
		}
		if total += time.Duration(stage.For); total > maxLength {
			return nil, errors.Join(append(problems, fmt.Errorf("stages 1 to %d are over 100 years long; want less", i+1))...)
		}
		arrivals = arrivals || stage.Rate.Count > 0
		rates = append(rates, plateau(stage.Rate))
	}
	if len(problems) == 0 && !arrivals {
		problems = append(problems, errors.New("stages hold no arrivals; want a plateau above 0"))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	period, counts, err := commonPeriod(rates...)
	if err != nil {
		return nil, err
	}
	segments := make([]segment, len(counts))
	for i, n := range counts {
		segments[i] = segment{uint64(c.Stages[i].For), n, n}
	}
	return newCurve(period, false, segments...), nil
}

// plateau is the rate of a stage; one that is not given is 0.
func plateau(r units.Rate) *big.Rat {
	if r.IsZero() {
		return new(big.Rat)
	}
	return perNanosecond(r)
}
