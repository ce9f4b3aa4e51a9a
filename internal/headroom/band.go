package headroom

import (
	"fmt"
	"math"
	"slices"
)

// Band is what the law says of so many instances, and an interval of it.
type Band struct {
	Value float64
	Interval
}

// Band is what n instances take, per second; the curve has a law, and tells of so many.
func (c *Curve) Band(n int) Band {
	return c.band(c.Law.At(n), func(f fitted) float64 { return f.at(n) })
}

// Times is how many times what one takes n take.
func (c *Curve) Times(n int) Band {
	return c.band(c.Law.Times(n), func(f fitted) float64 { return f.free.Times(n) })
}

// Parts are the three parts of the law, and the number of instances that take most, each
// with an interval.
func (c *Curve) Parts() (one, contention, coherence, peak Band) {
	return c.band(c.Law.One, func(f fitted) float64 { return f.free.One }),
		c.band(c.Law.Contention, func(f fitted) float64 { return max(0, f.free.Contention) }),
		c.band(c.Law.Coherence, func(f fitted) float64 { return max(0, f.free.Coherence) }),
		c.band(c.Law.Peak(), func(f fitted) float64 { return f.free.Peak() })
}

// band is a value, and what the middle of those drawn again have of it.
func (c *Curve) band(value float64, of func(fitted) float64) Band {
	b := Band{Value: value}
	values := make([]float64, len(c.drawn))
	for i, f := range c.drawn {
		values[i] = of(f)
	}
	slices.Sort(values)
	tail := (1 - c.Confidence) / 2
	last := float64(len(values) - 1)
	b.Low = min(b.Value, values[int(math.Floor(tail*last))])
	b.High = max(b.Value, values[int(math.Ceil((1-tail)*last))])
	return b
}

// Scaled is a supply by a curve. What one instance takes is measured by itself, or part of
// the curve where One is nil.
type Scaled struct {
	*Curve
	One *Interval
}

// At is what so many instances take, per second.
func (s Scaled) At(n int) (Interval, error) {
	switch {
	case n < 1 || n > s.Told():
		return Interval{}, fmt.Errorf("instances are %d; want 1 to %d: %w", n, s.Told(), s.notTold())
	case s.One != nil && n == 1:
		return *s.One, nil
	case s.Law == nil && s.One != nil:
		return Interval{}, fmt.Errorf("what %d instances take is not known: %s", n, s.Why)
	case s.Law == nil:
		return s.measured(n)
	case s.One != nil:
		times := s.Times(n)
		return Interval{s.One.Low * times.Low, s.One.High * times.High}, nil
	}
	return s.Band(n).Interval, nil
}

// notTold says where what is told ends.
func (s Scaled) notTold() error {
	if s.Law == nil {
		return fmt.Errorf("%w the %d that were measured", ErrNotTold, s.Told())
	}
	return fmt.Errorf("%w %d, twice the largest number that was measured", ErrNotTold, s.Told())
}

// measured is what so many were found to take, by all measurements.
func (s Scaled) measured(n int) (found Interval, err error) {
	for _, m := range s.Measured {
		if i := m.interval(); m.Instances == n {
			if found.High == 0 {
				found = i
			}
			found = Interval{min(found.Low, i.Low), max(found.High, i.High)}
		}
	}
	if found.High == 0 {
		err = fmt.Errorf("%d instances were not measured, and there is no law: %s", n, s.Why)
	}
	return found, err
}

// Needed looks for the smallest number that suffices by either end. Where there is no law
// it is one of those that were measured.
func (s Scaled) Needed(rate, use float64) (needed Needed, err error) {
	if s.Law == nil && s.One != nil {
		return needed, fmt.Errorf("not told by --scale: %s", s.Why)
	}
	for n := 1; n <= s.Told(); n++ {
		if s.Law != nil && s.One == nil && use*s.Law.At(n) < rate && needed.Low > 0 {
			continue // the lower end is no more than that
		}
		takes, err := s.At(n)
		if err != nil {
			continue // it was not measured
		}
		if needed.Low == 0 && use*takes.High >= rate && !math.IsInf(takes.High, 1) {
			needed.Low = n
		}
		if use*takes.Low >= rate {
			needed.High = n
			return needed, nil
		}
	}
	if most, ok := s.most(); ok && needed.Low == 0 {
		return needed, fmt.Errorf("%w: with more than %.0f they take less and less", ErrNever, most)
	}
	return needed, fmt.Errorf("no number of instances up to %d is sure to suffice: %w", s.Told(), s.notTold())
}

// most is by how many instances at most the most is taken, if that is told.
func (s Scaled) most() (float64, bool) {
	if s.Law == nil {
		return 0, false
	}
	_, _, _, peak := s.Parts()
	most := math.Ceil(peak.High * (1 - 1e-9)) // what is above one by rounding alone is that one
	return most, most <= float64(s.Told())
}
