package capacity

import (
	"math"
	"time"
)

// trialLength chooses the warm-up and the length of a trial by the plan.
type trialLength func(Plan) (warmup, length time.Duration)

// briefest is a trial of the ramp.
const briefest = 2 * time.Second

// The lengths of trials.
func brief(p Plan) (warmup, length time.Duration) {
	return p.warming(coarsely), max(briefest, p.telling(coarsely))
}

func steady(p Plan) (warmup, length time.Duration) {
	warmup, length = brief(p)
	return warmup, length * 5 / 2
}

func half(p Plan) (warmup, length time.Duration) {
	_, length = brief(p)
	return p.warming(p.Precision), max(length, p.Length/2)
}

func whole(p Plan) (warmup, length time.Duration) { return p.warming(p.Precision), p.Length }

func soaking(p Plan) (warmup, length time.Duration) { return p.warming(p.Precision), p.Soak }

// How a ramp grows, and when it does so in small steps: requests wait for each
// other from about two in flight.
const (
	leap      = 2.0
	stride    = 1.3
	waiting   = 2.0 // in flight
	clearMiss = 3.0 // times its budget
)

// bracket is a value that passed and one that failed twice.
func (s *search) bracket() (low, high float64, err error) {
	low = s.value(s.From)
	m, fails, err := s.confirmed(Floor, low, clearMiss)
	if err != nil {
		return 0, 0, err
	}
	if fails {
		return 0, 0, end(NoCapacity, "the lowest value, %.6g, misses the goals already: %s", low, s.missedGoals(m))
	}
	s.answer.Passed = low
	for {
		grow := stride
		if m.Busy < waiting {
			grow = leap
		}
		next := s.value(low * grow)
		if s.Whole && next == low {
			next = s.value(low + 1)
		}
		if next, err = s.reach(low, next); err != nil {
			return 0, 0, err
		}
		switch {
		case next <= low && s.Strategy == MLRsearch: // which classifies the highest value like all others
			return low, 0, nil
		case next <= low:
			return s.most(low)
		}
		if m, fails, err = s.confirmed(Ramp, next, clearMiss); err != nil {
			return 0, 0, err
		}
		if fails {
			s.answer.Failed = next
			return low, next, s.back(low)
		}
		low = next
		s.answer.Passed = low
	}
}

// confirmed makes a trial, and a longer one where it fails: one failure is not
// believed.
func (s *search) confirmed(phase Phase, value, times float64) (m made, fails bool, err error) {
	if m, err = s.try(phase, value, brief); err != nil || !s.missed(m, times) {
		return m, false, err
	}
	if m, err = s.try(phase, value, steady); err != nil {
		return m, false, err
	}
	return m, s.missed(m, times), nil
}

// most ends a ramp that reached the highest value, of the plan or of the generator. It has to
// pass in full.
func (s *search) most(value float64) (low, high float64, err error) {
	bad, of := make([]uint64, len(s.Goals)), make([]uint64, len(s.Goals))
	backlog := false
	for range atEachEnd {
		m, err := s.try(Most, value, whole)
		if err != nil {
			return 0, 0, err
		}
		backlog = backlog || m.Backlog
		for i, c := range m.Goals {
			bad[i], of[i] = bad[i]+c.Bad, of[i]+c.Of
		}
	}
	for i, g := range s.Goals {
		backlog = backlog || g.level(Count{bad[i], of[i]}) > 1
	}
	if backlog {
		s.answer.Failed = value
		return value / stride, value, nil
	}
	if value != s.Most {
		return 0, 0, s.outrun(value)
	}
	s.answer.Estimate = Estimate{Value: value, Low: value}
	return 0, 0, end(AtLeast, "the highest value that is allowed, %.6g, keeps the goals", value)
}

// What has to pass after an overload, as a share of what passed before, and by
// how much it may miss.
const (
	returned = 0.9
	hopeless = 10.0
)

// back looks whether the target still takes after an overload what it took before.
func (s *search) back(low float64) error {
	value := max(s.From, returned*low)
	if _, fails, err := s.confirmed(Return, value, hopeless); err != nil || !fails {
		return err
	}
	if _, err := s.try(Rest, s.From, steady); err != nil {
		return err
	}
	_, fails, err := s.confirmed(Return, value, hopeless)
	switch {
	case err != nil:
		return err
	case fails:
		return end(UnstableTarget, "after an overload it no longer takes %.6g, which it took before, and not after a rest at %.6g either (metastable, or its capacity fell)", value, s.From)
	}
	return end(UnstableTarget, "after an overload it no longer took %.6g, which it took before, until it had a rest at %.6g (metastable)", value, s.From)
}

// localBracket is how wide a bracket may be for local trials to begin.
const localBracket = 1.06

func (s *search) bisect(low, high float64) (float64, float64, error) {
	for high/low > localBracket {
		mid := s.value(math.Sqrt(low * high))
		if mid <= low || mid >= high {
			break
		}
		m, err := s.try(Bisect, mid, half)
		if err != nil {
			return low, high, err
		}
		if s.level(m) > 1 {
			high = mid
		} else {
			low = mid
		}
	}
	return low, high, nil
}
