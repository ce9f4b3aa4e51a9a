package oracle

import (
	"math"
	"math/big"
	"testing"
)

func FuzzCeilFloat(f *testing.F) {
	f.Add(uint64(0), uint64(0), int64(1))
	f.Add(uint64(math.MaxUint64), uint64(math.MaxUint64), int64(math.MaxInt64))
	f.Add(uint64(1), uint64(0), int64(7))
	f.Fuzz(func(t *testing.T, hi, lo uint64, d int64) { wantCeil(t, wide{Hi: hi, Lo: lo}, max(d, 1)) })
}

func wantCeil(t *testing.T, a wide, d int64) {
	t.Helper()
	exact, got := new(big.Rat).SetFrac(a.Big(), big.NewInt(d)), ceilFloat(a, d)
	below := math.Nextafter(got, math.Inf(-1))
	if new(big.Rat).SetFloat64(got).Cmp(exact) < 0 || new(big.Rat).SetFloat64(below).Cmp(exact) >= 0 {
		t.Errorf("%v/%d rounded up is %v; want the least float not below it", a, d, got)
	}
}

func smaller(a, b *big.Int) *big.Int {
	if a.Cmp(b) < 0 {
		return a
	}
	return b
}
