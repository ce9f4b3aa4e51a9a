package oracle

import (
	"math"
	"math/big"
	"testing"
)

func (w wide) big() *big.Int {
	b := new(big.Int).SetUint64(w.hi)
	return b.Lsh(b, 64).Or(b, new(big.Int).SetUint64(w.lo))
}

func FuzzWide(f *testing.F) {
	f.Add(uint64(0), uint64(0), uint64(0), uint64(0), int64(1))
	f.Add(uint64(0), uint64(math.MaxUint64), uint64(0), uint64(1), int64(3))
	f.Add(uint64(math.MaxUint64), uint64(math.MaxUint64), uint64(0), uint64(1), int64(math.MaxInt64))
	f.Add(uint64(1), uint64(0), uint64(0), uint64(1), int64(7))
	f.Fuzz(func(t *testing.T, ahi, alo, bhi, blo uint64, d int64) {
		a, b, d := wide{ahi, alo}, wide{bhi, blo}, max(d, 1)
		most := wide{math.MaxUint64, math.MaxUint64}.big()
		if got, want := a.plus(b).big(), new(big.Int).Add(a.big(), b.big()); got.Cmp(smaller(want, most)) != 0 {
			t.Errorf("%v plus %v is %v", a, b, got)
		}
		difference := new(big.Int).Sub(a.big(), b.big())
		if difference.Sign() < 0 {
			difference.SetInt64(0)
		}
		if got := a.minus(b).big(); got.Cmp(difference) != 0 {
			t.Errorf("%v minus %v is %v; want %v", a, b, got, difference)
		}
		if got, want := a.times(d).big(), new(big.Int).Mul(a.big(), big.NewInt(d)); got.Cmp(smaller(want, most)) != 0 {
			t.Errorf("%v times %d is %v", a, d, got)
		}
		if got, want := a.over(b), a.big().Cmp(b.big()) > 0; got != want {
			t.Errorf("%v over %v is %v", a, b, got)
		}
		quotient := smaller(new(big.Int).Div(a.big(), big.NewInt(d)), big.NewInt(math.MaxInt64))
		if got := a.quo(d); got != quotient.Int64() {
			t.Errorf("%v quo %d is %d; want %v", a, d, got, quotient)
		}
		wantCeil(t, a, d)
	})
}

func smaller(a, b *big.Int) *big.Int {
	if a.Cmp(b) < 0 {
		return a
	}
	return b
}

func wantCeil(t *testing.T, a wide, d int64) {
	t.Helper()
	exact, got := new(big.Rat).SetFrac(a.big(), big.NewInt(d)), a.ceilFloat(d)
	below := math.Nextafter(got, math.Inf(-1))
	if new(big.Rat).SetFloat64(got).Cmp(exact) < 0 || new(big.Rat).SetFloat64(below).Cmp(exact) >= 0 {
		t.Errorf("%v/%d rounded up is %v; want the least float not below it", a, d, got)
	}
}

func FuzzProduct(f *testing.F) {
	f.Add(int64(math.MaxInt64), int64(math.MaxInt64))
	f.Add(int64(0), int64(5))
	f.Fuzz(func(t *testing.T, a, b int64) {
		a, b = a&math.MaxInt64, b&math.MaxInt64
		if got, want := product(a, b).big(), new(big.Int).Mul(big.NewInt(a), big.NewInt(b)); got.Cmp(want) != 0 {
			t.Errorf("%d by %d is %v; want %v", a, b, got, want)
		}
	})
}
