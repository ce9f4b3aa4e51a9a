package paired

import (
	"math/rand/v2"

	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/results"
)

// Noise fills in by how much the second run of each of consecutive pairs is worse than
// the first where both are of one thing, in the scale of a claim's differences.
type Noise func(r *rand.Rand, slots []float64)

// Normal is noise of which nothing is known but its standard deviation within pairs.
func Normal(sd float64) Noise {
	return func(r *rand.Rand, slots []float64) {
		for i := range slots {
			slots[i] = sd * r.NormFloat64()
		}
	}
}

// Recorded is noise as it was once, in the order of time: from any place in the
// record on as many pairs as are needed, so that bursts stay together, and what
// the place in a pair does stays in.
func Recorded(slots []float64) Noise {
	return func(r *rand.Rand, out []float64) {
		at := r.IntN(len(slots))
		for i := range out {
			out[i] = slots[(at+i)%len(slots)]
		}
	}
}

// trials plays gates of one claim with known noise.
type trials struct {
	design Design
	margin float64
	noise  Noise
	judge  *Judge
	orders []Order
	slots  []float64
	sample []Sample
	source *rand.PCG
	random *rand.Rand
}

func newTrials(d Design, margin float64, noise Noise) (*trials, error) {
	judge, err := NewJudge(d, []Claim{{Name: "planned", Better: results.Lower, Scale: Additive, Margin: margin, Steady: true}})
	if err != nil {
		return nil, err
	}
	n := d.Pairs()
	source := rand.NewPCG(0, 0)
	return &trials{
		design: d, margin: margin, noise: noise, judge: judge, orders: make([]Order, 0, n), slots: make([]float64, n),
		sample: []Sample{{make([]float64, n), make([]float64, n)}}, source: source, random: rand.New(source),
	}, nil
}

// power is the share of gates that go red where B is worse by so much.
func (t *trials) power(effect float64, gates int) float64 {
	red := 0
	for g := range gates {
		if t.gate(uint64(g), effect) == Regressed {
			red++
		}
	}
	return float64(red) / float64(gates)
}

// gate plays the gate of that number: its noise and its order are the same for every effect.
func (t *trials) gate(number uint64, effect float64) Verdict {
	own := seed.New(number).Sub("planned gates")
	t.source.Seed(own.Uint64(0), own.Uint64(1))
	t.noise(t.random, t.slots)
	t.orders = t.design.AppendOrders(t.orders[:0], number)
	for i, slot := range t.slots {
		if t.orders[i] == BA {
			slot = -slot
		}
		t.sample[0].B[i] = effect + slot
	}
	for look := range t.design.Looks {
		if j := t.judge.Look(look, t.sample, t.orders); j.Done {
			return j.Verdict
		}
	}
	return Inconclusive
}
