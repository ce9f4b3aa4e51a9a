package generators

import (
	"math/bits"

	"github.com/fcbench/fcbench/internal/whole"
)

// u128 are areas under rate curves, u192 areas multiplied by a time. Callers see
// to it that nothing overflows.
type (
	u128 = whole.Uint128
	u192 struct{ hi, mid, lo uint64 }
)

func times(a u128, b uint64) u192 {
	low, high := whole.Product(a.Lo, b), whole.Product(a.Hi, b)
	mid, carry := bits.Add64(low.Hi, high.Lo, 0)
	return u192{high.Hi + carry, mid, low.Lo}
}

func (a u192) add(b u192) u192 {
	lo, carry := bits.Add64(a.lo, b.lo, 0)
	mid, carry := bits.Add64(a.mid, b.mid, carry)
	return u192{a.hi + b.hi + carry, mid, lo}
}

func (a u192) less(b u192) bool {
	if a.hi != b.hi {
		return a.hi < b.hi
	}
	return u128{Hi: b.mid, Lo: b.lo}.Over(u128{Hi: a.mid, Lo: a.lo})
}
