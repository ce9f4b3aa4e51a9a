package generators

import (
	"math"

	"github.com/fcbench/fcbench/internal/seed"
)

// rejection draws from a Zipf law over any number of keys in constant memory:
// rejection-inversion (Hörmann and Derflinger, "Rejection-inversion to generate
// variates from monotone discrete distributions", 1996). The histogram x^-s is
// covered by its own integral, which can be inverted, so few draws are refused.
type rejection struct {
	s, n       float64
	first      float64 // integral up to 1½, less the whole bar of rank 1
	last       float64 // integral up to n+½
	acceptable float64 // ranks this little above the inverse need no test
}

func newRejection(s, n float64) rejection {
	l := rejection{s: s, n: n}
	l.first = l.integral(1.5) - 1
	l.last = l.integral(n + 0.5)
	l.acceptable = 2 - l.inverse(l.integral(2.5)-pow(2, -s))
	return l
}

func (l rejection) N() uint64 { return uint64(l.n) }

func (l rejection) Pick(r seed.Stream, k uint64) uint64 {
	u := unit(r.Uint64(k))
	for try := uint64(0); ; try++ {
		y := l.last + float64(u*(l.first-l.last))
		x := l.inverse(y)
		rank := min(max(math.Floor(x+0.5), 1), l.n)
		if rank-x <= l.acceptable || y >= l.integral(rank+0.5)-pow(rank, -l.s) {
			return uint64(rank) - 1
		}
		u = unit(r.Index(k).Uint64(try))
	}
}

// integral is the antiderivative of x^-s that is 0 at 1: (x^(1-s) - 1)/(1-s),
// or log x for s = 1, without cancellation between the two.
func (l rejection) integral(x float64) float64 {
	logX := log(x)
	return float64(expm1Over(float64((1-l.s)*logX)) * logX)
}

// inverse returns the x at which the integral is y.
func (l rejection) inverse(y float64) float64 {
	t := max(float64((1-l.s)*y), -1+0x1p-53)
	return exp(float64(log1pOver(t) * y))
}
