package generators

import (
	"math/big"
	"math/bits"
	"math/rand/v2"
	"testing"
)

func (a u128) big() *big.Int {
	n := new(big.Int).SetUint64(a.hi)
	return n.Lsh(n, 64).Add(n, new(big.Int).SetUint64(a.lo))
}

func (a u192) big() *big.Int {
	n := u128{a.hi, a.mid}.big()
	return n.Lsh(n, 64).Add(n, new(big.Int).SetUint64(a.lo))
}

// TestWide compares the wide integers with math/big, with operands of all lengths.
func TestWide(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	random := func() uint64 { return r.Uint64() >> r.UintN(64) >> 1 }
	for range 100_000 {
		a, b, c, d := random(), random(), random(), random()
		p, q := product(a, b), product(c, d)
		pBig, qBig := p.big(), q.big()
		if want := new(big.Int).Mul(new(big.Int).SetUint64(a), new(big.Int).SetUint64(b)); pBig.Cmp(want) != 0 {
			t.Fatalf("%d × %d = %v; want %v", a, b, pBig, want)
		}
		if got, want := p.plus(q).big(), new(big.Int).Add(pBig, qBig); got.Cmp(want) != 0 {
			t.Fatalf("%v + %v = %v", pBig, qBig, got)
		}
		if got := p.less(q); got != (pBig.Cmp(qBig) < 0) {
			t.Fatalf("%v < %v is %v", pBig, qBig, got)
		}
		if p.less(q) {
			p, q, pBig, qBig = q, p, qBig, pBig
		}
		if got, want := p.sub(q).big(), new(big.Int).Sub(pBig, qBig); got.Cmp(want) != 0 {
			t.Fatalf("%v - %v = %v", pBig, qBig, got)
		}
		x, y := p.times(c), q.times(a)
		xBig, yBig := x.big(), y.big()
		if want := new(big.Int).Mul(pBig, new(big.Int).SetUint64(c)); xBig.Cmp(want) != 0 {
			t.Fatalf("%v × %d = %v", pBig, c, xBig)
		}
		if got, want := x.add(y).big(), new(big.Int).Add(xBig, yBig); got.Cmp(want) != 0 {
			t.Fatalf("%v + %v = %v", xBig, yBig, got)
		}
		if got := x.less(y); got != (xBig.Cmp(yBig) < 0) {
			t.Fatalf("%v < %v is %v", xBig, yBig, got)
		}
	}
}

// ones returns how many bits of a and b differ.
func ones(a, b u128) int { return bits.OnesCount64(a.hi^b.hi) + bits.OnesCount64(a.lo^b.lo) }
