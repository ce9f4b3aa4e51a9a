package generators

import (
	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/units"
)

// LatestConfig describes keys of which the newest are the most popular: each
// arrival adds a key and picks one by its age, which is Zipf.
type LatestConfig struct {
	Exponent float64     `yaml:"exponent"`
	N        units.Count `yaml:"n"`
}

// NewLatest returns a law that prefers recent keys. Key k mod N is added at
// arrival k, in place of the oldest; the key space is full from the start.
func NewLatest(c LatestConfig) (Keys, error) {
	ages, err := NewZipf(ZipfConfig(c))
	if err != nil {
		return nil, err
	}
	return latest{ages}, nil
}

type latest struct{ Keys }

func (l latest) Pick(r seed.Stream, k uint64) uint64 {
	n := l.N()
	return add(k%n, n-l.Keys.Pick(r, k), n)
}
