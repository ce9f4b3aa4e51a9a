// Package nearest puts what the user probably meant at the head of a list of
// names, for messages such as `kind "gcar" is unknown; want one of gcra, …`.
package nearest

import "slices"

// First returns known with the name closest to name moved to the front, where
// one is close enough to be a slip of the keyboard; the rest keep their order.
func First(name string, known []string) []string {
	closest := Closest(name, known)
	if len(closest) == 0 {
		return slices.Clone(known)
	}
	best := slices.Index(known, closest[0])
	return slices.Concat(known[best:best+1], known[:best], known[best+1:])
}

// Closest returns the names closest to name, all alike, if they are close enough.
func Closest(name string, known []string) (closest []string) {
	distance := max(2, len(name)/3)
	for _, candidate := range known {
		d := edits(name, candidate)
		if d > distance || d >= len(candidate) {
			continue
		}
		if d < distance {
			closest, distance = nil, d
		}
		closest = append(closest, candidate)
	}
	return closest
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
