// Package trend finds where a series of results changed its level: by E-divisive, which
// compares the distances between values before and after every point (Matteson and
// James, 2014), with a permutation test that counts the order that there is as one of
// those that there could be, so that p is never 0.
package trend

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/fcbench/fcbench/internal/seed"
)

// Point is one result of a series.
type Point struct {
	Value float64
	// Conditions are what was measured on and with, in any words. Where they change
	// the series is cut: what differs across a cut may be the machine.
	Conditions string
}

// Change is where a new level begins.
type Change struct {
	At            int     // the first point of the new level
	From, To      int     // the points that belong to the levels before and after: [From, At) and [At, To)
	Before, After float64 // the medians of both
	P             float64
}

// Found is what a series has shown.
type Found struct {
	Changes []Change
	Erratic []int // points far off those around, which went away again
	Cuts    []int // the first points under new conditions
	Last    bool  // the last point is far off: whether it goes away again is not known yet
}

// What a change must be. Alpha is small because a series is looked at again with every
// point that is added.
const (
	alpha        = 0.003
	alphaPassing = 0.001 // of a level that goes away again, which is looked for second
	permutations = 999
	fewest       = 3 // points of a level
	brief        = 3 // points after which what went away again was no level
	farOff       = 6 // standard deviations, estimated by the median deviation
	fewAround    = 8 // points that say how far values are from each other
)

// Find looks for changes between cuts. The same series, with the same seed, has
// always the same. The error is about values that are not numbers.
func Find(points []Point, root uint64) (Found, error) {
	var out Found
	for i, p := range points {
		if math.IsNaN(p.Value) || math.IsInf(p.Value, 0) {
			return out, fmt.Errorf("value %d is %v; want a finite number", i+1, p.Value)
		}
	}
	x := scaled(points)
	for from := 0; from < len(points); {
		to := from + 1
		for to < len(points) && points[to].Conditions == points[from].Conditions {
			to++
		}
		if from > 0 {
			out.Cuts = append(out.Cuts, from)
		}
		s := search{x: x, distance: distances(x[from:to]), first: from, random: seed.New(root).Sub("permutations").Index(uint64(from))}
		s.split(from, to)
		out.add(points, x, s.levels(from, to), s.p)
		from = to
	}
	return out, nil
}

// scaled is the series as it is compared: what is always above 0 by its ratios.
func scaled(points []Point) []float64 {
	x := make([]float64, len(points))
	positive := true
	for i, p := range points {
		x[i] = p.Value
		positive = positive && p.Value > 0
	}
	if positive {
		for i, v := range x {
			x[i] = math.Log(v)
		}
	}
	return x
}

// search is the changes of what lies between two cuts.
type search struct {
	x        []float64
	distance [][]float64
	first    int // the point of the distances' first row
	random   seed.Stream
	sums     []float64 // scratch
	at       []int
	p        map[int]float64 // of each of them
}

// split finds the most likely change of a part and, where there is one, those of what is on
// either side of it.
func (s *search) split(from, to int) {
	if to-from < 2*fewest {
		return
	}
	order := make([]int, to-from)
	for i := range order {
		order[i] = from - s.first + i
	}
	at, p, changed := s.test(order, uint64(from)<<32|uint64(to), false, alpha)
	if !changed {
		at, p, changed = s.test(order, uint64(to)<<32|uint64(from), true, alphaPassing)
	}
	if !changed {
		return
	}
	at += from
	if s.p == nil {
		s.p = map[int]float64{}
	}
	s.p[at] = p
	s.at = append(s.at, at)
	s.split(from, at)
	s.split(at, to)
}

// test is the share of all orders in which a change would be as clear. It stops as soon
// as that is too many.
func (s *search) test(order []int, purpose uint64, passing bool, most float64) (at int, p float64, changed bool) {
	best, at := s.best(order, passing)
	own := s.random.Index(purpose)
	r := rand.New(rand.NewPCG(own.Uint64(0), own.Uint64(1)))
	shuffled, as := slices.Clone(order), 1 // the order that there is
	for range permutations {
		r.Shuffle(len(shuffled), func(i, k int) { shuffled[i], shuffled[k] = shuffled[k], shuffled[i] })
		if other, _ := s.best(shuffled, passing); other >= best*(1-1e-12) {
			if as++; float64(as) > most*(permutations+1) {
				return 0, 1, false
			}
		}
	}
	return at, float64(as) / (permutations + 1), true
}

// best is the greatest distance between what is before a place and all that is behind it,
// and that place; or what is behind it up to any end, so that a level that is passing
// is not hidden by what follows.
func (s *search) best(order []int, passing bool) (best float64, at int) {
	n := len(order)
	s.sum(order)
	within := func(from, to int) float64 { // twice, as every distance is there both ways
		return s.sums[to*(n+1)+to] - s.sums[from*(n+1)+to] - s.sums[to*(n+1)+from] + s.sums[from*(n+1)+from]
	}
	best, at = math.Inf(-1), fewest
	for place := fewest; place <= n-fewest; place++ {
		m, before := float64(place), within(0, place)
		end := n
		if passing {
			end = place + fewest
		}
		for ; end <= n; end++ {
			k, behind := float64(end-place), within(place, end)
			across := within(0, end) - before - behind // twice as well
			if q := m * k / (m + k) * (across/(m*k) - before/(m*m) - behind/(k*k)); q > best {
				best, at = q, place
			}
		}
	}
	return best, at
}

// sum adds up the distances of all points before two places.
func (s *search) sum(order []int) {
	n := len(order)
	if need := (n + 1) * (n + 1); cap(s.sums) < need {
		s.sums = make([]float64, need)
	}
	s.sums = s.sums[:(n+1)*(n+1)]
	clear(s.sums[:n+1])
	for i, a := range order {
		row, above, here := s.distance[a], s.sums[i*(n+1):], s.sums[(i+1)*(n+1):]
		left := 0.0
		here[0] = 0
		for k, b := range order {
			left += row[b]
			here[k+1] = above[k+1] + left
		}
	}
}

func distances(x []float64) [][]float64 {
	rows := make([][]float64, len(x))
	for i, a := range x {
		rows[i] = make([]float64, len(x))
		for k, b := range x {
			rows[i][k] = math.Abs(a - b)
		}
	}
	return rows
}

// levels are where those between two cuts begin, and their end.
func (s *search) levels(from, to int) []int {
	return append(append([]int{from}, slices.Sorted(slices.Values(s.at))...), to)
}
