package generators

import (
	"errors"

	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/units"
)

// ZipfConfig describes keys of which the i-th most popular, key i-1, has a
// share in proportion to i^-Exponent. Exponent 0 is uniform.
type ZipfConfig struct {
	Exponent float64     `yaml:"exponent"`
	N        units.Count `yaml:"n"`
}

// NewZipf returns a Zipf law, exact over its N keys for any exponent from 0.
func NewZipf(c ZipfConfig) (Keys, error) {
	if err := errors.Join(checkExponent(c.Exponent), checkKeys(c.N)); err != nil {
		return nil, err
	}
	if c.N > MaxInterned {
		return newRejection(c.Exponent, float64(c.N)), nil
	}
	return newRanked(uint64(c.N), func(i float64) float64 { return pow(i+1, -c.Exponent) }), nil
}

// ranked draws keys from a table of their weights.
type ranked struct {
	table  alias
	weight func(i float64) float64
	total  float64
}

func newRanked(n uint64, weight func(i float64) float64) ranked {
	weights := make([]float64, n)
	var total float64
	for i := range weights {
		weights[i] = weight(float64(i))
		total += weights[i]
	}
	return ranked{newAlias(weights), weight, total}
}

func (l ranked) N() uint64 { return uint64(len(l.table)) }

func (l ranked) Pick(r seed.Stream, k uint64) uint64 { return l.table.draw(r.Uint64(k)) }

func (l ranked) P(_ seed.Stream, i uint64) float64 { return l.weight(float64(i)) / l.total }
