package generators

import (
	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/units"
)

// SequentialConfig describes keys that take turns: 0, 1, … N-1, 0, ….
type SequentialConfig struct {
	N units.Count `yaml:"n"`
}

// NewSequential returns a law under which keys take turns.
func NewSequential(c SequentialConfig) (Keys, error) {
	if err := checkKeys(c.N); err != nil {
		return nil, err
	}
	return sequential(c.N), nil
}

type sequential uint64

func (n sequential) N() uint64                           { return uint64(n) }
func (n sequential) Pick(_ seed.Stream, k uint64) uint64 { return k % uint64(n) }
