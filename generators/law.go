package generators

import (
	"errors"
	"fmt"
	"math/bits"

	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/units"
)

// An Amount is what a law may be written in: counts for costs, sizes for
// payloads, durations for how long something is held.
type Amount interface {
	units.Count | units.Size | units.Duration
	fmt.Stringer
}

// maxAmount bounds what laws draw: up to here whole numbers are exact in
// floating point and in JSON.
const maxAmount = 1<<53 - 1

func checkAmount[T Amount](what string, v T) error {
	if v < 0 || v > maxAmount {
		return fmt.Errorf("%s is %v; want 0 to 2^53-1", what, v)
	}
	return nil
}

// FixedConfig describes a number that is always the same.
type FixedConfig[T Amount] struct {
	Value T `yaml:"value"`
}

// NewFixed returns a law that always draws the same number.
func NewFixed[T Amount](c FixedConfig[T]) (Law, error) {
	if err := checkAmount("value", c.Value); err != nil {
		return nil, err
	}
	return fixed(c.Value), nil
}

type fixed int64

func (l fixed) Draw(seed.Stream, uint64) int64 { return int64(l) }
func (l fixed) Range() (least, most int64)     { return int64(l), int64(l) }
func (l fixed) Mean() float64                  { return float64(l) }

// BetweenConfig describes numbers that are equally likely from Min to Max, both included.
type BetweenConfig[T Amount] struct {
	Min T `yaml:"min"`
	Max T `yaml:"max"`
}

// NewBetween returns a law that is uniform over a range.
func NewBetween[T Amount](c BetweenConfig[T]) (Law, error) {
	err := errors.Join(checkAmount("min", c.Min), checkAmount("max", c.Max))
	if err == nil && c.Max < c.Min {
		err = fmt.Errorf("max is %v; want at least min, %v", c.Max, c.Min)
	}
	if err != nil {
		return nil, err
	}
	return between{int64(c.Min), int64(c.Max)}, nil
}

type between struct{ least, most int64 }

func (l between) Draw(r seed.Stream, k uint64) int64 {
	offset, _ := bits.Mul64(r.Uint64(k), uint64(l.most-l.least)+1)
	return l.least + int64(offset)
}

func (l between) Range() (least, most int64) { return l.least, l.most }
func (l between) Mean() float64              { return (float64(l.least) + float64(l.most)) / 2 }
