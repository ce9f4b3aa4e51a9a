package main

import (
	"math/bits"
	"testing"
)

// TestBisection: wherever the first commit that is worse is, and whichever of them cannot
// be judged, it is among the suspects; where all can be, it is the only one, after as many
// steps as there are bits.
func TestBisection(t *testing.T) {
	for n := 1; n <= 12; n++ {
		for first := range n {
			for hidden := range 1 << (n - 1) { // the last is known
				b := newBisection(n)
				from, to, err := b.run(t.Context(), func(i int) (found, error) {
					switch {
					case hidden>>i&1 == 1:
						return unknown, nil
					case i >= first:
						return worse, nil
					}
					return fine, nil
				})
				if err != nil || first < from || first > to {
					t.Fatalf("of %d the %d. is worse, and %b hidden: suspects are %d to %d, %v", n, first, hidden, from, to, err)
				}
				if most := bits.Len(uint(n - 1)); hidden == 0 && (from != to || b.steps > most) {
					t.Fatalf("of %d the %d. is worse: suspects are %d to %d after %d steps; want it alone after %d at most", n, first, from, to, b.steps, most)
				}
				for i := from; i < to; i++ {
					if hidden>>i&1 == 0 {
						t.Fatalf("of %d the %d. is worse, and %b hidden: the %d. is suspected, and can be judged", n, first, hidden, i)
					}
				}
			}
		}
	}
}
