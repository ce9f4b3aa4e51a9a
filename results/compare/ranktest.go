package compare

import (
	"math"
	"slices"
)

// exactUpTo is how many values there may be for the distribution to be counted
// out; with more, the normal one differs from it by less than repeats could tell.
const exactUpTo = 64

// rankTest is the p-value of the Mann-Whitney test, two-sided: how likely two
// samples of one distribution are to differ in rank at least so much. Swapped
// samples have the same.
//
// It is min(1, 2·min(P(U ≤ u), P(U ≥ u))) over all ways to deal the values that
// there are, ties included, between the sides. Of a distribution that ties make
// lopsided, twice one tail is not twice the other, which is why both are looked at.
func rankTest(a, b []float64) float64 {
	if len(a) > len(b) {
		a, b = b, a
	}
	groups, sum := ranks(a, b)
	if len(a)+len(b) > exactUpTo {
		return normalTest(groups, len(a), len(b), sum)
	}
	ways := deals(groups, len(a))
	var all, below, above float64
	for s, n := range ways {
		all += n
		if s <= sum {
			below += n
		}
		if s >= sum {
			above += n
		}
	}
	return min(1, 2*min(below, above)/all)
}

// tie is a group of equal values: how many there are, and the rank that all of
// them share, twice, so that it is a whole number.
type tie struct{ size, rank int }

// ranks sorts all values into groups, and adds up the ranks of a.
func ranks(a, b []float64) (groups []tie, sum int) {
	all := slices.Sorted(slices.Values(slices.Concat(a, b)))
	for from := 0; from < len(all); {
		to := from + 1
		for to < len(all) && all[to] == all[from] {
			to++
		}
		group := tie{to - from, from + 1 + to}
		for _, v := range a {
			if v == all[from] {
				sum += group.rank
			}
		}
		groups, from = append(groups, group), to
	}
	return groups, sum
}

// deals counts the ways to deal n of the values to one side, by the sum of their
// ranks. Counts are whole numbers until they are beyond 2^53, and then right to
// as many digits.
func deals(groups []tie, n int) []float64 {
	most := 0 // the n highest ranks
	left := n
	for _, g := range slices.Backward(groups) {
		k := min(left, g.size)
		most, left = most+k*g.rank, left-k
	}
	ways := make([][]float64, n+1) // by how many were dealt, then by their sum
	for k := range ways {
		ways[k] = make([]float64, most+1)
	}
	ways[0][0] = 1
	for _, g := range groups {
		for dealt := n; dealt > 0; dealt-- {
			choose := 1.0
			for k := 1; k <= min(dealt, g.size); k++ {
				choose = choose * float64(g.size-k+1) / float64(k)
				from, to, shift := ways[dealt-k], ways[dealt], k*g.rank
				for s := shift; s <= most; s++ {
					to[s] += choose * from[s-shift]
				}
			}
		}
	}
	return ways[n]
}

// normalTest is the approximation for many values, corrected for ties and for
// the steps between sums, which with few different values are long.
func normalTest(groups []tie, na, nb, sum int) float64 {
	n, ties, step := float64(na+nb), 0.0, 0
	for i, g := range groups {
		t := float64(g.size)
		ties += t*t*t - t
		if i > 0 {
			step = gcd(g.rank-groups[i-1].rank, step)
		}
	}
	variance := float64(na) * float64(nb) / 12 * (n + 1 - ties/(n*(n-1)))
	if variance <= 0 {
		return 1 // all values are one
	}
	off := math.Abs(float64(sum)/2 - float64(na)*(n+1)/2)
	return min(1, math.Erfc(max(off-float64(step)/4, 0)/math.Sqrt(2*variance)))
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
