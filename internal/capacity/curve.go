package capacity

import "math"

// point is one trial for the curve of a goal.
type point struct {
	z      float64 // how far its value is from where the curve is centred, as a share of that
	bad, n float64
}

// curve is E[bad] = n·exp(a + b·z).
type curve struct {
	a, b float64
	phi  float64 // how much more trials differ than independent requests would
	free int
}

// The slopes that a curve may have: a goal that the load hardly moves has no
// capacity to be found, and one that is steeper is a cliff.
const (
	flattest = 1
	steepest = 1000
)

// fit is the quasi-Poisson regression through the points, by damped Newton steps.
func (k knee) fit(points []point) (curve, bool) {
	var bad, n float64
	for _, p := range points {
		bad, n = bad+p.bad, n+p.n
	}
	if len(points) < 4 || bad < 5 {
		return curve{}, false
	}
	c := curve{a: math.Log(bad / n), b: k.begin(), free: len(points) - 2}
	for range 100 {
		var ga, gb, aa, ab, bb float64
		for _, p := range points {
			m := c.expect(p)
			r := p.bad - m
			ga, gb = ga+r, gb+r*p.z
			aa, ab, bb = aa+m, ab+m*p.z, bb+m*p.z*p.z
		}
		pull, stiffness := k.pull(c.b)
		gb, bb = gb+pull, bb+stiffness
		det := aa*bb - ab*ab
		if det <= 0 {
			return curve{}, false
		}
		da, db := (bb*ga-ab*gb)/det, (aa*gb-ab*ga)/det
		c.a, c.b = c.a+clamp(da, -2, 2), clamp(c.b+clamp(db, -60, 60), flattest, steepest)
		if math.Abs(da) < 1e-10 && math.Abs(db) < 1e-8 {
			break
		}
	}
	c.phi, c.free = k.dispersion(c, points)
	return c, true
}

// expect is the number of bad ones that the curve expects in a trial.
func (c curve) expect(p point) float64 { return p.n * math.Exp(c.a+c.b*p.z) }

// pearson is the sum of squares that the dispersion is of.
func (c curve) pearson(points []point) (chi float64) {
	for _, p := range points {
		m := c.expect(p)
		chi += (p.bad - m) * (p.bad - m) / m
	}
	return chi
}

// at is where the curve meets the budget.
func (c curve) at(budget float64) float64 { return (math.Log(budget) - c.a) / c.b }

// interval is where the curve may meet the budget, by the profile of the
// quasi-likelihood, which, unlike a standard error, is as lopsided as the data.
func (k knee) interval(c curve, points []point, budget, confidence float64) (low, high float64) {
	allowed := c.allowed(points, confidence)
	best := k.likelihood(points, c.a, c.b)
	z := c.at(budget)
	worse := func(z float64) bool { return best-k.profile(points, math.Log(budget), z, c.b) > allowed }
	return brink(z, -1, 0.001, widest, worse), brink(z, 1, 0.001, widest, worse)
}

// allowed is how much less likely than the likeliest a curve may be.
func (c curve) allowed(points []point, confidence float64) float64 {
	t := student((1+confidence)/2, c.free)
	allowed := inflation * t * t * c.phi / 2
	if c.free > len(points)-2 {
		allowed *= backed / inflation
	}
	return allowed
}

// inflation makes intervals wider than theory does where the dispersion is known of the
// trials alone, since they are few, and a search that has found a narrow interval ends:
// by so much that 95 % of them hold the truth on simulated targets.
const inflation = 1.5

// backed is that where theory has a word about the dispersion.
const backed = 1.1

// widest is how far an end may be from the middle, as a share of it.
const widest = 0.5

// brink looks from z in a direction, by reaching twice as far each time and no farther than
// most, for where worse begins.
func brink(z, direction, reach, most float64, worse func(float64) bool) float64 {
	for !worse(z + direction*reach) {
		if reach *= 2; reach > most {
			return z + direction*most
		}
	}
	low, high := 0.0, reach
	for range 40 {
		if mid := (low + high) / 2; worse(z + direction*mid) {
			high = mid
		} else {
			low = mid
		}
	}
	return z + direction*high
}

// likelihood is Poisson's, its constant left out, less what the slope is unlikely by.
func (k knee) likelihood(points []point, a, b float64) float64 {
	sum := -k.unlikely(b)
	for _, p := range points {
		eta := a + b*p.z
		sum += p.bad*eta - p.n*math.Exp(eta)
	}
	return sum
}

// profile is the largest likelihood of a curve that meets the budget at z.
func (k knee) profile(points []point, budget, z, b float64) float64 {
	for range 60 {
		var g, h float64
		for _, p := range points {
			m := p.n * math.Exp(budget+b*(p.z-z))
			g, h = g+(p.bad-m)*(p.z-z), h+m*(p.z-z)*(p.z-z)
		}
		pull, stiffness := k.pull(b)
		if g, h = g+pull, h+stiffness; h <= 0 {
			break
		}
		step := clamp(g/h, -60, 60)
		next := clamp(b+step, flattest, steepest)
		if math.Abs(next-b) < 1e-8 {
			break
		}
		b = next
	}
	return k.likelihood(points, budget-b*z, b)
}

func clamp(v, low, high float64) float64 { return min(max(v, low), high) }
