package paired

// BalancedP is the one-sided p-value of differences, which are positive where B is worse,
// under the draw of orders alone: the share of all orders that could have been drawn
// instead, with as many of each kind until each look, under which the signed-rank sum would
// have been at least as large. A place in a pair that costs something costs it under all of
// them. It assumes nothing but that orders were drawn, where that of [Signed] also assumes
// that pairs do not know of each other. looks are the numbers of pairs at which orders are
// balanced; what is beyond the last is one part more. Orders must be as many as differences;
// of more than 20 it takes long.
func BalancedP(d []float64, orders []Order, looks []int) float64 {
	n := len(d)
	most := n * (n + 1) // of the sizes of sums
	ways := [][]float64{make([]float64, 2*most+1)}
	ways[0][most] = 1
	found, from := 0, 0
	ranks := signedRanks(d)
	for _, to := range append(looks[:len(looks):len(looks)], n) {
		if to = min(to, n); to <= from {
			continue
		}
		first := 0 // how often A was
		for i := from; i < to; i++ {
			found += ranks[i]
			r := ranks[i]
			if orders[i] == BA {
				r = -r
			} else {
				first++
			}
			ways = drawn(ways, r, most)
		}
		ways = [][]float64{ways[first]}
		from = to
	}
	all, worse := 0.0, 0.0
	for s, w := range ways[0] {
		if all += w; s-most >= found {
			worse += w
		}
	}
	return worse / all
}

// drawn adds a pair to every way: with A first, of which there is one more then, its rank
// counts as it is, and else turned. ways are by how many had A first, then by the sum.
func drawn(ways [][]float64, rank, most int) [][]float64 {
	next := make([][]float64, len(ways)+1)
	for k := range next {
		next[k] = make([]float64, 2*most+1)
	}
	for k, sums := range ways {
		for s, w := range sums {
			if w > 0 {
				next[k+1][s+rank] += w
				next[k][s-rank] += w
			}
		}
	}
	return next
}
