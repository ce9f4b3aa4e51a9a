package capacity

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// What a descent does: so much more than the capacity, then so much less of it.
const (
	overload = 1.2
	relieved = 0.8
	patience = 60 * time.Second
)

// beside makes what ends a search that has its answer a reason beside it. Only the
// target takes the answer back, and not the generator, the time or the machine.
func (s *search) beside(err error) error {
	var over *ended
	if !errors.As(err, &over) || over.verdict == UnstableTarget {
		return err
	}
	s.answer.Reasons = append(s.answer.Reasons, "after the capacity was found: "+over.why)
	return nil
}

// descend overloads the target once and looks how soon the goals hold again.
func (s *search) descend() error {
	value := s.answer.Value
	if s.Most > 0 && overload*value > s.Most {
		return nil
	}
	if s.answer.Took+descents*s.takes(brief)+s.Fade > s.Budget {
		s.answer.Reasons = append(s.answer.Reasons, "no time was left to look at the recovery from an overload")
		return nil
	}
	if _, err := s.try(Descent, overload*value, brief); err != nil {
		return err
	}
	for waited := time.Duration(0); waited < patience; {
		m, err := s.try(Descent, relieved*value, brief)
		if err != nil {
			return s.unwatched(err, waited)
		}
		waited += m.Took
		if !s.missed(m, 1) {
			s.answer.Recovery = waited
			return nil
		}
	}
	return end(UnstableTarget, "%v after an overload of %g times its capacity it does not take %g of it (metastable)", patience, overload, relieved)
}

// unwatched says how long a target was seen not to come back, until something else
// ended the look at it.
func (s *search) unwatched(err error, waited time.Duration) error {
	if waited > 0 {
		s.answer.Reasons = append(s.answer.Reasons, fmt.Sprintf("%v after an overload of %g times its capacity it did not yet take %g of it", waited.Round(time.Second), overload, relieved))
	}
	return err
}

// soakLoad is that of a soak, as a share of the lower end.
const soakLoad = 0.95

// soak loads the target for long just below the interval, if the plan says so.
func (s *search) soak() error {
	if s.Soak == 0 {
		return nil
	}
	m, err := s.try(Soak, soakLoad*s.answer.Low, soaking)
	if err != nil {
		return err
	}
	if s.level(m) > 1 {
		return end(UnstableTarget, "for %v at %.6g, below the interval, it missed the goals: %s", s.Soak, m.Value, s.missedGoals(m))
	}
	return nil
}

// missedGoals names the goals that a trial missed.
func (s *search) missedGoals(m made) string {
	var all []string
	if m.Backlog {
		all = append(all, "more arrived than was served")
	}
	for i, g := range s.Goals {
		if c := m.Goals[i]; g.Hard() && c.Bad > 0 {
			all = append(all, g.Name)
		} else if g.level(c) > 1 {
			all = append(all, fmt.Sprintf("%s (%d of %d are bad)", g.Name, c.Bad, c.Of))
		}
	}
	return strings.Join(all, ", ")
}
