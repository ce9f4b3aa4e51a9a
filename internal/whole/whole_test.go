package whole

import (
	"math"
	"math/big"
	"testing"
)

// FuzzUint128 compares with big integers.
func FuzzUint128(f *testing.F) {
	const most = math.MaxUint64
	f.Add(uint64(0), uint64(0), uint64(0), uint64(0), int64(1))
	f.Add(uint64(0), uint64(most), uint64(0), uint64(1), int64(3))
	f.Add(uint64(most), uint64(most), uint64(0), uint64(1), int64(math.MaxInt64))
	f.Add(uint64(1), uint64(0), uint64(0), uint64(1), int64(7))
	f.Add(uint64(5), uint64(6), uint64(5), uint64(7), int64(2))
	f.Fuzz(func(t *testing.T, ahi, alo, bhi, blo uint64, d int64) {
		a, b, d := Uint128{ahi, alo}, Uint128{bhi, blo}, max(d, 1)
		A, B, D := a.Big(), b.Big(), big.NewInt(d)
		circle := new(big.Int).Lsh(big.NewInt(1), 128)
		for _, tt := range []struct {
			what string
			got  Uint128
			want *big.Int
		}{
			{"plus", a.Plus(b), clip(new(big.Int).Add(A, B))},
			{"plus around", a.PlusAround(b), new(big.Int).Mod(new(big.Int).Add(A, B), circle)},
			{"minus", a.Minus(b), clip(new(big.Int).Sub(A, B))},
			{"times", a.Times(d), clip(new(big.Int).Mul(A, D))},
			{"product", Product(ahi, blo), new(big.Int).Mul(new(big.Int).SetUint64(ahi), new(big.Int).SetUint64(blo))},
			{"of big", OfBig(new(big.Int).Mul(A, D)), clip(new(big.Int).Mul(A, D))},
		} {
			if tt.got.Big().Cmp(tt.want) != 0 {
				t.Errorf("%v %s %v (%d) is %v; want %v", A, tt.what, B, d, tt.got.Big(), tt.want)
			}
		}
		if got, want := a.Over(b), A.Cmp(B) > 0; got != want {
			t.Errorf("%v over %v is %v", a, b, got)
		}
		if got, want := a.Quo(d), signed(new(big.Int).Div(A, D)); got != want {
			t.Errorf("%v quo %d is %d; want %d", A, d, got, want)
		}
		want, _ := new(big.Float).SetInt(A).Float64()
		if got := a.Float(); math.Abs(got-want) > want*0x1p-51 {
			t.Errorf("%v as a float is %v; want %v", A, got, want)
		}
	})
}

// clip ends where the numbers do.
func clip(n *big.Int) *big.Int {
	switch {
	case n.Sign() < 0:
		return new(big.Int)
	case n.BitLen() > 128:
		return most().Big()
	}
	return n
}

func signed(n *big.Int) int64 {
	if !n.IsInt64() {
		return math.MaxInt64
	}
	return n.Int64()
}

// FuzzFractions compares with big rationals.
func FuzzFractions(f *testing.F) {
	f.Add(int64(1), int64(2), int64(3), int64(4))
	f.Add(int64(math.MaxInt64), int64(math.MaxInt64), int64(1), int64(math.MaxInt64))
	f.Add(int64(math.MaxInt64), int64(math.MaxInt64), int64(math.MaxInt64), int64(1))
	f.Add(int64(6), int64(4), int64(3), int64(2))
	f.Fuzz(func(t *testing.T, a, b, c, d int64) {
		a, b, c, d = a&math.MaxInt64, b&math.MaxInt64, max(c, 1), max(d, 1)
		quotient, rest := new(big.Int).DivMod(new(big.Int).Mul(big.NewInt(a), big.NewInt(b)), big.NewInt(c), new(big.Int))
		if got, want := MulDiv(a, b, c), signed(quotient); got != want {
			t.Errorf("%d × %d / %d is %d; want %d", a, b, c, got, want)
		}
		if rest.Sign() > 0 {
			quotient.Add(quotient, big.NewInt(1))
		}
		if got, want := MulDivUp(a, b, c), signed(quotient); got != want {
			t.Errorf("%d × %d / %d rounded up is %d; want %d", a, b, c, got, want)
		}
		if got, want := Compare(a, c, b, d), big.NewRat(a, c).Cmp(big.NewRat(b, d)); got != want {
			t.Errorf("%d/%d against %d/%d is %d; want %d", a, c, b, d, got, want)
		}
		if got, want := GCD(a, c), new(big.Int).GCD(nil, nil, big.NewInt(a), big.NewInt(c)); want.Cmp(big.NewInt(got)) != 0 {
			t.Errorf("gcd of %d and %d is %d; want %v", a, c, got, want)
		}
	})
}
