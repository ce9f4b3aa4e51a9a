package control

import (
	"errors"
	"fmt"
	"time"
)

// SlowDownConfig describes a signal to the source by water marks.
type SlowDownConfig struct {
	Settings `yaml:",inline"`
	High     int `yaml:"high"` // as many before the first stage make the signal
	Low      int `yaml:"low"`  // at as many it is taken back
}

// DefaultSlowDownConfig has marks of 80 and 40.
func DefaultSlowDownConfig() SlowDownConfig {
	c := SlowDownConfig{DefaultSettings(), 80, 40}
	c.Period = DefaultRateConfig().Period
	return c
}

// slowDown asks the source to send as much as gets done: a little less while there
// are more than High, a little more while there are Low or fewer. The signal is over
// when there are few and the source holds nothing back any more.
type slowDown struct {
	high, low int
	measured  regulator
}

// NewSlowDown returns a controller that asks the source to keep to a rate.
func NewSlowDown(c SlowDownConfig) (*Control, error) {
	err := c.check()
	if c.Low < 0 || c.Low >= c.High {
		err = errors.Join(err, fmt.Errorf("low is %d and high %d; want 0 or more, and low below high", c.Low, c.High))
	}
	if err != nil {
		return nil, err
	}
	return &Control{&slowDown{high: c.High, low: c.Low}, c.Settings, false}, nil
}

// Step implements [Controller].
func (d *slowDown) Step(_ time.Duration, s *Signals) []Command {
	d.measured.measure(s)
	rate := s.Now[Signal]
	switch {
	case s.Queued >= d.high:
		rate = max(1, scaled(d.measured.done, One/10*9))
	case rate == 0 || s.Queued <= d.low && s.Held == 0:
		rate = 0
	case s.Queued <= d.low:
		rate = max(1, scaled(d.measured.done, One/10*11))
	}
	return []Command{{"level", Signal, rate}}
}
