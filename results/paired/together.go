package paired

// turnedUpTo is how many pairs every turn of the signs is counted out for: half a million.
// Of more, the least p-value is so small that it can be multiplied by any number of columns.
const turnedUpTo = 20

// Together are the two-sided p-values of several columns of differences, of which those at
// one index are of one pair; each counts that all columns were looked at. It is the share
// of all ways to turn the signs of whole pairs of which the largest signed-rank sum of any
// column is at least that of the column itself (Westfall and Young). Columns that go up
// and down together, as quantiles do, cost little, where a multiple of p costs as if they
// had nothing to do with each other. It is exact up to 20 pairs, and the multiple beyond.
func Together(columns [][]float64) []float64 {
	if len(columns) == 0 {
		return nil
	}
	n := len(columns[0])
	if n == 0 || n > turnedUpTo {
		return multiples(columns)
	}
	ranks := make([][]int, n) // twice, with signs, by pair
	sums := make([]int, len(columns))
	for i := range ranks {
		ranks[i] = make([]int, len(columns))
	}
	for c, d := range columns {
		for i, r := range signedRanks(d) {
			ranks[i][c] = r
			sums[c] += r
		}
	}
	found := make([]int, len(sums))
	for c, s := range sums {
		found[c] = size(s)
	}
	atLeast := turn(ranks, sums)
	p := make([]float64, len(columns))
	for c, s := range found {
		p[c] = float64(atLeast[s]) / float64(atLeast[0])
	}
	return p
}

// turn tries every way to turn signs, but for that of the last pair: all turned has the
// same sums, turned. What it returns is how often the largest sum was at least so large.
func turn(ranks [][]int, sums []int) (atLeast []int) {
	n := len(ranks)
	atLeast = make([]int, n*(n+1)+1)
	atLeast[largestOf(sums)]++
	for step := 1; step < 1<<(n-1); step++ { // of which each turns one sign (Gray)
		i := 0
		for step>>i&1 == 0 {
			i++
		}
		for c, r := range ranks[i] {
			sums[c] -= 2 * r
			ranks[i][c] = -r
		}
		atLeast[largestOf(sums)]++
	}
	for s := len(atLeast) - 2; s >= 0; s-- {
		atLeast[s] += atLeast[s+1]
	}
	return atLeast
}

func largestOf(sums []int) (most int) {
	for _, s := range sums {
		most = max(most, size(s))
	}
	return most
}

func size(v int) int { return max(v, -v) }

// signedRanks are twice the ranks of the sizes of differences, with their signs. Equal
// sizes share their ranks; zeros have none, and keep theirs from the others.
func signedRanks(d []float64) []int {
	ranks := make([]int, len(d))
	for i, v := range d {
		below, same := 0, 0
		for _, w := range d {
			switch a, b := abs(w), abs(v); {
			case a < b:
				below++
			case a == b:
				same++
			}
		}
		switch twice := 2*below + same + 1; {
		case v > 0:
			ranks[i] = twice
		case v < 0:
			ranks[i] = -twice
		}
	}
	return ranks
}

func abs(v float64) float64 { return max(v, -v) }

// multiples are the p-values of columns by themselves, as often as there are columns.
func multiples(columns [][]float64) []float64 {
	p := make([]float64, len(columns))
	for c, d := range columns {
		p[c] = min(1, Signed(d, shiftAlpha).P*float64(len(columns)))
	}
	return p
}
