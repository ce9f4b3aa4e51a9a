package paired

import (
	"math"
	"math/rand/v2"
	"testing"
)

// everyBalanced is BalancedP, slowly: each order that could have been drawn.
func everyBalanced(d []float64, orders []Order, looks []int) float64 {
	ranks := signedRanks(d)
	count := func(mask, from, to int) (n int) {
		for i := from; i < to; i++ {
			n += mask >> i & 1
		}
		return n
	}
	was, found := 0, 0
	for i, r := range ranks {
		found += r
		if orders[i] == AB {
			was |= 1 << i
		}
	}
	all, worse := 0.0, 0.0
	for mask := range 1 << len(d) {
		alike, from, sum := true, 0, 0
		for _, to := range looks {
			alike = alike && count(mask, from, to) == count(was, from, to)
			from = to
		}
		for i, r := range ranks {
			if (mask^was)>>i&1 == 1 {
				r = -r
			}
			sum += r
		}
		if alike {
			all++
			if sum >= found {
				worse++
			}
		}
	}
	return worse / all
}

func TestBalancedAgainstEveryOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	for _, looks := range [][]int{{6}, {4, 8}, {4, 8, 11}} {
		n := looks[len(looks)-1]
		var design Design
		for _, pairs := range looks {
			design.Looks = append(design.Looks, Look{pairs, 0.01, 0.05})
		}
		for seed := range 10 {
			d, orders := column(r, n, 0.4), design.Orders(uint64(seed))
			if got, want := BalancedP(d, orders, looks), everyBalanced(d, orders, looks); math.Abs(got-want) > 1e-12 {
				t.Errorf("%v, %v: %v; want %v", d, orders, got, want)
			}
		}
	}
}

// A place in a pair that costs something is no difference, however sure it is, and is taken
// for one no more often than said; a difference is one.
func TestBalancedKnowsPlaces(t *testing.T) {
	looks, alarms := []int{8, 14, 20}, 0
	for seed := range 100 {
		orders := Default().Orders(uint64(seed))
		place, effect := make([]float64, 20), make([]float64, 20)
		for i, o := range orders {
			effect[i] = 1 + float64(i)/100
			if place[i] = effect[i]; o == BA {
				place[i] = -place[i]
			}
		}
		if p := BalancedP(place, orders, looks); p <= 0.05 {
			alarms++
		}
		if p := BalancedP(effect, orders, looks); math.Abs(p*70*20*20-1) > 1e-9 {
			t.Fatalf("all pairs agree: %v; want one of %d orders", p, 70*20*20)
		}
	}
	if alarms > 10 { // of which 5 are expected
		t.Errorf("a place in a pair was called a difference %d times of 100; want at most 5 %%, give or take", alarms)
	}
}
