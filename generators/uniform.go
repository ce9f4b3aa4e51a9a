package generators

import (
	"math/bits"

	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/units"
)

// UniformConfig describes keys that are all equally likely.
type UniformConfig struct {
	N units.Count `yaml:"n"`
}

// NewUniform returns a law under which all keys are equally likely.
func NewUniform(c UniformConfig) (Keys, error) {
	if err := checkKeys(c.N); err != nil {
		return nil, err
	}
	return uniform(c.N), nil
}

type uniform uint64

func (n uniform) N() uint64 { return uint64(n) }

func (n uniform) Pick(r seed.Stream, k uint64) uint64 { return below(r.Uint64(k), uint64(n)) }

func (n uniform) P(seed.Stream, uint64) float64 { return 1 / float64(n) }

// below maps a random number evenly to [0, n).
func below(u, n uint64) uint64 {
	x, _ := bits.Mul64(u, n)
	return x
}
