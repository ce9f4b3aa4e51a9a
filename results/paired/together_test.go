package paired

import (
	"math"
	"math/rand/v2"
	"testing"
)

// column draws differences of which some are equal and some are 0, as of coarse clocks.
func column(r *rand.Rand, n int, shift float64) []float64 {
	d := make([]float64, n)
	for i := range d {
		d[i] = math.Round(4*(r.NormFloat64()+shift)) / 4
	}
	return d
}

// One column has the p-value of the signed-rank test, ties, zeros and all.
func TestTogetherOfOneIsSigned(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 5, 6, 8, 11, 14} {
		for range 5 {
			d := column(r, n, 0.5)
			if got, want := Together([][]float64{d})[0], Signed(d, 0.05).P; math.Abs(got-want) > 1e-12 {
				t.Errorf("%v: %v; want %v", d, got, want)
			}
		}
	}
}

// Of several columns the largest sum counts, in whatever order signs are turned.
func TestTogetherAgainstEveryTurn(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		columns := [][]float64{column(r, 7, 1), column(r, 7, 0), column(r, 7, -0.5)}
		got := Together(columns)
		for c, want := range everyTurn(columns) {
			if math.Abs(got[c]-want) > 1e-12 {
				t.Fatalf("%v: %v; want %v of column %d", columns, got, want, c)
			}
			if alone := Signed(columns[c], 0.05).P; got[c] < alone-1e-12 {
				t.Fatalf("%v: column %d has %v, and alone %v", columns, c, got[c], alone)
			}
		}
	}
}

// everyTurn is Together, slowly.
func everyTurn(columns [][]float64) []float64 {
	n := len(columns[0])
	sum := func(c, turned int) (s int) {
		for i, r := range signedRanks(columns[c]) {
			if turned>>i&1 == 1 {
				r = -r
			}
			s += r
		}
		return size(s)
	}
	p := make([]float64, len(columns))
	for turned := range 1 << n {
		most := 0
		for c := range columns {
			most = max(most, sum(c, turned))
		}
		for c := range columns {
			if most >= sum(c, 0) {
				p[c] += 1 / float64(int(1)<<n)
			}
		}
	}
	return p
}

// What goes up and down together costs nothing more; what has nothing to do with each
// other costs no more than as often as there are columns; and sides may be swapped.
func TestTogetherCosts(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	d := column(r, 10, 1)
	alone := Signed(d, 0.05).P
	if p := Together([][]float64{d, d, d, d}); p[0] != alone || p[3] != alone {
		t.Errorf("the same four times: %v; want %v", p, alone)
	}
	columns := [][]float64{d, column(r, 10, 0), column(r, 10, 0)}
	p := Together(columns)
	if p[0] > 3*alone+1e-12 || p[0] < alone {
		t.Errorf("of three: %v; want %v to three times that", p[0], alone)
	}
	for c := range columns {
		for i := range columns[c] {
			columns[c][i] = -columns[c][i]
		}
	}
	for c, swapped := range Together(columns) {
		if swapped != p[c] {
			t.Errorf("swapped, column %d has %v; want %v", c, swapped, p[c])
		}
	}
	long := make([]float64, turnedUpTo+1)
	for i := range long {
		long[i] = float64(i + 1)
	}
	if p := Together([][]float64{long, long}); p[0] != math.Ldexp(1, 1-len(long))*2 {
		t.Errorf("beyond what is counted out: %v; want twice the p-value of one", p)
	}
	if Together(nil) != nil || Together([][]float64{{}})[0] != 1 {
		t.Error("of nothing, p is not 1")
	}
}
