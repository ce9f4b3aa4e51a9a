package oracle

import (
	"encoding/binary"
	"math"
	"math/big"
	"math/bits"
)

// wide is an unsigned integer of 128 bits. It saturates: below at 0, which is
// what a level means by empty, and above at 2^128−1, which takes at least 2^65
// tokens of debt. Even that spoils no judgement: capacities are below 2^126,
// and so is all that a bucket can drain before its clock ends at 2^63 ns, so
// that a level which saturated would stay above the capacity anyway.
type wide struct{ hi, lo uint64 }

// product multiplies two numbers that are not negative.
func product(a, b int64) wide {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	return wide{hi, lo}
}

func (w wide) plus(x wide) wide {
	lo, carry := bits.Add64(w.lo, x.lo, 0)
	hi, carry := bits.Add64(w.hi, x.hi, carry)
	if carry != 0 {
		return wide{math.MaxUint64, math.MaxUint64}
	}
	return wide{hi, lo}
}

func (w wide) minus(x wide) wide {
	lo, borrow := bits.Sub64(w.lo, x.lo, 0)
	hi, borrow := bits.Sub64(w.hi, x.hi, borrow)
	if borrow != 0 {
		return wide{}
	}
	return wide{hi, lo}
}

// times multiplies with a number that is not negative.
func (w wide) times(d int64) wide {
	over, high := bits.Mul64(w.hi, uint64(d))
	carried, lo := bits.Mul64(w.lo, uint64(d))
	hi, carry := bits.Add64(high, carried, 0)
	if over != 0 || carry != 0 {
		return wide{math.MaxUint64, math.MaxUint64}
	}
	return wide{hi, lo}
}

func (w wide) over(x wide) bool {
	return w.hi > x.hi || w.hi == x.hi && w.lo > x.lo
}

// quo is ⌊w/d⌋ for a positive d, at most [math.MaxInt64].
func (w wide) quo(d int64) int64 {
	if w.hi >= uint64(d) {
		return math.MaxInt64
	}
	q, _ := bits.Div64(w.hi, w.lo, uint64(d))
	return int64(min(q, math.MaxInt64))
}

// ceilFloat is the least float64 that is not below w/d, for a positive d.
func (w wide) ceilFloat(d int64) float64 {
	exact := new(big.Rat).SetFrac(w.int(), big.NewInt(d))
	f, _ := exact.Float64()
	if new(big.Rat).SetFloat64(f).Cmp(exact) < 0 {
		f = math.Nextafter(f, math.Inf(1))
	}
	return f
}

func (w wide) int() *big.Int {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], w.hi)
	binary.BigEndian.PutUint64(b[8:], w.lo)
	return new(big.Int).SetBytes(b[:])
}

// wideOf is a number that is not negative, or the largest where that is smaller.
func wideOf(n *big.Int) wide {
	if n.BitLen() > 128 {
		return wide{math.MaxUint64, math.MaxUint64}
	}
	var b [16]byte
	n.FillBytes(b[:])
	return wide{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}

// sum adds two counts of tokens, at most [math.MaxInt64].
func sum(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
