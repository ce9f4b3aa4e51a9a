package limiters

import (
	"errors"
	"fmt"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/internal/whole"
)

// maxUnits bounds the capacity of a bucket, Burst × Period in lowest terms, so
// that twice of it still fits an int64.
const maxUnits = 1<<62 - 1

// Config describes a bucket: rate tokens flow in, burst of them fit.
type Config struct {
	Rate  units.Rate  `yaml:"rate"`
	Burst units.Count `yaml:"burst"`
}

// DefaultConfig is a bucket that holds one token; the rate has no default.
func DefaultConfig() Config { return Config{Burst: 1} }

// Config is what describes a limit, of a bucket.
func (l Limit) Config() Config {
	return Config{Rate: units.Rate{Count: l.Rate, Per: l.Period}, Burst: units.Count(l.Burst)}
}

// Limit returns the limit as it was written, or everything that is wrong with it.
func (c Config) Limit() (Limit, error) {
	err := checkRate(c.Rate)
	limit := Limit{Rate: c.Rate.Count, Period: c.Rate.Per, Burst: int64(c.Burst)}
	if limit.Burst < 1 {
		err = errors.Join(err, fmt.Errorf("burst is %d; want at least 1", limit.Burst))
	}
	if err != nil {
		return Limit{}, err
	}
	least := limit.Reduced()
	switch most := maxUnits / int64(least.Period); {
	case most == 0:
		return Limit{}, fmt.Errorf("rate is %d/%v; want at least one in %v",
			least.Rate, least.Period, time.Duration(maxUnits))
	case limit.Burst > most:
		return Limit{}, fmt.Errorf("burst is %d; want at most %d at a rate of %d/%v",
			limit.Burst, most, least.Rate, least.Period)
	}
	return limit, nil
}

// Reduced returns the limit with its rate in lowest terms, which is the same
// limit to a bucket but not to a window.
func (l Limit) Reduced() Limit {
	d := whole.GCD(l.Rate, int64(l.Period))
	l.Rate, l.Period = l.Rate/d, l.Period/time.Duration(d)
	return l
}

// WindowConfig describes a window: rate × window may pass in each.
type WindowConfig struct {
	Rate units.Rate `yaml:"rate"`
	// Window is the length of the window. 0 stands for the period that the rate is
	// written with: 100/s is 100 in a second, 6000/m is 6000 in a minute.
	Window units.Duration `yaml:"window,omitempty"`
}

// Settle puts the length that a Window of 0 stands for in its place, and writes
// the rate as what may pass in a window, if that is a whole number: 1/s in a
// window of a minute is 60/m.
func (c *WindowConfig) Settle() {
	if checkRate(c.Rate) != nil {
		return
	}
	rate := c.reduced()
	switch {
	case c.Window == 0:
		c.Window = units.Duration(c.Rate.Per)
	case c.Window > 0 && c.Window.Std()%rate.Period == 0:
		// No overflow: the rate is at most one per nanosecond, so this is at most the window.
		c.Rate = units.Rate{Count: rate.Rate * int64(c.Window.Std()/rate.Period), Per: c.Window.Std()}
	}
}

func (c WindowConfig) reduced() Limit { return Limit{Rate: c.Rate.Count, Period: c.Rate.Per}.Reduced() }

// Limit returns how much may pass per window, or everything that is wrong with it.
func (c WindowConfig) Limit() (Limit, error) {
	err := checkRate(c.Rate)
	if c.Window < 0 {
		err = errors.Join(err, fmt.Errorf("window is %v; want more than 0, or none", time.Duration(c.Window)))
	}
	if err != nil {
		return Limit{}, err
	}
	if c.Settle(); c.Window.Std() != c.Rate.Per {
		rate := c.reduced()
		return Limit{}, fmt.Errorf("window is %v; want a multiple of %v, so that a whole number may pass at %d/%v",
			c.Window.Std(), rate.Period, rate.Rate, rate.Period)
	}
	return Limit{Rate: c.Rate.Count, Period: c.Rate.Per}, nil
}

// checkRate says what is wrong with a rate as a limit.
func checkRate(rate units.Rate) error {
	switch {
	case rate.Unlimited:
		return errors.New("rate is max; want a limit, such as 100/s")
	case rate == units.Rate{}:
		return errors.New("rate is not given; want one, such as 100/s")
	case rate.Count <= 0 || rate.Per <= 0:
		return fmt.Errorf("rate is %v; want more than 0", rate)
	case rate.Count > int64(rate.Per):
		return fmt.Errorf("rate is %v; want at most 1/ns", rate)
	}
	return nil
}

// checkCost returns the error of a caller who asks for nothing or less.
func checkCost(n int64) error {
	if n < 1 {
		return costError(n)
	}
	return nil
}

// costError is apart so that checking costs no call.
func costError(n int64) error { return fmt.Errorf("cost is %d; want at least 1", n) }

// addClipped returns a+b, or the largest int64 where that is smaller.
func addClipped(a, b int64) int64 {
	if a > int64(Never)-b {
		return int64(Never)
	}
	return a + b
}
