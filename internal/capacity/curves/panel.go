package curves

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/internal/plot"
	"github.com/fcbench/fcbench/results"
)

// panel is one of the drawings, whatever it is drawn on.
type panel struct {
	title    string
	about    string // what is to be seen in it, in a sentence
	x, y     scale
	marks    []mark
	fit      []stretch
	bound    *float64 // of the goal
	diagonal bool     // all that is offered
	knee     *Knee    // where it is within x
	absent   string   // why there are no marks
}

// scale is what an axis has to reach over.
type scale struct {
	title  string
	unit   string
	values []float64
	log    bool
}

// mark is one trial. What is 0 has no place on a logarithmic axis: it is at the foot, below it.
type mark struct {
	x, y float64
	kind kind
	foot bool
}

// kind is what became of a trial.
type kind int

const (
	faint   kind = iota // a second metric, beside the one that the panel is about
	spoiled             // it does not count
	kept
	missed
)

func (p *Point) kind() kind {
	switch {
	case !p.Counts:
		return spoiled
	case p.Kept:
		return kept
	}
	return missed
}

// stretch is the fit at one value.
type stretch struct{ x, middle, low, high float64 }

// footed reports whether there is a line for 0 below a logarithmic axis.
func (p *panel) footed() bool {
	return slices.ContainsFunc(p.marks, func(m mark) bool { return m.foot })
}

// axis lays a scale out. There has to be a value.
func (s scale) axis(low, high float64, steps int) plot.Axis {
	if s.log {
		return plot.Log(s.values, low, high, steps)
	}
	return plot.Linear(s.values, low, high, steps)
}

// text is a mark of the axis.
func (s scale) text(v float64) string {
	if s.unit == results.UnitShare {
		return fmt.Sprintf("%.4g%%", 100*v)
	}
	return unpadded(quantity(&v, s.unit))
}

// unpadded is a quantity without the zeros that say how precise it is.
func unpadded(text string) string {
	end := strings.IndexFunc(text, func(r rune) bool { return !strings.ContainsRune("-0123456789.,", r) })
	if end < 0 {
		end = len(text)
	}
	number := text[:end]
	if strings.Contains(number, ".") {
		number = strings.TrimRight(strings.TrimRight(number, "0"), ".")
	}
	return number + text[end:]
}

// panels are the drawings of a curve, of which those have nothing to show are left out.
func (c *Curve) panels() (all []panel) {
	for _, p := range []panel{c.latency(), c.goodput(), c.closely(), c.edge()} {
		if p = p.ready(); len(p.marks) > 0 || p.absent != "" {
			all = append(all, p)
		}
	}
	return all
}

// latency is the response over the load: the percentile that a goal is about, or p99.
func (c *Curve) latency() panel {
	p := panel{x: c.across(), y: scale{unit: results.UnitNS, log: true}, title: "response.ok.p99", knee: c.Knee}
	goal := slices.IndexFunc(c.Goals, func(g Goal) bool { return c.binds(g) && timed(g) })
	if goal < 0 {
		goal = slices.IndexFunc(c.Goals, timed)
	}
	read := func(t *Point) *float64 { return t.P99 }
	if goal >= 0 {
		p.title, p.bound = c.Goals[goal].Name, c.Goals[goal].Bound
		read = func(t *Point) *float64 { return t.Goals[goal].Value }
		p.fit = c.responses(c.Goals[goal].Name)
	}
	c.plot(&p, func(t *Point) *float64 { return t.P50 }, true)
	c.plot(&p, read, false)
	p.about = "The response of every trial, and small its median"
	if len(p.marks) == 0 {
		p.absent = "no trial has a response time"
	}
	return p
}

// closely is the latency near the estimate, where the fit says something of it.
func (c *Curve) closely() panel {
	p := c.latency()
	if len(p.fit) == 0 {
		return panel{}
	}
	p.title += ", near the edge"
	p.marks = slices.DeleteFunc(p.marks, func(m mark) bool { return m.kind == faint || !c.isNear(m.x) })
	p.about = "The trials near the estimate by their response; the band is the fit of the share over the bound, as a percentile by the exponential tail of queues"
	return p
}

// timed reports whether a goal is about how long responses take, of a class too.
func timed(g Goal) bool { return g.Unit == results.UnitNS && strings.Contains(g.Metric, "response.") }

// binds reports whether the estimate is by this goal.
func (c *Curve) binds(g Goal) bool { return g.Name == c.Answer.Goal }

func (c *Curve) goodput() panel {
	p := panel{x: c.across(), y: scale{unit: results.UnitRate, values: []float64{0}}, title: "goodput", diagonal: c.Over == "rate", knee: c.Knee}
	c.plot(&p, func(t *Point) *float64 { return t.Goodput }, false)
	p.about = "Goodput of every trial"
	if p.diagonal {
		p.about += "; the slope is all that is offered"
	}
	if len(p.marks) == 0 {
		p.absent = "no trial has a goodput; files of trials of before it was kept lack it"
	}
	return p
}

// edge is what decides, near the estimate: the share of bad ones by the goal that binds,
// or its metric, where it has no share.
func (c *Curve) edge() panel {
	goal := max(0, slices.IndexFunc(c.Goals, c.binds))
	if len(c.Goals) == 0 {
		return panel{}
	}
	g := c.Goals[goal]
	p := panel{x: c.across(), title: g.Name + ", near the edge", knee: c.Knee}
	if g.Budget == nil {
		p.y, p.bound = scale{unit: g.Unit}, g.Bound
		p.about = "The trials near the estimate, by the metric of the goal, which each keeps or misses as a whole"
		c.plot(&p, func(t *Point) *float64 { return c.near(t, t.Goals[goal].Value) }, false)
		if len(p.marks) == 0 {
			p.absent = "no trial has a value of its metric; files of trials of before it was kept lack it"
		}
		return p
	}
	p.y = scale{unit: results.UnitShare, log: true}
	p.bound, p.title = g.Budget, fmt.Sprintf("bad by %s, near the edge (%.4g%% may be)", g.Name, 100**g.Budget)
	p.about = "The share of bad ones in the trials near the estimate"
	if c.Fit != nil {
		p.fit = c.shares()
		p.about += fmt.Sprintf(". The band is the %.3g %% interval of the fit", 100*c.Confidence)
	}
	c.plot(&p, func(t *Point) *float64 { return c.near(t, t.Goals[goal].Share) }, false)
	return p
}

// near is the value of a trial near the estimate; nil for others. Where there is no
// estimate all are.
func (c *Curve) near(t *Point, v *float64) *float64 {
	if !c.isNear(t.Value) {
		return nil
	}
	return v
}

func (c *Curve) isNear(value float64) bool {
	const reach = 0.15
	return c.Knee == nil || math.Abs(value/c.Knee.Value-1) <= reach
}

// across is the axis of what is searched.
func (c *Curve) across() scale {
	if c.Over == "rate" {
		return scale{title: "offered load", unit: c.Unit}
	}
	return scale{title: c.Over, unit: c.Unit}
}

// plot adds the trials.
func (c *Curve) plot(p *panel, read func(*Point) *float64, beside bool) {
	for i := range c.Trials {
		t := &c.Trials[i]
		v := read(t)
		if v == nil {
			continue
		}
		m := mark{x: t.Value, y: *v, kind: t.kind()}
		if beside {
			m.kind = faint
		}
		p.marks = append(p.marks, m)
	}
}

// shares is the fit as it is.
func (c *Curve) shares() (all []stretch) {
	for _, f := range c.Fit.Points {
		if f.Share.High != nil {
			all = append(all, stretch{f.Value, f.Share.Middle, f.Share.Low, *f.Share.High})
		}
	}
	return all
}

// responses is the fit as times, where it is by that goal.
func (c *Curve) responses(goal string) (all []stretch) {
	if c.Fit == nil || c.Fit.Goal != goal {
		return nil
	}
	for _, f := range c.Fit.Points {
		if f.Response != nil && f.Response.High != nil {
			all = append(all, stretch{f.Value, f.Response.Middle, f.Response.Low, *f.Response.High})
		}
	}
	return all
}
