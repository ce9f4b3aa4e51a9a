package trend

import (
	"math"
	"slices"
)

// add tells the levels between two cuts: those that are changes, and what only came
// and went. levels are where each begins, and the end.
func (f *Found) add(points []Point, x []float64, levels []int, p map[int]float64) {
	from, to := levels[0], levels[len(levels)-1]
	var passing []int
	for i := 1; i+2 < len(levels); i++ {
		a, b, c, d := levels[i-1], levels[i], levels[i+1], levels[i+2]
		if c-b <= brief && returned(x[a:b], x[b:c], x[c:d]) {
			for k := b; k < c; k++ {
				passing = append(passing, k)
			}
			levels = slices.Delete(slices.Clone(levels), i, i+2)
			i--
		}
	}
	for i := 1; i+1 < len(levels); i++ {
		chance := p[levels[i]]
		levels[i] = place(x, levels[i-1], levels[i], levels[i+1])
		f.Changes = append(f.Changes, Change{At: levels[i], P: chance})
	}
	for i := 1; i+1 < len(levels); i++ {
		a, b, c := levels[i-1], levels[i], levels[i+1]
		one := &f.Changes[len(f.Changes)-(len(levels)-2)+i-1]
		one.From, one.To, one.Before, one.After = a, c, median(values(points[a:b])), median(values(points[b:c]))
	}
	for i := 0; i+1 < len(levels); i++ {
		passing = append(passing, outliers(x, levels[i], levels[i+1])...)
	}
	slices.Sort(passing)
	for _, k := range slices.Compact(passing) {
		if k == to-1 && k == len(points)-1 {
			f.Last = true
			continue
		}
		if k >= from {
			f.Erratic = append(f.Erratic, k)
		}
	}
}

// returned reports whether what came after is as it was before, and what lay between
// was not.
func returned(before, between, after []float64) bool {
	was, is := median(before), median(after)
	off := median(between)
	return math.Abs(is-was) < math.Abs(off-was)/3 && math.Abs(is-was) < math.Abs(off-is)/3
}

// outliers are the points of a level that are far off it.
func outliers(x []float64, from, to int) (all []int) {
	if to-from < fewAround {
		return nil
	}
	middle, sd := deviation(x[from:to])
	for i, v := range x[from:to] {
		if sd > 0 && math.Abs(v-middle) > farOff*sd {
			all = append(all, from+i)
		}
	}
	return all
}

func values(points []Point) []float64 {
	all := make([]float64, len(points))
	for i, p := range points {
		all[i] = p.Value
	}
	return all
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return sorted[(n-1)/2]/2 + sorted[n/2]/2
}
