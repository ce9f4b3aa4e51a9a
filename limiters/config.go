package limiters

import (
	"errors"
	"fmt"
	"math/bits"
	"time"

	"github.com/fcbench/fcbench/internal/units"
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

// Limit returns the limit in lowest terms, or everything that is wrong with it.
func (c Config) Limit() (Limit, error) {
	limit, err := reduced(c.Rate)
	limit.Burst = int64(c.Burst)
	if limit.Burst < 1 {
		return Limit{}, errors.Join(err, fmt.Errorf("burst is %d; want at least 1", limit.Burst))
	}
	if err != nil {
		return Limit{}, err
	}
	switch most := maxUnits / int64(limit.Period); {
	case most == 0:
		return Limit{}, fmt.Errorf("rate is %d/%v; want at least one in %v",
			limit.Rate, limit.Period, time.Duration(maxUnits))
	case limit.Burst > most:
		return Limit{}, fmt.Errorf("burst is %d; want at most %d at a rate of %d/%v",
			limit.Burst, most, limit.Rate, limit.Period)
	}
	return limit, nil
}

// WindowConfig describes a window: rate × window may pass in each.
type WindowConfig struct {
	Rate units.Rate `yaml:"rate"`
	// Window is the length of the window. 0 stands for the shortest of second,
	// minute, hour and day in which the rate is a whole number, or else the
	// rate's own period: 100/s is 100 in a second, and so is 6000/m.
	Window units.Duration `yaml:"window"`
}

// Limit returns how much may pass per window, or everything that is wrong with it.
func (c WindowConfig) Limit() (Limit, error) {
	rate, err := reduced(c.Rate)
	if c.Window < 0 {
		return Limit{}, errors.Join(err,
			fmt.Errorf("window is %v; want more than 0, or none", time.Duration(c.Window)))
	}
	if err != nil {
		return Limit{}, err
	}
	window := time.Duration(c.Window)
	if window == 0 {
		window = naturalWindow(rate.Period)
	}
	if window%rate.Period != 0 {
		return Limit{}, fmt.Errorf("window is %v; want a multiple of %v, so that a whole number may pass at %d/%v",
			window, rate.Period, rate.Rate, rate.Period)
	}
	// No overflow: the rate is at most one per nanosecond, so this is at most window.
	return Limit{Rate: rate.Rate * int64(window/rate.Period), Period: window}, nil
}

func naturalWindow(period time.Duration) time.Duration {
	for _, w := range []time.Duration{time.Second, time.Minute, time.Hour, 24 * time.Hour} {
		if w%period == 0 {
			return w
		}
	}
	return period
}

// reduced returns rate in lowest terms.
func reduced(rate units.Rate) (Limit, error) {
	switch {
	case rate.Unlimited:
		return Limit{}, errors.New("rate is max; want a limit, such as 100/s")
	case rate == units.Rate{}:
		return Limit{}, errors.New("rate is not given; want one, such as 100/s")
	case rate.Count <= 0 || rate.Per <= 0:
		return Limit{}, fmt.Errorf("rate is %v; want more than 0", rate)
	case rate.Count > int64(rate.Per):
		return Limit{}, fmt.Errorf("rate is %v; want at most 1/ns", rate)
	}
	d := gcd(rate.Count, int64(rate.Per))
	return Limit{Rate: rate.Count / d, Period: rate.Per / time.Duration(d)}, nil
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
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

// mulDiv returns a×b/c rounded down, or the largest int64 where that is smaller.
// a and b are at least 0, c at least 1.
func mulDiv(a, b, c int64) int64 { return mulAddDiv(a, b, 0, c) }

// mulAddDiv is mulDiv of a×b+plus, which is at least 0 too.
func mulAddDiv(a, b, plus, c int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	lo, carry := bits.Add64(lo, uint64(plus), 0)
	hi += carry
	if hi >= uint64(c) {
		return int64(Never)
	}
	quotient, _ := bits.Div64(hi, lo, uint64(c))
	return int64(min(quotient, uint64(Never)))
}

// addClipped returns a+b, or the largest int64 where that is smaller.
func addClipped(a, b int64) int64 {
	if a > int64(Never)-b {
		return int64(Never)
	}
	return a + b
}
