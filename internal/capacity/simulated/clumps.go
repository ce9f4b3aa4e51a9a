package simulated

import (
	"math"
	"math/rand/v2"

	"github.com/fcbench/fcbench/internal/capacity"
)

// Clumps is a queue of which no arrival is followed: slow requests are drawn as theory has
// them, in clumps whose number is Poisson's and whose sizes are exponential. It takes
// a thousandth of the time, for what takes thousands of searches.
func Clumps() World {
	w := Named("mm1")
	s := *w.server
	s.clumpy = true
	w.Name, w.About, w.server = "clumps", "M/M/1, 10k/s, 1 % over 5 ms, of which only the clumps of slow requests are drawn", &s
	return w
}

// variety is the variance of what clumps bring over its mean, in units of what a clump of a
// queue near its capacity has: that of M/M/1, measured.
const variety = 2.9

// drawn is what a trial of clumps counts.
func (s *server) drawn(t capacity.Trial, r *rand.Rand, speed float64) (out served) {
	rate, length := t.Value*speed, t.Length.Seconds()
	out.n = uint64(t.Value * length)
	load := rate * s.mean() / float64(s.width())
	if load >= 1 {
		out.bad, out.late = out.n, math.Inf(1)
		return out
	}
	out.sojourn = float64(out.n) * s.mean() / (1 - load)
	share := s.late(rate, s.bound)
	rarity := min(math.Log(share), math.Log(0.5))
	steep := rate * s.bound
	size := max(1, variety*steep*steep/(rarity*rarity)/2)
	var bad float64
	for left := float64(out.n) * share / size; ; {
		if left -= r.ExpFloat64(); left < 0 {
			break
		}
		bad += size * r.ExpFloat64()
	}
	out.bad = min(out.n, uint64(bad))
	return out
}
