package capacity

import (
	"math"
	"slices"
)

// classification is a search by MLRsearch under way. RFC 9971 says what a load is by the
// trials made at it, and which bounds are relevant; which load is next is up to the search.
type classification struct {
	*search
	low, high float64 // about where the bounds are, by the step before; 0 where it is not known
}

// byClassification goes all steps, and says what they found, however they end.
func (s *search) byClassification(low, high float64) error {
	c := &classification{s, low, high}
	defer c.keep()
	steps := c.targets()
	for _, t := range steps {
		if err := c.narrow(t); err != nil {
			return err
		}
	}
	for last := steps[stepsBefore]; ; {
		low, high := c.low, c.high
		if err := c.verify(last); err != nil {
			return err
		}
		if err := c.narrow(last); err != nil {
			return err
		}
		if c.low == low && c.high == high {
			return c.settle()
		}
	}
}

// verify makes more trials at both bounds, by turns, which count like the others: a target
// that changed meanwhile does not keep to what it was classified as.
func (c *classification) verify(t target) error {
	for range atEachEnd {
		for _, load := range [...]float64{c.low, c.high} {
			if _, err := c.try(Verify, load, t.trial); err != nil {
				return err
			}
		}
	}
	if why, drifts := c.near().drift(); drifts {
		return end(UnstableTarget, "%s", why)
	}
	return nil
}

// narrow measures loads until the relevant bounds of a step are near enough.
func (c *classification) narrow(t target) error {
	for reach := t.apart; ; reach *= 2 {
		load, err := c.next(t, reach)
		if err != nil || load == 0 {
			return err
		}
		for c.of(t.Terms, load) == undecided {
			if _, err := c.try(Classify, load, t.trial); err != nil {
				return err
			}
		}
	}
}

// next is the load to be looked at: the lower bound of the step before, then its upper one,
// then what is between, and outwards, by so much, where there is no bound on a side. 0 says
// that the bounds are near enough.
func (c *classification) next(t target, reach float64) (float64, error) {
	low, high := c.bounds(func(load float64) bound { return c.of(t.Terms, load) })
	switch {
	case low > 0 && high > 0:
		c.low, c.high = low, high
		mid := c.value(math.Sqrt(low * high))
		if high/low-1 <= t.apart || mid <= low || mid >= high {
			return 0, nil
		}
		return mid, nil
	case low > 0:
		return c.above(t, low, reach)
	case high > 0:
		return c.below(t, high, reach)
	}
	return c.low, nil
}

// above is a load over a lower bound. There may be none; then the step is over, and the search
// after the last.
func (c *classification) above(t target, low, reach float64) (float64, error) {
	next := c.high
	if next <= low {
		next = c.value(low * (1 + reach))
	}
	if c.Whole && next <= low {
		next = c.value(low + 1)
	}
	if next <= low && t.last {
		return 0, end(AtLeast, "the highest value that is allowed, %.6g, is a lower bound: it keeps the goals", low)
	}
	if next <= low {
		c.low, c.high, next = low, 0, 0
	}
	if over, err := c.beyond(next); err != nil || !over {
		return next, err
	}
	return 0, c.outrun(low)
}

// below is a load under an upper bound, likewise.
func (c *classification) below(t target, high, reach float64) (float64, error) {
	next := c.low
	if next >= high {
		next = c.value(high / (1 + reach))
	}
	if c.Whole && next >= high {
		next = high - 1
	}
	if next = max(next, c.value(c.From)); next >= high && t.last {
		return 0, end(NoCapacity, "the lowest value, %.6g, is an upper bound: it misses %s", high, c.missedAt(high))
	}
	if next >= high {
		c.low, c.high, next = high, 0, 0
	}
	return next, nil
}

// missedAt is what the last trial at a load missed that missed anything.
func (s *search) missedAt(load float64) (why string) {
	for _, m := range s.made {
		if m.Value == load && s.level(m) > 1 {
			why = s.missedGoals(m)
		}
	}
	return why
}

// loads are those of which there are trials, the lowest first.
func (s *search) loads() (all []float64) {
	for _, m := range s.made {
		all = append(all, m.Value)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// at is what the trials at a load lost by a goal.
func (s *search) lostAt(load float64, goal int) (all []loss) {
	for _, m := range s.made {
		if m.Value == load {
			all = append(all, s.Goals[goal].lost(m, goal))
		}
	}
	return all
}

// ofGoal is what a load is for one goal.
func (s *search) ofGoal(t Terms, load float64, goal int) bound {
	return t.classify(t.sums(s.Goals[goal].Budget, s.lostAt(load, goal)))
}

// of is what a load is for all goals together: an upper bound of one is one.
func (s *search) of(t Terms, load float64) bound {
	all := lower
	for i := range s.Goals {
		switch s.ofGoal(t, load, i) {
		case upper:
			return upper
		case undecided:
			all = undecided
		}
	}
	return all
}

// bounds are the relevant ones: the lowest upper bound, and the highest lower bound below
// that; 0 for one that there is not.
func (s *search) bounds(of func(load float64) bound) (low, high float64) {
	for _, load := range s.loads() {
		switch of(load) {
		case lower:
			low = load
		case upper:
			return low, load
		}
	}
	return low, 0
}
