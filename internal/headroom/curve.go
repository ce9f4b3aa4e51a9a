package headroom

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/fcbench/fcbench/internal/seed"
)

// Curve is what several numbers of instances take, and the law through them where there is
// one.
type Curve struct {
	Measured []Measured // by the number of instances
	Law      *Law       // nil where there is none
	Why      string     // there is none
	// Superlinear says that more instances were found to take more each.
	Superlinear bool
	Misfit      float64 // how many times farther than their intervals measurements are from the law; 1 where they are not
	Confidence  float64
	Seed        uint64
	drawn       []fitted // to measurements drawn again
}

// The bounds of what is told.
const (
	fewest = 6    // numbers of instances that a law is fitted to
	beyond = 2    // times the largest number that was measured
	Draws  = 2000 // that a band is made of
	// mostInstances is the largest number that can be measured.
	mostInstances = 10_000
	// farthest is how far a measurement is drawn from what was measured, as a power of e: so
	// far that nothing is known of it, and not so far that nobody can calculate with it.
	farthest = 100
)

// NewCurve fits the law to what was measured, each with an interval of the confidence, or
// none with one. All that is wrong is said at once.
func NewCurve(all []Measured, confidence float64, root uint64) (*Curve, error) {
	return newCurve(all, confidence, root, Draws)
}

func newCurve(all []Measured, confidence float64, root uint64, times int) (*Curve, error) {
	if err := checkMeasured(all); err != nil {
		return nil, err
	}
	c := &Curve{Measured: slices.Clone(all), Misfit: 1, Confidence: confidence, Seed: root}
	slices.SortStableFunc(c.Measured, func(a, b Measured) int { return cmp.Compare(a.Instances, b.Instances) })
	e, known := noiseOf(c.Measured, confidence)
	draws := make([][]float64, times)
	if known {
		stream := seed.New(root).Sub("scale")
		for i := range draws {
			draws[i] = e.draw(stream.Index(uint64(i)))
		}
	}
	if c.Why = superlinear(c.Measured, e, draws, known); c.Why != "" {
		c.Superlinear = true
		return c, nil
	}
	if n := countsOf(c.Measured); n < fewest {
		c.Why = fmt.Sprintf("%d number%s of instances %s measured; want %d, since fewer fit many laws", n, plural(n), was(n), fewest)
		return c, nil
	}
	c.fit(e, draws)
	return c, nil
}

// fit finds the law, and those of measurements drawn again.
func (c *Curve) fit(e noise, draws [][]float64) {
	e.meet(c.Measured)
	weights := e.weights()
	law := fit(c.Measured, weights).bound
	c.Law, c.Misfit, c.drawn = &law, e.misfit, make([]fitted, len(draws))
	again := slices.Clone(c.Measured)
	for k, off := range draws {
		for i, m := range c.Measured {
			again[i].Capacity = m.Capacity * math.Exp(max(-farthest, min(off[i]*e.misfit, farthest)))
		}
		c.drawn[k] = fit(again, weights)
	}
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

func was(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

// checkMeasured says all that is wrong.
func checkMeasured(all []Measured) error {
	if len(all) == 0 {
		return errors.New("nothing was measured; want at least one number of instances")
	}
	var wrong problems
	for i, m := range all {
		if err := m.check(all[0].High > 0); err != nil {
			wrong.add(0, "measurement %d: %w", i+1, err)
		}
	}
	return wrong.err()
}

func (m Measured) check(interval bool) error {
	switch {
	case m.Instances < 1 || m.Instances > mostInstances:
		return fmt.Errorf("instances is %d; want 1 to %d", m.Instances, mostInstances)
	case !(m.Capacity >= leastRate && m.Capacity <= mostRate):
		return fmt.Errorf("capacity is %g; want %g to %g", m.Capacity, leastRate, mostRate)
	case (m.High > 0) != interval:
		return errors.New("some have an interval and others none; want one for all, or for none")
	case interval && !(m.Low >= leastRate && m.Low <= m.Capacity && m.Capacity <= m.High && m.Low < m.High):
		return fmt.Errorf("interval is %g to %g; want one around the capacity, %g, that is wider than nothing", m.Low, m.High, m.Capacity)
	}
	return nil
}

// countsOf is how many different numbers of instances there are.
func countsOf(all []Measured) int {
	seen := map[int]bool{}
	for _, m := range all {
		seen[m.Instances] = true
	}
	return len(seen)
}

// Largest is the largest number of instances that was measured, and Told that beyond which
// nothing is told.
func (c *Curve) Largest() int { return c.Measured[len(c.Measured)-1].Instances }

// Told is twice the largest where there is a law, and else the largest.
func (c *Curve) Told() int {
	if c.Law == nil {
		return c.Largest()
	}
	return beyond * c.Largest()
}
