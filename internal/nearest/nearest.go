// Package nearest puts what the user probably meant at the head of a list of
// names, for messages such as `kind "gcar" is unknown; want one of gcra, …`.
package nearest

import "slices"

// First returns known with the name closest to name moved to the front, where
// one is close enough to be a slip of the keyboard; the rest keep their order.
func First(name string, known []string) []string {
	best, distance := -1, max(2, len(name)/3)+1
	for i, candidate := range known {
		if d := edits(name, candidate); d < distance && d < len(candidate) {
			best, distance = i, d
		}
	}
	if best < 0 {
		return slices.Clone(known)
	}
	return slices.Concat(known[best:best+1], known[:best], known[best+1:])
}

// edits counts the insertions, deletions, substitutions and swaps of
// neighbours between a and b: the optimal string alignment distance.
func edits(a, b string) int {
	var before []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(row[j]+cost, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
