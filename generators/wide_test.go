package generators

import (
	"math/big"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/fcbench/fcbench/internal/whole"
)

func (a u192) big() *big.Int {
	n := u128{Hi: a.hi, Lo: a.mid}.Big()
	return n.Lsh(n, 64).Add(n, new(big.Int).SetUint64(a.lo))
}

// TestWide compares the wide integers with math/big, with operands of all lengths.
func TestWide(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	random := func() uint64 { return r.Uint64() >> r.UintN(64) >> 1 }
	for range 100_000 {
		p, q, c, d := whole.Product(random(), random()), whole.Product(random(), random()), random(), random()
		x, y := times(p, c), times(q, d)
		xBig, yBig := x.big(), y.big()
		if want := new(big.Int).Mul(p.Big(), new(big.Int).SetUint64(c)); xBig.Cmp(want) != 0 {
			t.Fatalf("%v × %d = %v", p, c, xBig)
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
func ones(a, b u128) int { return bits.OnesCount64(a.Hi^b.Hi) + bits.OnesCount64(a.Lo^b.Lo) }
