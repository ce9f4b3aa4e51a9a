package generators

import (
	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/units"
)

// ScrambledZipfConfig describes Zipf keys whose popular ones are strewn over
// the key space instead of lying at its start.
type ScrambledZipfConfig struct {
	Exponent float64     `yaml:"exponent"`
	N        units.Count `yaml:"n"`
}

// NewScrambledZipf returns a Zipf law behind a seeded permutation of the key
// space: every key has exactly one rank, so the shares stay those of Zipf.
func NewScrambledZipf(c ScrambledZipfConfig) (Keys, error) {
	ranks, err := NewZipf(ZipfConfig(c))
	if err != nil {
		return nil, err
	}
	s := scrambled{ranks, newPermutation(ranks.N())}
	if weighted, ok := ranks.(Weighted); ok {
		return weightedScrambled{s, weighted}, nil
	}
	return s, nil
}

type scrambled struct {
	Keys
	order permutation
}

func (s scrambled) Pick(r seed.Stream, k uint64) uint64 {
	return s.order.apply(r, s.Keys.Pick(r, k))
}

type weightedScrambled struct {
	scrambled
	ranks Weighted
}

func (s weightedScrambled) P(r seed.Stream, i uint64) float64 {
	return s.ranks.P(r, s.order.invert(r, i))
}
