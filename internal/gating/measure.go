package gating

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fcbench/fcbench/ci"
	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/paired"
)

// mostReplaced is the share of pairs that may be measured anew because of the box.
const mostReplaced = 0.2

// Measure makes the runs: up to each look, then asks whether they suffice. What was
// measured is in Units, also after an error.
func (g *Gate) Measure(ctx context.Context, enough func(look int) bool) (h ci.Health, err error) {
	begun := time.Now()
	g.meter.Open()
	defer func() {
		g.meter.Close()
		if !g.policy.Virtual {
			h = g.health(begun)
		}
		h.Runs, h.InvalidOf, h.SuspectOf = g.count()
		err = errors.Join(err, g.closeTrials())
	}()
	g.keepTrials()
	switch {
	case g.policy.Bounded():
		return h, g.bounded(ctx)
	case g.policy.Capacity != nil:
		if err := g.findAll(ctx); err != nil {
			return h, err
		}
		if g.allLost() {
			return h, nil
		}
		return h, g.looks(ctx, enough)
	case g.policy.Exact():
		return h, g.once(ctx)
	case g.policy.Virtual:
		return h, g.pair(ctx, 1, true, false)
	}
	return h, g.looks(ctx, enough)
}

// Sample makes one run of each side, to see what there is to be measured.
func (g *Gate) Sample(ctx context.Context) error {
	if g.policy.Exact() {
		return g.once(ctx)
	}
	return g.pair(ctx, 1, true, false)
}

func (g *Gate) looks(ctx context.Context, enough func(look int) bool) error {
	done := 0
	orders := g.policy.Design(1).Orders(g.policy.Seed)
	for look, n := range g.policy.Pairs {
		for i, order := range orders[done:n] {
			g.say(fmt.Sprintf("pair %d of %d", done+i+1, n))
			if err := g.pair(ctx, done+i+1, order == paired.AB, false); err != nil {
				return err
			}
		}
		if done = n; enough(look) {
			break
		}
	}
	for i := range g.policy.NullPairs {
		g.say(fmt.Sprintf("null control %d of %d: side a against itself", i+1, g.policy.NullPairs))
		if err := g.pair(ctx, i+1, i%2 == 0, true); err != nil {
			return err
		}
	}
	return nil
}

// pair makes one pair of each unit.
func (g *Gate) pair(ctx context.Context, number int, aFirst, null bool) error {
	for i := range max(1, len(g.asB)) { // benchmarks are measured all at once
		make := g.sound
		if g.policy.Capacity != nil {
			make = g.estimated
		}
		if err := make(ctx, i, number, aFirst, null); err != nil {
			return err
		}
	}
	return nil
}

// sound makes a pair, and again where the box spoiled it, as long as that is rare.
func (g *Gate) sound(ctx context.Context, i, number int, aFirst, null bool) error {
	for {
		a, b, err := g.both(ctx, i, number, aFirst, null)
		if err != nil {
			return err
		}
		if why := g.spoiled(a, b); why != "" && float64(g.Replaced+1) <= mostReplaced*float64(g.planned()) {
			g.Replaced++
			g.say(fmt.Sprintf("pair %d is made again: %s", number, why))
			continue
		}
		return g.keep(i, number, aFirst, null, a, b)
	}
}

// planned is how many pairs there may be at most.
func (g *Gate) planned() int {
	return g.lastPair() * max(1, len(g.asB))
}

// lastPair is how many pairs of each subject there may be at most.
func (g *Gate) lastPair() int {
	if len(g.policy.Pairs) == 0 {
		return 1
	}
	return g.policy.Pairs[len(g.policy.Pairs)-1]
}

func (g *Gate) spoiled(sides ...map[subject]ci.Measured) string {
	for _, all := range sides {
		for s, m := range all {
			if why, ok := m.Sound(); !ok {
				return fmt.Sprintf("%s/%s: %s", s.scenario, s.name, why)
			}
		}
	}
	return ""
}

// both makes a run of each side, one right after the other.
func (g *Gate) both(ctx context.Context, i, number int, aFirst, null bool) (a, b map[subject]ci.Measured, err error) {
	other, at := g.b, i
	if null {
		other, at = g.a, g.indexOnA(i)
	}
	before := func(order int) (err error) {
		a, err = g.a.measure(ctx, g.indexOnA(i), turn{number, order, g.planned(), g.number()})
		return err
	}
	after := func(order int) (err error) {
		b, err = other.measure(ctx, at, turn{number, order, g.planned(), g.number()})
		return err
	}
	first, second := before, after
	if !aFirst {
		first, second = after, before
	}
	if err := first(2*number - 1); err != nil {
		return nil, nil, err
	}
	if err := second(2 * number); err != nil {
		return nil, nil, err
	}
	return a, b, ctx.Err()
}

// number is that of the next run.
func (g *Gate) number() uint64 {
	g.made++
	return g.made
}

// indexOnA is where side A has what side B has at i.
func (g *Gate) indexOnA(i int) int {
	if len(g.matchedA) == 0 {
		return i
	}
	return g.matchedA[i]
}

// keep adds a pair to its units: of benchmarks, those that both sides had.
func (g *Gate) keep(i, number int, aFirst, null bool, a, b map[subject]ci.Measured) error {
	order := paired.Order(!aFirst).String()
	if len(g.asB) > 0 {
		before, after := g.asA[g.indexOnA(i)], g.asB[i]
		if null {
			after = before
		}
		if err := errors.Join(asPrepared("a", a, before), asPrepared("b", b, after)); err != nil {
			return &Unlike{err}
		}
		for _, ma := range a {
			for _, mb := range b {
				g.add(i, null, ci.Pair{Number: number, Order: order, A: ma, B: mb})
			}
		}
		return nil
	}
	for _, s := range sorted(a, b) {
		at := g.unit(s)
		g.add(at, null, ci.Pair{Number: number, Order: order, A: a[s], B: b[s]})
	}
	return nil
}

// asPrepared refuses runs of other work than was prepared: another build of fcbench may
// make another schedule of the same scenario.
func asPrepared(side string, all map[subject]ci.Measured, want subject) (err error) {
	for s := range all {
		if s.digest != want.digest {
			err = errors.Join(err, fmt.Errorf("side %s ran the schedule %s of %s; want %s, as was prepared: the same work on both sides", side, s.digest, named([]subject{s}), want.digest))
		}
	}
	return err
}

func (g *Gate) add(i int, null bool, p ci.Pair) {
	if null {
		g.units[i].Null = append(g.units[i].Null, p)
	} else {
		g.units[i].Pairs = append(g.units[i].Pairs, p)
	}
}

// once makes one run of everything, in virtual time, several beside each other.
func (g *Gate) once(ctx context.Context) error {
	w, ok := g.b.(*inWorld)
	if !ok {
		return errors.New("a gate of exact values has no sides to start")
	}
	all := &collector{Observer: g.hooks}
	err := experiment.Run(ctx, w.plans, all)
	if err != nil || ctx.Err() != nil {
		return errors.Join(err, ctx.Err())
	}
	for i := range all.runs {
		run := &all.runs[i]
		at := g.unit(subject{run.Scenario, run.Trial, run.Schedule.Digest})
		g.add(at, false, ci.Pair{Number: 1, Order: "AB", B: ci.Measured{Run: run}})
	}
	return nil
}

// unit is the place of a subject among the units, which it is given if it has none.
func (g *Gate) unit(s subject) int {
	for i, u := range g.units {
		if u.Scenario == s.scenario && u.Subject == s.name {
			return i
		}
	}
	g.units = append(g.units, ci.Unit{Scenario: s.scenario, Subject: s.name, Digest: s.digest})
	return len(g.units) - 1
}

type collector struct {
	experiment.Observer
	runs []results.Run
}

func (c *collector) End(run *results.Run) {
	c.Observer.End(run)
	c.runs = append(c.runs, *run)
}

// count is how many runs there were, and how many of them say that they are not
// to be trusted.
func (g *Gate) count() (runs, invalid, suspect int) {
	for _, u := range g.units {
		for _, p := range append(append([]ci.Pair{}, u.Pairs...), u.Null...) {
			for _, m := range []ci.Measured{p.A, p.B} {
				if m.Run == nil {
					continue
				}
				runs++
				switch m.Run.Validity.Verdict {
				case results.Invalid:
					invalid++
				case results.Suspect:
					suspect++
				}
			}
		}
	}
	return runs, invalid, suspect
}
