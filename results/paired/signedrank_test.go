package paired

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// bySigns is the test by trying every sign that the differences could have had.
func bySigns(d []float64) (worse, better float64) {
	statistic := func(signs int) (t float64) { // twice the Walsh averages above 0, and once those at 0
		for i := range d {
			for k := range d[:i+1] {
				a, b := math.Abs(d[i]), math.Abs(d[k])
				if signs>>i&1 == 1 {
					a = -a
				}
				if signs>>k&1 == 1 {
					b = -b
				}
				switch {
				case a+b > 0:
					t += 2
				case a+b == 0:
					t++
				}
			}
		}
		return t
	}
	seen := 0
	for i, v := range d {
		if v < 0 {
			seen |= 1 << i
		}
	}
	is := statistic(seen)
	for signs := range 1 << len(d) {
		switch t := statistic(signs); {
		case t > is:
			worse++
		case t < is:
			better++
		default:
			worse++
			better++
		}
	}
	all := math.Ldexp(1, len(d))
	return worse / all, better / all
}

// The test is what trying all signs gives, with ties and with zeros.
func TestSignedRankBySigns(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	tables := tablesUpTo(10)
	for n := 1; n <= 10; n++ {
		for _, values := range []int{1, 2, 3, 6, 1000} { // few values are many ties
			for range 6 {
				d := make([]float64, n)
				for i := range d {
					d[i] = float64(r.IntN(2*values+1) - values)
				}
				worse, better := signedRank(d, tables, make([]ranked, n), make([]float64, n*(n+1)+1))
				if w, b := bySigns(d); math.Abs(worse-w) > 1e-12 || math.Abs(better-b) > 1e-12 {
					t.Fatalf("p of %v is %v and %v; want %v and %v", d, worse, better, w, b)
				}
			}
		}
	}
}

// The places of bounds that tables of the signed-rank test have.
func TestCritical(t *testing.T) {
	tables := tablesUpTo(20)
	for _, c := range []struct {
		n     int
		alpha float64
		k     int
	}{{8, .01, 1}, {10, .01, 5}, {14, .01, 15}, {20, .01, 43}, {8, .05, 5}, {10, .05, 10}, {14, .05, 25}, {20, .05, 60}, {8, .004, 0}, {7, .004, -1}} {
		if k := tables.critical(c.n, c.alpha); k != c.k {
			t.Errorf("critical of %d at %v is %d; want %d", c.n, c.alpha, k, c.k)
		}
	}
}

func TestWalsh(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for n := 1; n <= 30; n++ {
		d := make([]float64, n)
		for i := range d {
			d[i] = float64(r.IntN(20))
		}
		w := walsh(d, nil)
		if len(w) != n*(n+1)/2 {
			t.Fatalf("%d differences have %d averages", n, len(w))
		}
		sorted := slices.Sorted(slices.Values(w))
		for k := range w {
			if v := nth(slices.Clone(w), k); v != sorted[k] {
				t.Fatalf("place %d of %v is %v", k, sorted, v)
			}
		}
		if m, want := middle(w), (sorted[(len(w)-1)/2]+sorted[len(w)/2])/2; m != want {
			t.Fatalf("median of %v is %v; want %v", sorted, m, want)
		}
	}
}
