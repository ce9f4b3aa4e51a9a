package headroom

import (
	"math"

	"github.com/fcbench/fcbench/internal/seed"
)

// noise is how far what was measured is from what is true, as shares.
type noise struct {
	sd      []float64 // of each
	freedom int       // of what was left over by a fit, that they are estimated from; 0 where they are known
	misfit  float64   // how many times they are more than the intervals say, where the law does not meet those; else 1
}

// noiseOf takes it from the intervals, if there are any, and else from what a free fit
// leaves over: known is false where that is of too few.
func noiseOf(all []Measured, confidence float64) (e noise, known bool) {
	freedom := len(all) - parts
	e = noise{sd: make([]float64, len(all)), misfit: 1}
	if all[0].High > 0 {
		for i, m := range all {
			e.sd[i] = math.Log(m.High/m.Low) / 2 / normal(confidence)
		}
		return e, true
	}
	if freedom < 1 || countsOf(all) < fewest {
		return e, false
	}
	left := fit(all, even(len(all))).left
	e.freedom = freedom
	for i := range e.sd {
		e.sd[i] = math.Sqrt(left / float64(freedom))
	}
	return e, true
}

// meet makes intervals as much wider as what a free fit leaves over is more than they allow.
func (e *noise) meet(all []Measured) {
	freedom := len(all) - parts
	if e.freedom > 0 || freedom < 1 {
		return
	}
	left := fit(all, e.weights()).left
	e.misfit = max(1, math.Sqrt(left/float64(freedom)))
	for i := range e.sd {
		e.sd[i] *= e.misfit
	}
}

// parts is how many a law has.
const parts = 3

// normal is how many standard deviations from the middle of a normal distribution hold
// a share of it.
func normal(share float64) float64 { return math.Sqrt2 * math.Erfinv(share) }

// weights are what measurements count for.
func (e noise) weights() []float64 {
	w := even(len(e.sd))
	for i, sd := range e.sd {
		if e.freedom == 0 && sd > 0 {
			w[i] = 1 / sd
		}
	}
	return w
}

func even(n int) []float64 {
	w := make([]float64, n)
	for i := range w {
		w[i] = 1
	}
	return w
}

// draw is by how much the logarithms of what is measured might have been others: normally
// distributed, and where their deviation is but estimated, by Student's t.
func (e noise) draw(s seed.Stream) []float64 {
	scale := 1.0
	if e.freedom > 0 {
		sum := 0.0
		for k := range e.freedom {
			z := gauss(s, uint64(k))
			sum += z * z
		}
		scale = math.Sqrt(float64(e.freedom) / sum)
	}
	off := make([]float64, len(e.sd))
	for i, sd := range e.sd {
		off[i] = sd * scale * gauss(s, uint64(e.freedom+i))
	}
	return off
}

// gauss is value k of a normal distribution (Box and Muller).
func gauss(s seed.Stream, k uint64) float64 {
	u := (float64(s.Uint64(2*k)>>11) + 0.5) / (1 << 53)
	v := float64(s.Uint64(2*k+1)>>11) / (1 << 53)
	return math.Sqrt(-2*math.Log(u)) * math.Cos(2*math.Pi*v)
}
