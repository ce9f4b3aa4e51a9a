package ci

import (
	"fmt"
	"math"
	"slices"

	"github.com/fcbench/fcbench/results"
)

// axis maps values to places in a drawing, and marks some that are round.
type axis struct {
	from, to  float64 // values
	low, high float64 // their places
	step      float64 // between marks
}

// newAxis reaches over all values, in at most so many steps.
func newAxis(values []float64, low, high float64, steps int) axis {
	const most = 1e300 // beyond which differences overflow
	from, to := max(slices.Min(values), -most), min(slices.Max(values), most)
	if to-from <= 1e-9*max(math.Abs(from), math.Abs(to)) {
		around := math.Abs(from) / 10
		if around == 0 {
			around = 1
		}
		from, to = from-around, to+around
	}
	for step := roundUp((to - from) / float64(steps)); ; step = roundUp(step * 1.01) {
		a := axis{math.Floor(from/step) * step, math.Ceil(to/step) * step, low, high, step}
		if (a.to-a.from)/step <= float64(steps)+0.5 || math.IsInf(step, 0) || step == 0 {
			return a
		}
	}
}

// roundUp is the next of 1, 2 and 5 times a power of ten.
func roundUp(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5} {
		if v <= m*power*(1+1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// at is the place of a value; what is beyond the axis is at its end.
func (a axis) at(v float64) float64 {
	v = min(max(v, a.from), a.to)
	return a.low + (v-a.from)/(a.to-a.from)*(a.high-a.low)
}

// marks are the round values.
func (a axis) marks() (all []float64) {
	for i := range int(math.Round((a.to-a.from)/a.step)) + 1 {
		v := a.from + float64(i)*a.step
		if math.Abs(v) < a.step/1e6 {
			v = 0
		}
		all = append(all, v)
	}
	return all
}

// percents writes a share as the steps of the axis need it.
func (a axis) percents(v float64, unit string) string {
	decimals := max(0, int(math.Ceil(-math.Log10(100*a.step)-1e-9)))
	return fmt.Sprintf("%+.*f%s", decimals, 100*v, unit)
}

// change writes a mark of changes.
func (a axis) change(f *Finding, v float64) string {
	switch {
	case v == 0:
		return "0"
	case f.Relative:
		return a.percents(v, "%")
	case f.Unit == results.UnitShare || f.Unit == results.UnitRatio:
		return a.percents(v, "pp")
	}
	return f.Text(v)
}
