package capacity

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/fcbench/fcbench/internal/seed"
)

// Gauge estimates the capacity of one target again and again, each time by a few trials
// of its own: how much such estimates differ says how sure they are, whatever the trials are
// like. It is for the comparison of two targets, whose trials are made in turn ([InTurn]).
// How steep the curve is, the trials tell by which it was found, so that an estimate takes few.
type Gauge struct {
	*local
	steep     []float64 // the slopes of the goals; nil for a cliff, and 0 for goals that the load does not move
	estimates int
}

// What a gauge takes: trials by which the slope is known, and those of an estimate; and as many
// of each at most, where the first do not tell.
const (
	slopeTrials   = 8
	mostOfASlope  = 4 * slopeTrials
	gaugeTrials   = 6
	mostOfAGauge  = 5 * gaugeTrials
	slowest       = 5   // an estimate moves the middle by one of so many parts at least
	numbersOfEach = 100 // trials of the k-th estimate are numbered from so many times k
)

// nearby are the loads of the trials of an estimate, in units of what changes the share of
// bad ones by a factor of six. They average the middle.
var nearby = [gaugeTrials]float64{0.5, -0.5, 0, 0.25, -0.25, 0}

// NewGauge returns that of a plan. Gauges of one seed make trials with the same seeds for the
// same estimate, so that what arrives at two targets is as busy at the same time.
func NewGauge(p Plan) *Gauge {
	return &Gauge{local: &local{search: &search{Plan: p, seeds: seed.New(p.Seed).Sub("gauge")}, apart: apartAtFirst}}
}

// Find looks for where the capacity is, which has to be known for estimates. Another verdict
// than CAPACITY says why there are none to be had. Low and High are what passed and what failed.
func (g *Gauge) Find(ctx context.Context, measure Measure) (Answer, error) {
	g.ctx, g.search.measure = ctx, measure
	err := g.find()
	g.Budget = math.MaxInt64 / 2 // each estimate has its own end
	if err == nil {
		g.answer.Verdict = Capacity
		g.answer.Estimate = Estimate{Value: g.at, Low: g.answer.Passed, High: g.answer.Failed}
	}
	return g.conclude(err)
}

func (g *Gauge) find() error {
	low, high, err := g.bracket()
	if err != nil {
		return err
	}
	if err := g.blind(high); err != nil {
		return err
	}
	if low, high, err = g.bisect(low, high); err != nil {
		return err
	}
	g.at = math.Sqrt(low * high)
	if err := g.centre(); err != nil {
		return err
	}
	for unknown := ""; unknown != "" || len(g.trials) < slopeTrials; _, unknown = g.found() {
		if len(g.trials) >= mostOfASlope {
			return end(Inconclusive, "%s", unknown)
		}
		if err := g.spread(); err != nil {
			return err
		}
	}
	if !g.cliff() {
		g.steep = g.slopes()
	}
	return nil
}

// slopes are those of the goals.
func (g *Gauge) slopes() []float64 {
	all := make([]float64, len(g.Goals))
	for i := range g.Goals {
		if c, _, ok := g.through(i); ok && c.b > flattest {
			all[i] = c.b
		}
	}
	return all
}

// Agree makes two gauges that found their capacities estimate alike: with the slopes that both
// have on average, from trials that lie as far apart. Else one that took its curve for steeper
// would differ from the other again and again, though their targets do not. What is a cliff on one side
// alone is a curve on both.
func Agree(a, b *Gauge) {
	mean(&a.apart, &b.apart)
	mean(&a.slope, &b.slope)
	for _, both := range [2][2]*Gauge{{a, b}, {b, a}} { // chance alone may make a curve look like a cliff
		if both[0].steep == nil {
			both[0].steep = slices.Clone(both[1].steep)
		}
	}
	for i := range min(len(a.steep), len(b.steep)) {
		mean(&a.steep[i], &b.steep[i])
	}
}

// Agreement is what gauges estimate by: with those of the other side of a comparison, by
// which they estimate alike.
type Agreement struct {
	Apart float64   `json:"apart"` // how far trials lie from each other, as a share
	Slope float64   `json:"slope"`
	Steep []float64 `json:"steep"` // the slopes of the goals; null for a cliff
}

// Agreement is what the gauge estimates by.
func (g *Gauge) Agreement() Agreement { return Agreement{g.apart, g.slope, g.steep} }

// hold makes the gauge estimate by what was agreed on before.
func (g *Gauge) hold(a Agreement) { g.apart, g.slope, g.steep = a.Apart, a.Slope, a.Steep }

// mean makes both what they are on average; one that is not known is as the other.
func mean(x, y *float64) {
	switch {
	case *x > 0 && *y > 0:
		*x = math.Sqrt(*x * *y)
		*y = *x
	case *x > 0:
		*y = *x
	default:
		*x = *y
	}
}

// conclude makes an early end an answer.
func (g *Gauge) conclude(err error) (Answer, error) {
	a := g.answer
	var over *ended
	if errors.As(err, &over) {
		a.Verdict, a.Reasons, err = over.verdict, []string{over.why}, nil
	}
	return a, err
}

// Estimate makes one more estimate, whose interval is not known. Find must have found the capacity.
func (g *Gauge) Estimate(ctx context.Context, measure Measure) (Answer, error) {
	g.ctx, g.search.measure = ctx, measure
	g.estimates++
	g.answer.Trials = numbersOfEach * g.estimates
	value, err := g.estimateOnce()
	if err == nil {
		share := 1 / float64(min(g.estimates+2, slowest)) // one alone may be off
		g.at *= math.Pow(clamp(value/g.at, 0.97, 1.03), share)
		g.answer.Verdict, g.answer.Estimate = Capacity, Estimate{Value: value}
	}
	return g.conclude(err)
}

func (g *Gauge) estimateOnce() (float64, error) {
	fresh := &local{search: g.search, at: g.at, apart: g.apart, slope: g.slope}
	for i := range mostOfAGauge {
		m, err := fresh.add(Local, fresh.at*(1+g.apart*nearby[i%gaugeTrials]))
		if err != nil {
			return 0, err
		}
		if i < gaugeTrials-1 {
			continue
		}
		if v, ok := fresh.gauged(g.steep); ok {
			return v, nil
		}
		fresh.lean(m)
	}
	return 0, end(Inconclusive, "of %d trials near %.6g none tells how near the edge is", mostOfAGauge, g.at)
}

// gauged is the capacity by the trials, whose curves have these slopes: where the first of
// them meets its budget. Not ok is that no trial, or every one, was bad.
func (l *local) gauged(slopes []float64) (v float64, ok bool) {
	if slopes == nil {
		return l.gaugedEdge()
	}
	v = math.Inf(1)
	for i, g := range l.Goals {
		if slopes[i] == 0 {
			continue
		}
		var bad, expected float64
		for _, m := range l.trials {
			p := l.point(m, i)
			bad, expected = bad+p.bad, expected+p.n*math.Exp(slopes[i]*p.z)
		}
		if bad > 0 {
			v = min(v, l.at*(1+math.Log(g.Budget*expected/bad)/slopes[i]))
		}
	}
	return v, v > 0 && !math.IsInf(v, 1)
}

// gaugedEdge is the edge of a cliff, which has trials on both sides.
func (l *local) gaugedEdge() (v float64, ok bool) {
	missed := 0
	for _, m := range l.trials {
		if l.level(m) > 1 {
			missed++
		}
	}
	return l.edge().Value, missed > 0 && missed < len(l.trials)
}

// lean moves the middle where the last trial points.
func (l *local) lean(last made) {
	step := l.apart / 2
	if l.level(last) > 1 {
		step = -step
	}
	l.at = l.value(l.at * (1 + step))
}

// Finding is how long it takes to find what is to be estimated.
func (p Plan) Finding() time.Duration {
	return shortTrials*p.takes(brief) + halfTrials*p.takes(half) + (slopeTrials+2)*p.takes(whole)
}

// Estimating is how long an estimate takes.
func (p Plan) Estimating() time.Duration { return gaugeTrials * p.takes(whole) }

// FitEstimates chooses the length of the trials of a gauge that makes so many estimates: as
// long as the budget allows.
func (p *Plan) FitEstimates(n int) {
	for p.Length = max(longest, p.leastLength()); p.Length > p.leastLength() && p.until(n) > p.Budget; {
		p.Length -= time.Second / 10
	}
}

// until is how long so many estimates take altogether.
func (p Plan) until(n int) time.Duration { return p.Finding() + time.Duration(n)*p.Estimating() }

// CheckEstimates says all that is wrong with a plan of so many estimates.
func (p Plan) CheckEstimates(n int) error {
	q := p
	q.Budget = math.MaxInt64 / 2
	if err := q.Check(); err != nil {
		return err
	}
	q.Length = q.leastLength()
	if needs := q.until(n); needs > p.Budget {
		return fmt.Errorf("a budget of %v is too short for %d estimates; want at least %v%s", p.Budget, n, needs, p.whyLong())
	}
	return nil
}

// EstimateSD is the standard deviation, as a share, of estimates of a queue whose capacity is such a
// rate; 0 where nothing is known of it. Slow requests come in clumps ([knee]), of which so many come
// in the trials that this does not depend on the bound, nor on how steep the curve is.
func (p Plan) EstimateSD(rate float64) float64 {
	least := 1.0
	for _, g := range p.Goals {
		if g.Within > 0 && !g.Hard() && g.Budget <= rare {
			least = min(least, g.Budget)
		}
	}
	if least == 1 || p.Over != "rate" || !(rate > 0) {
		return 0
	}
	rarity := math.Log(least)
	return math.Sqrt(sizes / (rarity * rarity * least * rate * gaugeTrials * p.Length.Seconds()))
}
