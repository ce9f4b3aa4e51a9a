package paired

import "math"

// ranked is a difference with what the test looks at.
type ranked struct {
	size     float64
	negative bool
}

// nullTables are the chances that a sum of ranks is at most so much, by the number
// of differences that are neither 0 nor tied.
type nullTables [][]float64

// tablesUpTo counts them out. Each probability is a multiple of 2^-n.
func tablesUpTo(most int) nullTables {
	all := make(nullTables, most+1)
	chance := make([]float64, most*(most+1)/2+1)
	chance[0] = 1
	for n := 0; n <= most; n++ {
		sums := n*(n+1)/2 + 1
		if n > 0 {
			toss(chance[:sums], n)
		}
		table := make([]float64, sums)
		total := 0.0
		for s := range table {
			total += chance[s]
			table[s] = min(total, 1)
		}
		all[n] = table
	}
	return all
}

// toss adds a rank to every sum with a chance of one half.
func toss(chance []float64, rank int) {
	for s := len(chance) - 1; s >= 0; s-- {
		with := 0.0
		if s >= rank {
			with = chance[s-rank]
		}
		chance[s] = (chance[s] + with) / 2
	}
}

// critical is the greatest k with P(T <= k) <= alpha; −1 where there is none.
func (t nullTables) critical(n int, alpha float64) int {
	k := -1
	for k+1 < len(t[n]) && t[n][k+1] <= alpha {
		k++
	}
	return k
}

// signedRank is the test on differences, worse where they are above 0: how likely as
// few of the ranks, or fewer, would be of negative ones if every sign were a toss of a coin;
// and the same of positive ones. Equal sizes share their ranks, and zeros, which
// have no sign, keep theirs from the others (Pratt): the chances are those among all
// signs that the differences could have had. all has the size of d, chance that
// of all sums of twice the ranks, n(n+1)+1; both are overwritten.
func signedRank(d []float64, tables nullTables, all []ranked, chance []float64) (worse, better float64) {
	sortBySize(d, all)
	positive, negative := 0, 0 // twice the sums of ranks
	zeros, ties := 0, 0        // differences of exactly 0, and groups of equal size
	for from := 0; from < len(all); {
		to := from + 1
		for to < len(all) && all[to].size == all[from].size {
			to++
		}
		switch {
		case all[from].size == 0:
			zeros = to
		case to-from > 1:
			ties++
		}
		for _, one := range all[from:to] {
			switch twice := from + 1 + to; {
			case one.size == 0:
			case one.negative:
				negative += twice
			default:
				positive += twice
			}
		}
		from = to
	}
	if zeros == 0 && ties == 0 {
		table := tables[len(d)]
		return table[negative/2], table[positive/2]
	}
	chance = tied(all, zeros, chance[:positive+negative+1])
	return sumUpTo(chance, negative), sumUpTo(chance, positive)
}

// sortBySize sorts a handful of differences.
func sortBySize(d []float64, all []ranked) {
	for i, v := range d {
		one := ranked{math.Abs(v), v < 0}
		j := i
		for ; j > 0 && all[j-1].size > one.size; j-- {
			all[j] = all[j-1]
		}
		all[j] = one
	}
}

// tied counts out the chances of every sum of twice the ranks.
func tied(all []ranked, zeros int, chance []float64) []float64 {
	clear(chance)
	chance[0] = 1
	for from := zeros; from < len(all); {
		to := from + 1
		for to < len(all) && all[to].size == all[from].size {
			to++
		}
		for range to - from {
			toss(chance, from+1+to)
		}
		from = to
	}
	return chance
}

func sumUpTo(chance []float64, most int) (sum float64) {
	for _, c := range chance[:most+1] {
		sum += c
	}
	return min(sum, 1)
}
