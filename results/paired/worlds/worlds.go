// Package worlds plays gates in made-up worlds, of which the truth is known: how
// often a gate raises a false alarm, how often it finds what is there, and how often
// its intervals hold it. Every gate goes through the judge that real ones go
// through ([paired.Judge]), from values and orders to the verdict.
package worlds

import (
	"math"
	"math/rand/v2"
)

// World is a way in which runs differ that measure one thing.
type World struct {
	Name   string
	PairSD float64 // standard deviation of log-ratios within pairs, all that disturbs included
	noise  func() noise
}

// noise is what disturbs one run after the other, as the logarithm of a factor. Each run
// has the state that the one before left behind.
type noise interface {
	start(r *rand.Rand)
	run(r *rand.Rand, second bool) float64
}

// Worlds are those of which the rates are published: each as quiet as the margin, and
// with so much noise that not everything is found. The bias alone is always more than that.
func Worlds() []World {
	var all []World
	for _, sd := range []float64{Margin, 0.05} {
		all = append(all,
			World{"iid", sd, func() noise { return &independent{sd / math.Sqrt2} }},
			World{"drift", sd, func() noise { return &drift{step: sd * math.Sqrt(0.5), sd: sd / 2} }},
			World{"noisy neighbour", sd, func() noise { return &neighbour{sd: sd / 2, burst: sd * math.Sqrt(8)} }},
			World{"bimodal", sd, func() noise { return &bimodal{sd / 2, sd} }},
			World{"heavy tails", sd, func() noise { return &heavy{sd / math.Sqrt(6)} }},
		)
	}
	const bias, sd = 0.05, 0.02
	return append(all, World{"positional bias 5 %", math.Hypot(bias, sd), func() noise { return &position{sd / math.Sqrt2, bias} }})
}

// independent is the world of textbooks.
type independent struct{ sd float64 }

func (*independent) start(*rand.Rand) {}

func (n *independent) run(r *rand.Rand, _ bool) float64 { return n.sd * r.NormFloat64() }

// drift walks at random, from run to run.
type drift struct{ step, sd, level float64 }

func (n *drift) start(*rand.Rand) { n.level = 0 }

func (n *drift) run(r *rand.Rand, _ bool) float64 {
	n.level += n.step * r.NormFloat64()
	return n.level + n.sd*r.NormFloat64()
}

// neighbour is there for a quarter of the time, for eight runs in a row on average.
type neighbour struct {
	sd, burst float64
	there     bool
}

func (n *neighbour) start(r *rand.Rand) { n.there = r.Float64() < 1./4 }

func (n *neighbour) run(r *rand.Rand, _ bool) float64 {
	if turn := r.Float64(); n.there && turn < 1./8 || !n.there && turn < 1./24 {
		n.there = !n.there
	}
	v := n.sd * r.NormFloat64()
	if n.there {
		v += n.burst
	}
	return v
}

// position has the second run of a pair slower than the first, whichever it is.
type position struct{ sd, bias float64 }

func (*position) start(*rand.Rand) {}

func (n *position) run(r *rand.Rand, second bool) float64 {
	v := n.sd * r.NormFloat64()
	if second {
		v += n.bias
	}
	return v
}

// bimodal is fast or slow by the toss of a coin, such as by where memory came to lie.
type bimodal struct{ sd, gap float64 }

func (*bimodal) start(*rand.Rand) {}

func (n *bimodal) run(r *rand.Rand, _ bool) float64 {
	v := n.sd * r.NormFloat64()
	if r.Uint64()&1 == 1 {
		v += n.gap
	}
	return v
}

// heavy is Student's t with three degrees of freedom.
type heavy struct{ scale float64 }

func (*heavy) start(*rand.Rand) {}

func (n *heavy) run(r *rand.Rand, _ bool) float64 {
	a, b, c := r.NormFloat64(), r.NormFloat64(), r.NormFloat64()
	return n.scale * r.NormFloat64() / math.Sqrt((a*a+b*b+c*c)/3)
}
