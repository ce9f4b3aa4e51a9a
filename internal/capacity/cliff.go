package capacity

import "math"

// step is one trial of which only counts whether it failed.
type step struct {
	z    float64
	fail bool
}

// cliff is the chance to fail as a normal distribution over z: the middle is
// where half of the trials fail.
type cliff struct{ middle, spread float64 }

// The spreads that are looked at, as shares of the value.
const (
	sharpest = 0.0015
	bluntest = 0.06
)

// coarseness makes the intervals of cliffs wider, as inflation those of curves.
const coarseness = 1.4

// fitCliff is the likeliest cliff, and the interval of its middle by the profile of
// the likelihood, all by search on a grid: what passes or fails is too coarse for
// derivatives.
func fitCliff(steps []step, confidence float64) (c cliff, low, high float64) {
	from, to := math.Inf(1), math.Inf(-1)
	for _, s := range steps {
		from, to = min(from, s.z), max(to, s.z)
	}
	const cells = 240
	margin := 0.02
	from, to = from-margin, to+margin
	at := func(i int) float64 { return from + (to-from)*float64(i)/cells }
	best, heights := math.Inf(-1), make([]float64, cells+1)
	for i := range heights {
		var spread float64
		heights[i], spread = ridge(steps, at(i))
		if heights[i] > best {
			best, c = heights[i], cliff{at(i), spread}
		}
	}
	t := student((1+confidence)/2, max(len(steps)-2, 1))
	first, last := cells, 0
	for i, h := range heights {
		if best-h <= coarseness*t*t/2 {
			first, last = min(first, i), max(last, i)
		}
	}
	return c, at(max(first-1, 0)), at(min(last+1, cells))
}

// ridge is the largest likelihood of a cliff whose middle is known.
func ridge(steps []step, middle float64) (best, spread float64) {
	best = math.Inf(-1)
	for s := sharpest; s <= bluntest; s *= 1.25 {
		var sum float64
		for _, p := range steps {
			x := (p.z - middle) / s
			if !p.fail {
				x = -x
			}
			sum += math.Log(max(math.Erfc(-x/math.Sqrt2)/2, 1e-9))
		}
		if sum > best {
			best, spread = sum, s
		}
	}
	return best, spread
}
