package gating

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/fcbench/fcbench/ci"
	"github.com/fcbench/fcbench/internal/capacity"
	"github.com/fcbench/fcbench/results/paired"
)

// step is what a gauge does by trials.
type step func(*capacity.Gauge, context.Context, capacity.Measure) (capacity.Answer, error)

// findAll finds where the capacities of both sides are, one subject after the other. Where a
// side has none to be estimated, there is one pair, of what is known of both.
func (g *Gate) findAll(ctx context.Context) error {
	for i := range g.asB {
		a, b, err := g.inTurn(ctx, i, true, (*capacity.Gauge).Find)
		if err != nil {
			return err
		}
		if a.Verdict != capacity.Capacity || b.Verdict != capacity.Capacity {
			g.roughly(i, 1, true, a, b)
		}
		before, after := g.searchesOf(i)
		capacity.Agree(before.gauge, after.gauge)
		for _, s := range []*search{before, after} {
			s.kept.add(func(w io.Writer) error { return capacity.WriteAgreement(w, s.gauge.Agreement()) })
		}
	}
	return nil
}

// estimated makes a pair of estimates, and again where something spoiled one, as long as that is rare.
func (g *Gate) estimated(ctx context.Context, i, number int, aFirst, null bool) error {
	if null {
		return errors.New("capacities have no null control")
	}
	for !g.lost(i) {
		a, b, err := g.inTurn(ctx, i, aFirst, (*capacity.Gauge).Estimate)
		if err != nil {
			return err
		}
		if a.Verdict == capacity.Capacity && b.Verdict == capacity.Capacity {
			g.add(i, false, ci.Pair{
				Number: number, Order: paired.Order(!aFirst).String(),
				A: ci.Measured{Search: &ci.Searched{Value: a.Value}}, B: ci.Measured{Search: &ci.Searched{Value: b.Value}},
			})
			return nil
		}
		if float64(g.Replaced+1) > mostReplaced*float64(g.planned()) {
			g.roughly(i, number, aFirst, a, b)
			return nil
		}
		g.Replaced++
		g.say(fmt.Sprintf("pair %d is made again: %s", number, why(a, b)))
	}
	return nil
}

// why is what kept a search from an answer.
func why(all ...capacity.Answer) (text string) {
	for _, a := range all {
		if a.Verdict != capacity.Capacity {
			text += spoken(a) + " "
		}
	}
	return text
}

// lost reports whether a subject has no capacity to be estimated on either side.
func (g *Gate) lost(i int) bool {
	for _, p := range g.units[i].Pairs {
		if p.B.Search.Rough {
			return true
		}
	}
	return false
}

// allLost reports whether there is nothing to be estimated.
func (g *Gate) allLost() bool {
	for i := range g.asB {
		if !g.lost(i) {
			return false
		}
	}
	return true
}

// roughly notes of a subject only between what its capacities are.
func (g *Gate) roughly(i, number int, aFirst bool, a, b capacity.Answer) {
	before, after := g.searchesOf(i)
	found := [2]*ci.Searched{before.searched(a), after.searched(b)}
	for side, s := range found {
		if s.Reason != "" {
			s.Reason = fmt.Sprintf("side %c: %s", 'a'+side, s.Reason)
		}
	}
	g.add(i, false, ci.Pair{
		Number: number, Order: paired.Order(!aFirst).String(), A: ci.Measured{Search: found[0]}, B: ci.Measured{Search: found[1]},
	})
}

// searchesOf are those of a subject on both sides.
func (g *Gate) searchesOf(i int) (a, b *search) {
	return g.a.(seeker).searchOf(g.indexOnA(i)), g.b.(seeker).searchOf(i)
}

// inTurn makes a step of both gauges of a subject, their trials in turn, each where its side is
// there to be tried.
func (g *Gate) inTurn(ctx context.Context, i int, aFirst bool, do step) (a, b capacity.Answer, err error) {
	before, after := g.searchesOf(i)
	asks := func(name string, of side, at int, s *search, to *capacity.Answer) capacity.Asks {
		measure := g.told("side "+name+", ", s)
		return capacity.Asks{
			Do: func(m capacity.Measure) (err error) {
				*to, err = do(s.gauge, ctx, m)
				return err
			},
			Make: func(ctx context.Context, t capacity.Trial) (seen capacity.Observation, err error) {
				err = of.(seeker).around(ctx, at, func(ctx context.Context) (err error) {
					seen, err = measure(ctx, t)
					return err
				})
				return seen, err
			},
		}
	}
	err = capacity.InTurn(ctx, aFirst, asks("a", g.a, g.indexOnA(i), before, &a), asks("b", g.b, i, after, &b))
	return a, b, errors.Join(err, ctx.Err())
}
