package generators

import (
	"errors"
	"fmt"
	"math"

	"github.com/fcbench/fcbench/internal/seed"
)

// LognormalConfig describes numbers whose logarithm is normal, as sizes of real
// payloads often are: half lie below Median, two thirds within a factor e^Sigma of it.
type LognormalConfig[T Amount] struct {
	Median T       `yaml:"median"`
	Sigma  float64 `yaml:"sigma"`
	Max    T       `yaml:"max,omitempty"` // what exceeds it becomes it; default: no limit
}

// NewLognormal returns a lognormal law, rounded up to whole numbers.
func NewLognormal[T Amount](c LognormalConfig[T]) (Law, error) {
	var problems []error
	if c.Median < 1 || c.Median > maxAmount {
		problems = append(problems, fmt.Errorf("median is %v; want 1 to 2^53-1", c.Median))
	}
	if !(c.Sigma >= 0 && c.Sigma <= 10) {
		problems = append(problems, fmt.Errorf("sigma is %v; want 0 to 10", c.Sigma))
	}
	if c.Max == 0 {
		c.Max = maxAmount
	} else if c.Max < max(c.Median, 1) || c.Max > maxAmount {
		problems = append(problems, fmt.Errorf("max is %v; want at least the median, %v, and at most 2^53-1", c.Max, c.Median))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	l := lognormal{float64(c.Median), c.Sigma, float64(c.Max)}
	l.most = float64(l.at(maxNormal))
	return l, nil
}

type lognormal struct{ median, sigma, most float64 }

func (l lognormal) Draw(r seed.Stream, k uint64) int64 {
	return l.at(normal(r.Uint64(2*k), r.Uint64(2*k+1)))
}

// at returns the number z standard deviations from the median.
func (l lognormal) at(z float64) int64 {
	x := float64(l.median * exp(float64(l.sigma*z)))
	return int64(min(max(math.Ceil(x), 1), l.most))
}

func (l lognormal) Range() (least, most int64) { return l.at(-maxNormal), int64(l.most) }

// Mean is that of the law cut off at its most: the integral over the normal
// distribution, by the trapezoidal rule, which is good to many digits for what is
// so smooth.
func (l lognormal) Mean() float64 {
	const steps = 1 << 11
	var sum, total float64
	for i := range steps + 1 {
		z := maxNormal * (2*float64(i)/steps - 1)
		density := exp(float64(-z*z) / 2)
		x := min(float64(l.median*exp(float64(l.sigma*z))), l.most)
		sum, total = sum+float64(x*density), total+density
	}
	return sum / total
}

// maxNormal is beyond what normal can return: √(2·ln 2^53).
const maxNormal = 8.6

// normal maps two random numbers to a standard normal one (Box and Muller, "A
// note on the generation of random normal deviates", 1958).
func normal(u, v uint64) float64 {
	return float64(math.Sqrt(float64(-2*log(unit(u)))) * sinTurns(unit(v)))
}
