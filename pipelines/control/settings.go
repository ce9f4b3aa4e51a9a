package control

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/fcbench/fcbench/internal/units"
)

// Settings are what every controller can be told.
type Settings struct {
	Period units.Duration `yaml:"period"` // from one step to the next
	// These are what the rates of the limiter and of the signal stay between.
	LeastRate units.Rate `yaml:"least_rate"`
	MostRate  units.Rate `yaml:"most_rate"`
	// These are what the workers of the first stage stay between; 0 stands for as
	// many as it has, and for twice as many.
	LeastWorkers int `yaml:"least_workers,omitempty"`
	MostWorkers  int `yaml:"most_workers,omitempty"`
}

// DefaultSettings have a step every 250 ms.
func DefaultSettings() Settings {
	return Settings{Period: units.Duration(250 * time.Millisecond), LeastRate: units.Rate{Count: 10, Per: time.Second}, MostRate: units.Rate{Count: 1_000_000, Per: time.Second}}
}

const (
	minPeriod  = time.Millisecond
	maxPeriod  = time.Hour
	maxWorkers = 1 << 20
)

func (c Settings) check() error {
	var problems []error
	if p := c.Period.Std(); p < minPeriod || p > maxPeriod {
		problems = append(problems, fmt.Errorf("period is %v; want %v to %v", c.Period, units.Duration(minPeriod), units.Duration(maxPeriod)))
	}
	least, most := Thousandths(c.LeastRate), Thousandths(c.MostRate)
	problems = append(problems, checkRate("least_rate", c.LeastRate), checkRate("most_rate", c.MostRate))
	if least > most {
		problems = append(problems, fmt.Errorf("least_rate is %v and most_rate %v; want the least first", c.LeastRate, c.MostRate))
	}
	return errors.Join(append(problems, c.checkWorkers())...)
}

func (c Settings) checkWorkers() error {
	var problems []error
	if n := c.LeastWorkers; n < 0 || n > maxWorkers {
		problems = append(problems, fmt.Errorf("least_workers is %d; want 1 to %d, or 0 for as many as there are", n, maxWorkers))
	}
	if n := c.MostWorkers; n < 0 || n > maxWorkers {
		problems = append(problems, fmt.Errorf("most_workers is %d; want 1 to %d, or 0 for twice as many as there are", n, maxWorkers))
	}
	if c.MostWorkers > 0 && c.LeastWorkers > c.MostWorkers {
		problems = append(problems, fmt.Errorf("least_workers is %d and most_workers %d; want the least first", c.LeastWorkers, c.MostWorkers))
	}
	return errors.Join(problems...)
}

// CrewOf is what the workers of a stage with so many of them stay between.
func (c Settings) CrewOf(workers int) (Bounds, error) {
	b := Bounds{int64(workers), int64(workers), 2 * int64(workers)}
	if c.LeastWorkers > 0 {
		b.Least = int64(c.LeastWorkers)
	}
	if c.MostWorkers > 0 {
		b.Most = int64(c.MostWorkers)
	}
	var err error
	if b.Least > b.Start {
		err = fmt.Errorf("least_workers is %d, and the first stage has %d; want at most as many", b.Least, workers)
	}
	if b.Most < b.Start {
		err = errors.Join(err, fmt.Errorf("most_workers is %d, and the first stage has %d; want at least as many", b.Most, workers))
	}
	return b, err
}

const maxRate = 1_000_000_000_000 // thousandths a second

// Thousandths of an item per second are what a rate comes to, rounded down; more than
// any that is allowed where it is too high.
func Thousandths(r units.Rate) int64 {
	if r.Unlimited || r.Per <= 0 {
		return maxRate + 1
	}
	return min(times(r.Count, 1000*int64(time.Second), int64(r.Per)), maxRate+1)
}

func checkRate(what string, r units.Rate) error {
	if n := Thousandths(r); n < 1 || n > maxRate {
		return fmt.Errorf("%s is %v; want 0.001/s to 1000000000/s", what, r)
	}
	return nil
}

// share makes millionths of a share of a config.
func share(what string, v float64) (int64, error) {
	if !(v > 0 && v <= 1) {
		return 0, fmt.Errorf("%s is %v; want more than 0 and at most 1", what, v)
	}
	return int64(math.Round(v * One)), nil
}

func positive(what string, d units.Duration) error {
	if d <= 0 {
		return fmt.Errorf("%s is %v; want a positive duration", what, d)
	}
	return nil
}
