package generators

import (
	"errors"
	"fmt"
	"math/big"
	"math/bits"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/internal/whole"
)

// SineConfig describes a rate that swings around its mean, beginning at the
// mean and rising.
type SineConfig struct {
	Rate      units.Rate     `yaml:"rate"`             // mean
	Amplitude units.Rate     `yaml:"amplitude"`        // at most the mean, which is the default
	Period    units.Duration `yaml:"period,omitempty"` // default 10s
}

// sineSegments is the number of straight lines of which one period consists.
// They differ from the sine proper by less than a millionth of the amplitude.
const sineSegments = 4096

// NewSine returns a process with a sinusoidal rate, defined as the line
// through 4096 points of the sine. The mean over a period is exact.
func NewSine(c SineConfig) (Process, error) {
	if c.Amplitude.IsZero() {
		c.Amplitude = c.Rate
	}
	if c.Period == 0 {
		c.Period = units.Duration(10 * time.Second)
	}
	if err := checkSine(c); err != nil {
		return nil, err
	}
	return sineCurve(perNanosecond(c.Rate), perNanosecond(c.Amplitude), uint64(c.Period))
}

func checkSine(c SineConfig) error {
	err := errors.Join(checkRate("rate", c.Rate), checkLevel("amplitude", c.Amplitude))
	if err == nil {
		mean, amplitude := perNanosecond(c.Rate), perNanosecond(c.Amplitude)
		if amplitude.Cmp(mean) > 0 {
			err = fmt.Errorf("amplitude is %v; want at most the rate, %v", c.Amplitude, c.Rate)
		}
		err = errors.Join(err, checkDerived("crest", mean.Add(mean, amplitude)))
	}
	if c.Period < 10_000 || c.Period%2 != 0 || time.Duration(c.Period) > maxLength {
		err = errors.Join(err, fmt.Errorf("period is %v; want 10us to 100 years in an even number of nanoseconds", c.Period))
	}
	return err
}

// sineCurve measures the sine in steps as fine as the arithmetic leaves room
// for, at points that lie symmetrically, so that what was rounded up on the way
// up is rounded down on the way down.
func sineCurve(mean, amplitude *big.Rat, length uint64) (Process, error) {
	period, counts, err := commonPeriod(mean, amplitude)
	if err != nil {
		return nil, err
	}
	precision := min(62-bits.Len64(period), 30)
	if precision < 10 {
		return nil, errors.New("common period of rate and amplitude is over 52 days; want rates with fewer digits")
	}
	segments := make([]segment, sineSegments)
	for j := range segments {
		segments[j] = segment{
			length: sineNode(j+1, length) - sineNode(j, length),
			from:   counts[0]<<precision + counts[1]*sineSteps(j, precision),
			to:     counts[0]<<precision + counts[1]*sineSteps(j+1, precision),
		}
	}
	return newCurve(period<<precision, true, segments...), nil
}

// sineNode returns when point j of a period is. Points lie as far from the end
// as their mirror images from the start.
func sineNode(j int, length uint64) uint64 {
	if j > sineSegments/2 {
		return length - sineNode(sineSegments-j, length)
	}
	p := whole.Product(uint64(j), length)
	node, _ := bits.Div64(p.Hi, p.Lo, sineSegments)
	return node
}

// sineSteps returns the sine at point j in units of 2^-precision, in two's complement.
func sineSteps(j, precision int) uint64 {
	if j > sineSegments/2 {
		return -sineSteps(sineSegments-j, precision)
	}
	scaled := float64(sinTurns(float64(float64(j)/sineSegments)) * float64(uint64(1)<<precision))
	return uint64(scaled + 0.5)
}
