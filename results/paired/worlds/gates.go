package worlds

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/paired"
)

// Margin is that of every claim here.
const Margin = 0.02

// claim is the i-th: that a time has not become worse by the margin.
func claim(i int) paired.Claim {
	return paired.Claim{Name: fmt.Sprintf("time %d", i), Better: results.Lower, Scale: paired.Ratio, Margin: Margin}
}

// table is where gates are played: as many claims, each in a world of its own kind.
type table struct {
	design  paired.Design
	judge   *paired.Judge
	noises  []noise
	samples []paired.Sample
	orders  []paired.Order
	source  *rand.PCG
	random  *rand.Rand
}

// Play plays the gates with the numbers from one to below another, each twice: where
// nothing is worse, and where the first of the claims is by twice the margin. What a gate
// does depends on root and its number alone.
func (w World) Play(claims int, root uint64, from, to int) (Counts, error) {
	t, err := w.table(claims)
	if err != nil {
		return Counts{}, err
	}
	var c Counts
	for g := from; g < to; g++ {
		c.Gates++
		if t.play(root, 2*uint64(g), 1, &c).Verdict == paired.Regressed {
			c.Alarms++
		}
		if t.play(root, 2*uint64(g)+1, 1+2*Margin, &c).Claims[0].Verdict == paired.Regressed {
			c.Found++
		}
	}
	return c, nil
}

func (w World) table(claims int) (*table, error) {
	d := paired.Default()
	var all []paired.Claim
	source := rand.NewPCG(0, 0)
	t := &table{design: d, source: source, random: rand.New(source)}
	for i := range claims {
		all = append(all, claim(i))
		t.noises = append(t.noises, w.noise())
		t.samples = append(t.samples, paired.Sample{A: make([]float64, d.Pairs()), B: make([]float64, d.Pairs())})
	}
	var err error
	t.judge, err = paired.NewJudge(d, all)
	return t, err
}

// play plays one gate until it is done, with the first claim's B slower by a factor.
func (t *table) play(root, number uint64, factor float64, c *Counts) *paired.Judgement {
	own := seed.New(root).Index(number)
	t.source.Seed(own.Uint64(0), own.Uint64(1))
	t.orders = t.design.AppendOrders(t.orders[:0], t.random.Uint64())
	for _, n := range t.noises {
		n.start(t.random)
	}
	made := 0
	for look, l := range t.design.Looks {
		for ; made < l.Pairs; made++ {
			t.pair(made, factor)
		}
		if j := t.judge.Look(look, t.samples, t.orders); j.Done {
			c.count(j, math.Log(factor))
			return j
		}
	}
	return nil // the last look is always done
}

// pair makes both runs of a pair, of all claims.
func (t *table) pair(i int, factor float64) {
	const typical = 1e6 // ns
	for k, n := range t.noises {
		first := typical * math.Exp(n.run(t.random, false))
		second := typical * math.Exp(n.run(t.random, true))
		if t.orders[i] == paired.BA {
			first, second = second, first
		}
		if k == 0 {
			second *= factor
		}
		t.samples[k].A[i], t.samples[k].B[i] = first, second
	}
}

// count looks whether the intervals hold the truth.
func (c *Counts) count(j *paired.Judgement, first float64) {
	for i := range j.Claims {
		truth := 0.0
		if i == 0 {
			truth = first
		}
		c.Intervals++
		if r := &j.Claims[i]; r.Lower <= truth && truth <= r.Upper {
			c.Held++
		}
	}
}
