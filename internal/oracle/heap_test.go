package oracle

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestHeap(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		var pushed, fixed heap[hold, *hold]
		for range rng.IntN(40) {
			h := hold{until: time.Duration(rng.IntN(50))}
			pushed.push(h)
			fixed = append(fixed, h)
		}
		fixed.fix()
		for last := time.Duration(0); len(pushed) > 0; {
			a, b := pushed.pop(), fixed.pop()
			if a.until < last || a != b {
				t.Fatalf("%v and %v after %v; want ascending order", a, b, last)
			}
			last = a.until
		}
	}
}
