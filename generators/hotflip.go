package generators

import (
	"errors"
	"fmt"

	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/units"
)

// HotFlipConfig describes one hot key that is another one after a while: what
// meets limiters that are at their best with a key they know.
type HotFlipConfig struct {
	N        units.Count `yaml:"n"`
	HotShare float64     `yaml:"hot_share"` // of the arrivals that go to the hot key, 0 to 1
	Every    units.Count `yaml:"every"`     // arrivals between two flips
}

// NewHotFlip returns a law with one hot key at a time; the other arrivals go to
// all keys alike.
func NewHotFlip(c HotFlipConfig) (Keys, error) {
	err := checkKeys(c.N)
	if !(c.HotShare >= 0 && c.HotShare <= 1) {
		err = errors.Join(err, fmt.Errorf("hot_share is %v; want 0 to 1", c.HotShare))
	}
	if c.Every < 1 {
		err = errors.Join(err, fmt.Errorf("every is %v; want at least 1 arrival", c.Every))
	}
	if err != nil {
		return nil, err
	}
	return hotFlip{uint64(c.N), c.HotShare, uint64(c.Every)}, nil
}

type hotFlip struct {
	n     uint64
	share float64
	every uint64
}

func (l hotFlip) N() uint64 { return l.n }

func (l hotFlip) Pick(r seed.Stream, k uint64) uint64 {
	if unit(r.Uint64(2*k)) < l.share {
		return below(r.Index(k/l.every).Uint64(0), l.n)
	}
	return below(r.Uint64(2*k+1), l.n)
}
