// Package whole has what exact arithmetic needs beyond an int64: numbers of 128
// bits, and quotients whose numerators have as many.
package whole

import (
	"encoding/binary"
	"math"
	"math/big"
	"math/bits"
)

// Uint128 is an unsigned integer of 128 bits. It ends where it ends: what would
// be more is the largest, and what would be less than 0 is 0.
type Uint128 struct{ Hi, Lo uint64 }

// most is the largest of them.
func most() Uint128 { return Uint128{math.MaxUint64, math.MaxUint64} }

// Product is a × b.
func Product(a, b uint64) Uint128 {
	hi, lo := bits.Mul64(a, b)
	return Uint128{hi, lo}
}

// Plus is a + b.
func (a Uint128) Plus(b Uint128) Uint128 {
	lo, carry := bits.Add64(a.Lo, b.Lo, 0)
	hi, carry := bits.Add64(a.Hi, b.Hi, carry)
	if carry != 0 {
		return most()
	}
	return Uint128{hi, lo}
}

// PlusAround is a + b on a circle of 2^128, for sums of hashes.
func (a Uint128) PlusAround(b Uint128) Uint128 {
	lo, carry := bits.Add64(a.Lo, b.Lo, 0)
	hi, _ := bits.Add64(a.Hi, b.Hi, carry)
	return Uint128{hi, lo}
}

// Minus is a − b.
func (a Uint128) Minus(b Uint128) Uint128 {
	lo, borrow := bits.Sub64(a.Lo, b.Lo, 0)
	hi, borrow := bits.Sub64(a.Hi, b.Hi, borrow)
	if borrow != 0 {
		return Uint128{}
	}
	return Uint128{hi, lo}
}

// Times is a × n, of an n that is not negative.
func (a Uint128) Times(n int64) Uint128 {
	over, high := bits.Mul64(a.Hi, uint64(n))
	carried, lo := bits.Mul64(a.Lo, uint64(n))
	hi, carry := bits.Add64(high, carried, 0)
	if over != 0 || carry != 0 {
		return most()
	}
	return Uint128{hi, lo}
}

// Quo is a / d rounded down, of a positive d: at most [math.MaxInt64].
func (a Uint128) Quo(d int64) int64 {
	if a.Hi >= uint64(d) {
		return math.MaxInt64
	}
	q, _ := bits.Div64(a.Hi, a.Lo, uint64(d))
	return int64(min(q, math.MaxInt64))
}

// Over reports whether a > b.
func (a Uint128) Over(b Uint128) bool { return a.Hi > b.Hi || a.Hi == b.Hi && a.Lo > b.Lo }

// Float is a as a float64, rounded once for each half: the same on every machine.
func (a Uint128) Float() float64 { return float64(float64(a.Hi)*0x1p64) + float64(a.Lo) }

// Big is a as a big integer.
func (a Uint128) Big() *big.Int {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], a.Hi)
	binary.BigEndian.PutUint64(b[8:], a.Lo)
	return new(big.Int).SetBytes(b[:])
}

// OfBig is n, which is not negative.
func OfBig(n *big.Int) Uint128 {
	if n.BitLen() > 128 {
		return most()
	}
	var b [16]byte
	n.FillBytes(b[:])
	return Uint128{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}

// MulDiv is a × b / c rounded down: at most [math.MaxInt64]. a and b are at least
// 0, c at least 1.
func MulDiv(a, b, c int64) int64 { return Product(uint64(a), uint64(b)).Quo(c) }

// MulDivUp is the same rounded up.
func MulDivUp(a, b, c int64) int64 {
	return Product(uint64(a), uint64(b)).Plus(Uint128{Lo: uint64(c - 1)}).Quo(c)
}

// Compare compares the fractions a/b and c/d, of numbers that are not negative and
// denominators that may be 0, which makes a fraction of a positive numerator the largest.
func Compare(a, b, c, d int64) int {
	x, y := Product(uint64(a), uint64(d)), Product(uint64(c), uint64(b))
	switch {
	case x.Over(y):
		return 1
	case y.Over(x):
		return -1
	}
	return 0
}

// GCD is the greatest common divisor of two numbers that are not negative, nor both 0.
func GCD(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
