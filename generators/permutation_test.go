package generators

import (
	"testing"

	"github.com/fcbench/fcbench/internal/seed"
)

// TestSmallPermutations: over seeds, all permutations of a few keys are alike, and
// all places of two neighbouring ranks among some more.
func TestSmallPermutations(t *testing.T) {
	const seeds = 100_000
	for n, cellCount := range map[uint64]int{2: 2, 3: 6, 4: 24, 5: 120, 6: 720} {
		counts := make(map[[6]uint64]float64)
		p := newPermutation(n)
		for s := range uint64(seeds) {
			var order [6]uint64
			for i := range n {
				order[i] = p.apply(seed.New(s).Sub("keys"), i)
			}
			counts[order]++
		}
		checkAlike(t, n, counts, cellCount, seeds)
	}
	for _, n := range []uint64{7, 9, 10, 25, 50, 99, 120, 255, 256, 300} {
		counts := make(map[[2]uint64]float64)
		p := newPermutation(n)
		for s := range uint64(seeds) {
			r := seed.New(s).Sub("keys")
			counts[[2]uint64{p.apply(r, 0), p.apply(r, 1)}]++
		}
		checkAlike(t, n, counts, int(n*(n-1)), seeds)
	}
}

// checkAlike holds counts to being of equally likely cells.
func checkAlike[K comparable](t *testing.T, n uint64, counts map[K]float64, cellCount int, total float64) {
	t.Helper()
	var cells []cell
	for _, observed := range counts {
		cells = append(cells, cell{observed, total / float64(cellCount)})
	}
	for len(cells) < cellCount {
		cells = append(cells, cell{0, total / float64(cellCount)})
	}
	if fit := chiSquare(cells); len(cells) != cellCount || fit.P < 1e-4 {
		t.Errorf("n=%d: chi-square is %.1f with %d degrees of freedom, p = %v; want permutations alike", n, fit.ChiSquare, fit.DegreesOfFreedom, fit.P)
	}
}

// TestPermutationsOfBothKinds: of nine keys, too, half of the permutations are odd.
func TestPermutationsOfBothKinds(t *testing.T) {
	for _, n := range []uint64{9, 15, 25, 49} {
		odd := 0
		for s := range uint64(1000) {
			p, r := newPermutation(n), seed.New(s)
			swaps := 0
			for i := range n {
				for j := range i {
					if p.apply(r, j) > p.apply(r, i) {
						swaps++
					}
				}
			}
			odd += swaps % 2
		}
		if odd < 440 || odd > 560 {
			t.Errorf("n=%d: %d of 1000 permutations are odd; want about half", n, odd)
		}
	}
}
