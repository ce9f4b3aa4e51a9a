// Package plot has axes: they map values to places in a drawing, and mark some that are
// round.
package plot

import (
	"math"
	"slices"
)

// Axis maps values to places in a drawing.
type Axis struct {
	From, To  float64 // values
	Low, High float64 // their places
	Step      float64 // between marks, where they are evenly apart
	log       bool
	marks     []float64
}

const most = 1e300 // beyond which differences overflow

// Linear reaches over all values, in at most so many steps.
func Linear(values []float64, low, high float64, steps int) Axis {
	from, to := max(slices.Min(values), -most), min(slices.Max(values), most)
	if to-from <= max(1e-9*max(math.Abs(from), math.Abs(to)), 1/most) {
		around := math.Abs(from) / 10
		if around <= 1/most {
			around = 1
		}
		from, to = from-around, to+around
	}
	for step := roundUp((to - from) / float64(steps)); ; step = roundUp(step * 1.01) {
		a := Axis{From: math.Floor(from/step) * step, To: math.Ceil(to/step) * step, Low: low, High: high, Step: step}
		if (a.To-a.From)/step <= float64(steps)+0.5 || math.IsInf(step, 0) || step == 0 {
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

// Log reaches over all values, which are above 0, by factors, with at most so many marks
// and at least two.
func Log(values []float64, low, high float64, marks int) Axis {
	within := func(v float64) float64 { return min(max(v, 1/most), most) }
	from, to := within(slices.Min(values)), within(slices.Max(values))
	a := Axis{From: 1 / roundUp(1/from), To: roundUp(to), Low: low, High: high, log: true}
	if a.To <= a.From*(1+1e-9) {
		a.From, a.To = 1/roundUp(1.01/from), roundUp(to*1.01)
	}
	for _, digits := range [][]float64{{1, 2, 5}, {1, 3}} {
		if a.marks = a.decades(digits, 1); len(a.marks) <= marks {
			return a
		}
	}
	for every := 1; ; every++ {
		if a.marks = a.decades([]float64{1}, every); len(a.marks) <= max(marks, 2) {
			return a
		}
	}
}

// decades are such digits times every so manieth power of ten.
func (a Axis) decades(digits []float64, every int) (all []float64) {
	first, last := int(math.Floor(math.Log10(a.From)+1e-9)), int(math.Ceil(math.Log10(a.To)))
	for power := first; power <= last; power += every {
		for _, d := range digits {
			if v := d * math.Pow10(power); v >= a.From*(1-1e-9) && v <= a.To*(1+1e-9) {
				all = append(all, v)
			}
		}
	}
	return all
}

// At is the place of a value; what is beyond the axis is at its end.
func (a Axis) At(v float64) float64 {
	v = min(max(v, a.From), a.To)
	if a.log {
		return a.Low + (math.Log(v)-math.Log(a.From))/(math.Log(a.To)-math.Log(a.From))*(a.High-a.Low)
	}
	return a.Low + (v-a.From)/(a.To-a.From)*(a.High-a.Low)
}

// Marks are the round values.
func (a Axis) Marks() (all []float64) {
	if a.log {
		return a.marks
	}
	for i := range int(math.Round((a.To-a.From)/a.Step)) + 1 {
		v := a.From + float64(i)*a.Step
		if math.Abs(v) < a.Step/1e6 {
			v = 0
		}
		all = append(all, v)
	}
	return all
}
