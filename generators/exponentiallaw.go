package generators

import (
	"errors"
	"fmt"
	"math"

	"github.com/fcbench/fcbench/internal/seed"
)

// ExponentialLawConfig describes numbers without a memory, as times of service are
// in theory: each is as likely to go on as any other, however large it is already.
type ExponentialLawConfig[T Amount] struct {
	Mean T `yaml:"mean"`
	Max  T `yaml:"max,omitempty"` // what exceeds it becomes it; default: no limit
}

// NewExponentialLaw returns an exponential law, rounded up to whole numbers.
func NewExponentialLaw[T Amount](c ExponentialLawConfig[T]) (Law, error) {
	var problems []error
	if c.Mean < 1 || c.Mean > maxAmount {
		problems = append(problems, fmt.Errorf("mean is %v; want 1 to 2^53-1", c.Mean))
	}
	if c.Max == 0 {
		c.Max = maxAmount
	} else if c.Max < max(c.Mean, 1) || c.Max > maxAmount {
		problems = append(problems, fmt.Errorf("max is %v; want at least the mean, %v, and at most 2^53-1", c.Max, c.Mean))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	l := exponentialLaw{float64(c.Mean), float64(c.Max), float64(c.Mean)}
	if c.Max < maxAmount {
		l.cut = float64(l.mean * (1 - exp(-l.most/l.mean)))
	}
	l.most = float64(l.at(0))
	return l, nil
}

type exponentialLaw struct{ mean, most, cut float64 } // cut is the mean of what is cut off at most

func (l exponentialLaw) Draw(r seed.Stream, k uint64) int64 { return l.at(r.Uint64(k)) }

// at maps a random number to one of the law; the least to the largest.
func (l exponentialLaw) at(u uint64) int64 {
	x := float64(-l.mean * log(unit(u)))
	return int64(min(max(math.Ceil(x), 1), l.most))
}

func (l exponentialLaw) Mean() float64 { return l.cut }

func (l exponentialLaw) Range() (least, most int64) { return l.at(math.MaxUint64), int64(l.most) }
