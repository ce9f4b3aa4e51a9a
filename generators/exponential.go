package generators

import (
	"errors"
	"fmt"
	"math"

	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/units"
)

// ExponentialConfig describes keys whose popularity falls by a factor of e
// every Mean keys.
type ExponentialConfig struct {
	Mean float64     `yaml:"mean"` // in keys
	N    units.Count `yaml:"n"`
}

// NewExponential returns a law under which key i has a share in proportion to
// e^(-i/Mean).
func NewExponential(c ExponentialConfig) (Keys, error) {
	err := checkKeys(c.N)
	if !(c.Mean >= 1e-3 && c.Mean <= maxKeys) {
		err = errors.Join(err, fmt.Errorf("mean is %v; want 0.001 to 2^40 keys", c.Mean))
	}
	if err != nil {
		return nil, err
	}
	if c.N > MaxInterned {
		return newExponential(c.Mean, float64(c.N)), nil
	}
	return newRanked(uint64(c.N), func(i float64) float64 { return exp(-i / c.Mean) }), nil
}

// exponential draws by inversion: the whole part of an exponential variate
// that is below n.
type exponential struct {
	mean, n float64
	reach   float64 // probability that the variate is below n
}

func newExponential(mean, n float64) exponential {
	x := n / mean
	return exponential{mean, n, float64(x * expm1Over(-x))}
}

func (l exponential) N() uint64 { return uint64(l.n) }

func (l exponential) Pick(r seed.Stream, k uint64) uint64 {
	u := float64(unit(r.Uint64(k)) * l.reach)
	x := float64(l.mean * float64(u*log1pOver(-u)))
	return uint64(min(math.Floor(x), l.n-1))
}

func (l exponential) P(_ seed.Stream, i uint64) float64 {
	return exp(-float64(i)/l.mean) * expm1Over(-1/l.mean) / l.mean / l.reach
}
