package oracle

import (
	"math"
	"math/big"

	"github.com/fcbench/fcbench/internal/whole"
)

// wide holds levels. It saturates: below at 0, which is what a level means by
// empty, and above at 2^128−1, which takes at least 2^65 tokens of debt. Even that
// spoils no judgement: capacities are below 2^126, and so is all that a bucket can
// drain before its clock ends at 2^63 ns, so that a level which saturated would
// stay above the capacity anyway.
type wide = whole.Uint128

// product multiplies two numbers that are not negative.
func product(a, b int64) wide { return whole.Product(uint64(a), uint64(b)) }

// ceilFloat is the least float64 that is not below w/d, for a positive d.
func ceilFloat(w wide, d int64) float64 {
	exact := new(big.Rat).SetFrac(w.Big(), big.NewInt(d))
	f, _ := exact.Float64()
	if new(big.Rat).SetFloat64(f).Cmp(exact) < 0 {
		f = math.Nextafter(f, math.Inf(1))
	}
	return f
}

// sum adds two counts of tokens, at most [math.MaxInt64].
func sum(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
