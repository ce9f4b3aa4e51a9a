package generators

import (
	"fmt"
	"math"

	"github.com/fcbench/fcbench/internal/units"
)

// maxKeys bounds key spaces: up to here keys are exact as floating-point numbers.
const maxKeys = 1 << 40

func checkKeys(n units.Count) error {
	if n < 1 || n > maxKeys {
		return fmt.Errorf("n is %v; want 1 to 2^40 keys", n)
	}
	return nil
}

// maxExponent is far beyond what is of use: the second key has 2^-1000 of the
// first one's share, which none is drawn from.
const maxExponent = 1000

func checkExponent(s float64) error {
	if !(s >= 0) || math.IsInf(s, 0) {
		return fmt.Errorf("exponent is %v; want 0 or more", s)
	}
	if s > maxExponent {
		return fmt.Errorf("exponent is %v; want at most %d", s, maxExponent)
	}
	return nil
}
