package capacity

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/fcbench/fcbench/internal/seed"
)

// search is one under way.
type search struct {
	Plan
	ctx     context.Context
	measure Measure
	answer  Answer
	made    []made // all trials that count
	around  *local // the part around the estimate, once the search is there
	seeds   seed.Stream

	recalibrated bool
}

// made is a trial that was made, and what it found.
type made struct {
	Trial
	Observation
}

// Search finds the capacity. The error is that of a trial that could not be made;
// what is known until then is in the answer.
func Search(ctx context.Context, p Plan, measure Measure) (Answer, error) {
	t, err := Follow(ctx, p, measure)
	return t.Answer, err
}

// answered runs a search to its end.
func (s *search) answered() (Answer, error) {
	s.answer.Strategy = s.by()
	err := s.run()
	s.used()
	var over *ended
	if errors.As(err, &over) {
		s.answer.Verdict, s.answer.Reasons, err = over.verdict, append(s.answer.Reasons, over.why), nil
	}
	return s.answer, err
}

// ended ends a search early with a verdict.
type ended struct {
	verdict Verdict
	why     string
}

func (e *ended) Error() string { return string(e.verdict) + ": " + e.why }

func end(v Verdict, format string, args ...any) error { return &ended{v, fmt.Sprintf(format, args...)} }

func (s *search) run() error {
	if err := s.calibrated(); err != nil {
		return err
	}
	low, high, err := s.bracket()
	if err != nil {
		return err
	}
	by := s.byCurve
	if s.Strategy == MLRsearch {
		by = s.byClassification
	}
	if err := by(low, high); err != nil {
		return err
	}
	if err := s.beside(s.descend()); err != nil {
		return err
	}
	return s.beside(s.soak())
}

// byCurve is the rest of the guarded search.
func (s *search) byCurve(low, high float64) error {
	if err := s.blind(high); err != nil {
		return err
	}
	low, high, err := s.bisect(low, high)
	if err != nil {
		return err
	}
	s.around = &local{search: s, at: math.Sqrt(low * high), apart: apartAtFirst}
	return s.around.run()
}

// blind is the end of a search whose goals let too few requests be bad at about what it can
// take: longer trials could tell.
func (s *search) blind(high float64) error {
	known := s.Plan
	known.Most = high
	if s.Most > 0 || known.seeing() <= max(longest, s.Length) {
		return nil
	}
	return end(Inconclusive, "near %.6g a second trials of %v are too short for so rare bad requests as the goals are about; want --most %.6g, and --budget %v for trials of %v",
		high, max(longest, s.Length), high, known.Needs(), known.leastLength())
}

// moved is the end of a search whose answer is not between what it saw on the way: below
// the lowest value, which then misses the goals, or above one that failed twice.
func (s *search) moved() error {
	a := &s.answer
	switch {
	case a.High < s.From:
		return end(NoCapacity, "the lowest value, %.6g, is above what keeps the goals: %.6g to %.6g", s.From, a.Low, a.High)
	case a.Failed > 0 && a.Low > a.Failed*(1+s.Precision):
		return end(UnstableTarget, "what it can take rises: at %.6g two trials in a row clearly missed the goals, and later it took %.6g", a.Failed, a.Low)
	}
	return nil
}

// try makes a trial. One that the generator or something else spoiled is made once
// more; the second time it ends the search.
func (s *search) try(phase Phase, value float64, t trialLength) (made, error) {
	warmup, length := t(s.Plan)
	spoiled := ""
	for again := false; ; again = true {
		fade := s.fades(phase, value)
		if s.answer.Took+warmup+length+fade+s.Overhead > s.Budget {
			return made{}, end(Inconclusive, "the budget of %v is used up%s%s", s.Budget, s.between(), spoiled)
		}
		s.answer.Trials++
		m := made{Trial: Trial{Number: s.answer.Trials, Phase: phase, Value: s.value(value), Warmup: warmup, Length: length, Fade: fade, Seed: s.seeds.Uint64(uint64(s.answer.Trials))}}
		var err error
		if m.Observation, err = s.measure(s.ctx, m.Trial); err != nil {
			return m, err
		}
		s.answer.Took += m.Took
		switch {
		case m.Limited == "" && m.Down == "" && m.Invalid == "":
			s.made = append(s.made, m)
			return m, nil
		case !again:
			spoiled = "; the last trial did not count: " + m.Limited + m.Down + m.Invalid
		case m.Limited != "":
			return m, end(GeneratorLimited, "at %.6g the generator is at its limit: %s", m.Value, m.Limited)
		case m.Down != "":
			return m, end(UnstableTarget, "at %.6g the target is down: %s", m.Value, m.Down)
		default:
			return m, end(Inconclusive, "at %.6g two trials in a row are invalid: %s", m.Value, m.Invalid)
		}
	}
}

// fades is how long the load of a trial takes to go: some time where it may be far more
// than the target takes.
func (s *search) fades(phase Phase, value float64) time.Duration {
	if phase == Ramp || phase == Descent && value > s.answer.Value {
		return s.Fade
	}
	return 0
}

// between is what is known before there is an estimate.
func (s *search) between() string {
	if s.answer.Verdict != "" {
		return ""
	}
	return fmt.Sprintf("; the capacity is between %.6g and %s", s.answer.Passed, upTo(s.answer.Failed))
}

func upTo(v float64) string {
	if v == 0 {
		return "a value that no trial reached"
	}
	return fmt.Sprintf("%.6g", v)
}

// value is one that can be measured: whole where only such make sense, and never
// beyond the limit.
func (s *search) value(v float64) float64 {
	if s.Whole {
		v = max(1, math.Round(v))
	}
	if s.Most > 0 {
		v = min(v, s.Most)
	}
	return v
}

// level is that of the goal which fared worst.
func (s *search) level(m made) (worst float64) {
	for i, g := range s.Goals {
		worst = max(worst, g.level(m.Goals[i]))
	}
	if m.Backlog {
		worst = unbearable
	}
	return worst
}

// missed reports whether a trial missed a goal by so much that chance does not
// explain it: more than so many times the budget, and three requests more.
func (s *search) missed(m made, times float64) bool {
	if m.Backlog {
		return true
	}
	for i, g := range s.Goals {
		c := m.Goals[i]
		if g.Hard() && c.Bad > 0 || !g.Hard() && float64(c.Bad) > times*g.Budget*float64(c.Of)+3 {
			return true
		}
	}
	return false
}
