package generators

import (
	"errors"
	"fmt"

	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/units"
)

// HotSetConfig describes keys of which the first HotKeys share HotShare of the
// arrivals evenly, and the others the rest.
type HotSetConfig struct {
	N        units.Count `yaml:"n"`
	HotKeys  units.Count `yaml:"hot_keys"`
	HotShare float64     `yaml:"hot_share"` // 0 to 1
}

// NewHotSet returns a law with a hot set.
func NewHotSet(c HotSetConfig) (Keys, error) {
	err := checkKeys(c.N)
	if err == nil && (c.HotKeys < 1 || c.HotKeys >= c.N) {
		err = fmt.Errorf("hot_keys is %v; want at least 1 and fewer than n, %v", c.HotKeys, c.N)
	}
	if !(c.HotShare >= 0 && c.HotShare <= 1) {
		err = errors.Join(err, fmt.Errorf("hot_share is %v; want 0 to 1", c.HotShare))
	}
	if err != nil {
		return nil, err
	}
	return hotSet{uint64(c.N), uint64(c.HotKeys), c.HotShare}, nil
}

type hotSet struct {
	n, hot uint64
	share  float64
}

func (l hotSet) N() uint64 { return l.n }

func (l hotSet) Pick(r seed.Stream, k uint64) uint64 {
	u := r.Uint64(2*k + 1)
	if unit(r.Uint64(2*k)) < l.share {
		return below(u, l.hot)
	}
	return l.hot + below(u, l.n-l.hot)
}

func (l hotSet) P(_ seed.Stream, i uint64) float64 {
	if i < l.hot {
		return l.share / float64(l.hot)
	}
	return (1 - l.share) / float64(l.n-l.hot)
}
