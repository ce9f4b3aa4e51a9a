package control

import (
	"errors"
	"fmt"
	"time"

	"github.com/fcbench/fcbench/internal/units"
)

// RateConfig describes a rate that follows what gets done.
type RateConfig struct {
	Settings `yaml:",inline"`
	Target   units.Duration `yaml:"target"` // the delay that turns the limiter on
	Sensor   Sensor         `yaml:"sensor"` // of the delay
	Share    float64        `yaml:"share"`  // of what gets done, that comes in while the delay is above it
	Drain    units.Duration `yaml:"drain"`  // in which a longer delay shall have gone
	Ramp     float64        `yaml:"ramp"`   // by which share of itself the rate rises in a calm step
	Calm     int            `yaml:"calm"`   // steps without a refusal that turn it off
}

// DefaultRateConfig keeps the delay at 30 ms.
func DefaultRateConfig() RateConfig {
	c := RateConfig{DefaultSettings(), units.Duration(30 * time.Millisecond), HeadOfLine, 0.95, units.Duration(200 * time.Millisecond), 0.01, 8}
	c.Period = units.Duration(50 * time.Millisecond)
	return c
}

type dynamicRate struct {
	regulator
	sensor Sensor
}

// NewDynamicRate returns a controller that lets in as much as gets done, once that is less
// than what comes.
func NewDynamicRate(c RateConfig) (*Control, error) {
	part, err := share("share", c.Share)
	ramp, rampErr := share("ramp", c.Ramp)
	err = errors.Join(c.check(), err, rampErr, positive("target", c.Target), positive("drain", c.Drain))
	if c.Calm < 1 {
		err = errors.Join(err, fmt.Errorf("calm is %d; want at least 1", c.Calm))
	}
	if err != nil {
		return nil, err
	}
	r := regulator{target: c.Target.Std(), low: c.Target.Std(), share: part, drain: c.Drain.Std(), ramp: ramp, enter: 1, calm: c.Calm}
	return &Control{&dynamicRate{r, c.Sensor}, c.Settings, true}, nil
}

// Step implements [Controller].
func (d *dynamicRate) Step(_ time.Duration, s *Signals) []Command {
	return []Command{{"rate", Limit, d.rate(s, d.sensor.delay(s))}}
}
