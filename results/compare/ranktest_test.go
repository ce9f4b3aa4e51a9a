package compare

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"
)

// permuted is the p-value by going through every way to deal the values: the
// definition, and too slow for more than a few. U counts, twice, how many values
// of the other side each of a side exceeds; ties count half.
func permuted(a, b []float64) float64 {
	all := append(append([]float64{}, a...), b...)
	exceeds := make([]int, len(all)) // any value; within a side that is the same in every deal
	for i, x := range all {
		for j, y := range all {
			switch {
			case i == j || x < y:
			case x > y:
				exceeds[i] += 2
			default:
				exceeds[i]++
			}
		}
	}
	u := func(set uint) (sum int) {
		for ; set != 0; set &= set - 1 {
			sum += exceeds[bits.TrailingZeros(set)]
		}
		return sum
	}
	first := uint(1)<<len(a) - 1
	seen := u(first)
	var total, below, above float64
	for set := first; set < 1<<len(all); {
		total++
		v := u(set)
		if v <= seen {
			below++
		}
		if v >= seen {
			above++
		}
		low := set & -set // and then the next set of as many
		set = ((set+low)^set)>>2/low | (set + low)
	}
	return min(1, 2*min(below, above)/total)
}

// sample draws n values of so many levels; many levels mean no ties to speak of.
func sample(r *rand.Rand, n, levels int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = float64(r.IntN(levels))
	}
	return values
}

// TestRankTestIsExact: on 10,000 random pairs of samples of every size from 4+4 to
// 8+8, with two levels, three and so many that there are hardly ties, and mirrored.
func TestRankTestIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(12, 119))
	for i := range 10_000 {
		levels := []int{2, 3, 1 << 30}[i%3]
		checkRankTest(t, sample(r, 4+i/3%5, levels), sample(r, 4+i/15%5, levels))
	}
}

// TestRankTestIsExactOfFew: of any size.
func TestRankTestIsExactOfFew(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for na := 1; na <= 5; na++ {
		for nb := 1; nb <= 9; nb++ {
			for _, levels := range []int{1, 2, 5, 1 << 30} {
				checkRankTest(t, sample(r, na, levels), sample(r, nb, levels))
			}
		}
	}
}

func checkRankTest(t testing.TB, a, b []float64) {
	t.Helper()
	got, back, want := rankTest(a, b), rankTest(b, a), permuted(a, b)
	if math.Abs(got-want) > 1e-9 || got != back {
		t.Errorf("p of %v and %v is %.12f, and %.12f of both swapped; want %.12f", a, b, got, back, want)
	}
}

// TestRankTestOfTies: the pair by which the doubling of one tail was found out.
func TestRankTestOfTies(t *testing.T) {
	a, b := []float64{11, 12, 11, 11, 11}, []float64{10, 11, 10, 11}
	if forth, back := rankTest(a, b), rankTest(b, a); math.Abs(forth-30./126) > 1e-12 || forth != back {
		t.Errorf("p is %v, and %v of both swapped; want 0.238", forth, back)
	}
	for _, one := range [][]float64{{7, 7, 7, 7}, {0, 0, 0, 0, 0}} {
		if p := rankTest(one, one); p != 1 {
			t.Errorf("p of equal values is %v; want 1", p)
		}
	}
	if p := rankTest([]float64{math.Inf(1), 1, 2, 3}, []float64{math.Inf(1), math.Inf(1), math.Inf(1), 9}); p <= 0 || p > 1 {
		t.Errorf("p with infinite values is %v", p)
	}
}

// TestManyValuesAreNormal: where the distribution is no longer counted out, it
// agrees with that of a few less.
func TestManyValuesAreNormal(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	for _, levels := range []int{5, 1 << 30} {
		for range 5 {
			a, b := sample(r, 32, levels), sample(r, 32, levels)
			groups, sum := ranks(a, b)
			if exact, normal := rankTest(a, b), normalTest(groups, 32, 32, sum); math.Abs(exact-normal) > 0.02 {
				t.Errorf("p is %v by counting and %v by the normal distribution", exact, normal)
			}
		}
	}
	if p := rankTest(sample(r, 400, 1), sample(r, 300, 1)); p != 1 {
		t.Errorf("p of equal values is %v; want 1", p)
	}
}
