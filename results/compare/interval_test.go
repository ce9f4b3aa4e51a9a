package compare

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/fcbench/fcbench/results"
)

var latency = results.Metric{Path: "response.ok.p99", Unit: results.UnitNS, Better: results.Lower}

// excludesZero reports whether a bound says that there is a difference.
func (i Interval) excludesZero() bool { return i.Known && (i.Lower > 0 || i.Upper < 0) }

// lognormal makes n values without ties.
func lognormal(r *rand.Rand, n int, shift float64) (all []float64) {
	for range n {
		all = append(all, 1e6*math.Exp(shift+0.1*r.NormFloat64()))
	}
	return all
}

// An interval leaves out no difference exactly where the test finds one, paired or not,
// and swapping the sides mirrors it.
func TestIntervalsAgreeWithTests(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	found := 0
	for round := range 150 {
		n := 6 + round%20
		a, b := lognormal(r, n, 0), lognormal(r, n, 0.1)
		in, p := pairedTest(latency, a, b, alpha)
		back, q := pairedTest(latency, b, a, alpha)
		if in.excludesZero() != (p <= alpha) || p != q {
			t.Fatalf("paired: %+v with p = %v; swapped %v", in, p, q)
		}
		mirrors := func(x, y float64) bool { return math.Abs((1+x)*(1+y)-1) < 1e-9 }
		if !mirrors(in.Estimate, back.Estimate) || !mirrors(in.Lower, back.Upper) {
			t.Fatalf("paired: %+v and %+v are no mirrors", in, back)
		}
		few := lognormal(r, 4+round%5, 0)
		two, back := apart(latency, few, b, alpha), apart(latency, b, few, alpha)
		if p := rankTest(few, b); two.excludesZero() != (p <= alpha) || !two.Ratio {
			t.Fatalf("apart: %+v with p = %v of %d and %d", two, p, len(few), n)
		}
		if !mirrors(two.Estimate, back.Estimate) || !mirrors(two.Lower, back.Upper) {
			t.Fatalf("apart: %+v and %+v are no mirrors", two, back)
		}
		if in.excludesZero() {
			found++
		}
	}
	if found < 20 || found > 130 {
		t.Errorf("%d of 150 are found; the test says nothing", found)
	}
}

// Intervals hold the truth as often as they say, also of values with many ties.
func TestIntervalsHoldTheTruth(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 9))
	count := results.Metric{Path: "outcomes.failed", Unit: results.UnitCount, Better: results.Lower}
	heldPaired, heldApart, rounds := 0, 0, 500
	for range rounds {
		a, b := make([]float64, 8), make([]float64, 8)
		for i := range a {
			a[i], b[i] = float64(r.IntN(5)), 2+float64(r.IntN(5))
		}
		if in, _ := pairedTest(count, a, b, alpha); in.Known && in.Lower <= 2 && 2 <= in.Upper {
			heldPaired++
		}
		if in := apart(count, a, b, alpha); in.Known && in.Lower <= 2 && 2 <= in.Upper {
			heldApart++
		}
	}
	if least := int(0.94 * float64(rounds)); heldPaired < least || heldApart < least {
		t.Errorf("held are %d and %d of %d; want at least %d", heldPaired, heldApart, rounds, least)
	}
}

// The places of bounds of two groups are those that dealing all values gives.
func TestCriticalRank(t *testing.T) {
	for _, c := range []struct{ na, nb, k int }{{3, 3, -1}, {4, 4, 0}, {5, 5, 2}, {6, 6, 5}, {8, 8, 13}, {10, 10, 23}, {4, 10, 5}, {20, 20, 127}} {
		if k, back := criticalRank(c.na, c.nb, 0.025), criticalRank(c.nb, c.na, 0.025); k != c.k || back != k {
			t.Errorf("%d and %d: %d, swapped %d; want %d", c.na, c.nb, k, back, c.k)
		}
	}
	if k := criticalRank(33, 32, 0.025); math.Abs(float64(k)-377) > 2 { // normal
		t.Errorf("33 and 32: %d", k)
	}
}

// What is infinite has no interval, and what may be 0 none of ratios.
func TestScales(t *testing.T) {
	inf := math.Inf(1)
	if in, p := pairedTest(latency, []float64{1, 2, 3, 4, 5, 6}, []float64{inf, inf, inf, inf, inf, inf}, alpha); in.Known || p > alpha {
		t.Errorf("of infinite values: %+v, p = %v; want no interval, and a difference", in, p)
	}
	if in, p := pairedTest(latency, []float64{inf, inf, inf, inf, inf, inf}, []float64{inf, inf, inf, inf, inf, inf}, alpha); p != 1 || in.excludesZero() {
		t.Errorf("of infinite values on both sides: %+v, p = %v", in, p)
	}
	if in := apart(latency, []float64{0, 1, 2, 3}, []float64{1, 2, 3, 4}, alpha); in.Ratio || !in.Known || in.Estimate != 1 {
		t.Errorf("with a 0: %+v; want a difference of 1", in)
	}
}
