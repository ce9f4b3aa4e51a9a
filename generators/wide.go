package generators

import "math/bits"

// u128 and u192 are unsigned integers of 128 and 192 bits: areas under rate
// curves, and areas multiplied by a time. Callers see to it that nothing overflows.
type (
	u128 struct{ hi, lo uint64 }
	u192 struct{ hi, mid, lo uint64 }
)

func product(a, b uint64) (p u128) {
	p.hi, p.lo = bits.Mul64(a, b)
	return p
}

func (a u128) add(b uint64) u128 {
	lo, carry := bits.Add64(a.lo, b, 0)
	return u128{a.hi + carry, lo}
}

func (a u128) plus(b u128) u128 {
	sum := a.add(b.lo)
	sum.hi += b.hi
	return sum
}

func (a u128) sub(b u128) u128 {
	lo, borrow := bits.Sub64(a.lo, b.lo, 0)
	return u128{a.hi - b.hi - borrow, lo}
}

func (a u128) less(b u128) bool {
	return a.hi < b.hi || a.hi == b.hi && a.lo < b.lo
}

func (a u128) float() float64 { return float64(float64(a.hi)*0x1p64) + float64(a.lo) }

func (a u128) times(b uint64) u192 {
	low, high := product(a.lo, b), product(a.hi, b)
	mid, carry := bits.Add64(low.hi, high.lo, 0)
	return u192{high.hi + carry, mid, low.lo}
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
	return u128{a.mid, a.lo}.less(u128{b.mid, b.lo})
}
