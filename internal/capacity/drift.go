package capacity

import (
	"cmp"
	"fmt"
	"math"
)

// byChance is how unlikely a trend has to be by chance to be called one.
const byChance = 0.002

// drift looks for a trend: whether trials that came later did worse, or better,
// than their load explains.
func (l *local) drift() (why string, drifts bool) {
	trend, significant, chance := 0.0, false, byChance
	switch {
	case l.cliff() && l.Strategy == MLRsearch:
		trend, significant = l.reversal()
		chance = byOrder
	case l.cliff():
		trend, significant = l.wander()
	default:
		trend, significant = l.worsening()
	}
	word := "falls"
	if trend < 0 {
		word = "rises"
	}
	return fmt.Sprintf("what it can take %s: later trials differ from earlier ones at the same load (p < %g)", word, chance), significant
}

// worsening is how much the share of bad ones grows over time beside the load.
func (l *local) worsening() (trend float64, significant bool) {
	for i, g := range l.Goals {
		points, times := l.timed(i)
		if g.Hard() || len(points) < 8 {
			continue
		}
		k := l.knee(i)
		plain, ok := k.fit(points)
		if !ok {
			continue
		}
		bent, c := k.bend(points, times)
		t := student(1-byChance/2, len(points)-3)
		gain := k.likelihood(aged(points, times, c), bent.a, bent.b) - k.likelihood(points, plain.a, plain.b) + shift(points, times, c)
		if phi := bent.phi * float64(bent.free) / float64(bent.free-1); 2*gain > t*t*phi {
			return c, true
		}
	}
	return 0, false
}

// timed are the local trials of a goal, and when each was, from -1/2 to 1/2.
func (l *local) timed(goal int) (points []point, times []float64) {
	for i, m := range l.trials {
		if l.tells(m) {
			points = append(points, l.point(m, goal))
			times = append(times, float64(i)/float64(len(l.trials)-1)-0.5)
		}
	}
	return points, times
}

// aged are points in which time, and not the load, explains a factor exp(c·time).
func aged(points []point, times []float64, c float64) []point {
	all := make([]point, len(points))
	for i, p := range points {
		all[i] = point{p.z, p.bad, p.n * math.Exp(c*times[i])}
	}
	return all
}

// shift is what the likelihood leaves out for aged points.
func shift(points []point, times []float64, c float64) (sum float64) {
	for i, p := range points {
		sum += p.bad * c * times[i]
	}
	return sum
}

// bend is the likeliest curve with a trend in time. The likelihood has one peak.
func (k knee) bend(points []point, times []float64) (curve, float64) {
	at := func(c float64) (curve, float64) {
		all := aged(points, times, c)
		fitted, ok := k.fit(all)
		if !ok {
			return fitted, math.Inf(-1)
		}
		return fitted, k.likelihood(all, fitted.a, fitted.b) + shift(points, times, c)
	}
	low, high := -12.0, 12.0
	for range 40 {
		a, b := low+(high-low)/3, high-(high-low)/3
		_, left := at(a)
		if _, right := at(b); left < right {
			low = a
		} else {
			high = b
		}
	}
	c := (low + high) / 2
	fitted, _ := at(c)
	return fitted, c
}

// wander is whether the loads of an up-and-down moved one way: Mann and Kendall's
// test, by ranks, corrected for ties, and stricter, since each depends on the one before.
func (l *local) wander() (trend float64, significant bool) {
	var values []float64
	ties := map[float64]float64{}
	for _, m := range l.trials {
		if m.Phase == Local {
			values = append(values, m.Value)
			ties[m.Value]++
		}
	}
	var s float64
	for i, a := range values {
		for _, b := range values[i+1:] {
			s += float64(cmp.Compare(a, b))
		}
	}
	n := float64(len(values))
	variance := n * (n - 1) * (2*n + 5)
	for _, t := range ties {
		variance -= t * (t - 1) * (2*t + 5)
	}
	if variance <= 0 {
		return s, false
	}
	z := (math.Abs(s) - 1) / math.Sqrt(variance/18)
	return s, math.Erfc(z/math.Sqrt2) < byChance/10
}
