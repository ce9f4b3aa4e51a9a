package targets

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// Step is another limit from an instant of the run on.
type Step struct {
	At    time.Duration
	Limit limiters.Limit
}

// Change is what became of a step.
type Change struct {
	At  time.Duration // the instant from which the limit counts, on the clock of decisions
	Err error         // why it may not have been changed
}

// stepper changes the limit of a limiter when its steps are due: before the first
// decision at or after their instant. What was asked before is answered first, so
// that a limiter which decides elsewhere never decides under two limits at once; a
// step thus costs callers the time of an answer and of the change.
type stepper struct {
	steps []Step

	mu       sync.Mutex
	turn     sync.Cond // a bubble sees who waits here, and not who waits for a lock
	asking   int       // questions under way
	changing bool
	made     []Change
}

// newStepper returns nil if there are no steps.
func newStepper(steps []Step) *stepper {
	if len(steps) == 0 {
		return nil
	}
	s := &stepper{steps: steps}
	s.turn.L = &s.mu
	return s
}

// ask runs a question at now, once the steps that are due by then are made.
func (s *stepper) ask(ctx context.Context, now time.Duration, l limiters.Limiter, question func() (limiters.Decision, error)) (limiters.Decision, error) {
	if err := s.begin(ctx, now, l); err != nil {
		return limiters.Decision{}, err
	}
	defer s.end()
	return question()
}

func (s *stepper) begin(ctx context.Context, now time.Duration, l limiters.Limiter) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.changing || s.due(now) {
		if s.changing {
			s.turn.Wait()
		} else if err := s.change(ctx, l); err != nil {
			return err
		}
	}
	s.asking++
	return nil
}

func (s *stepper) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asking--; s.asking == 0 {
		s.turn.Broadcast()
	}
}

func (s *stepper) due(now time.Duration) bool {
	return len(s.made) < len(s.steps) && now >= s.steps[len(s.made)].At
}

// change makes the next step. One that fails is not tried again. The caller holds the
// lock, which is free while answers are waited for and the limiter is told.
func (s *stepper) change(ctx context.Context, l limiters.Limiter) error {
	s.changing = true
	for s.asking > 0 {
		s.turn.Wait()
	}
	step := s.steps[len(s.made)]
	s.mu.Unlock()
	at, err := setLimit(ctx, step, l)
	s.mu.Lock()
	s.made = append(s.made, Change{At: at, Err: err})
	s.changing = false
	s.turn.Broadcast()
	return err
}

func setLimit(ctx context.Context, step Step, l limiters.Limiter) (time.Duration, error) {
	setter, ok := limiters.As[limiters.LimitSetter](l)
	if !ok {
		return 0, fmt.Errorf("limiter %T cannot change its limit", l)
	}
	at, err := setter.SetLimit(ctx, step.At, step.Limit)
	if err != nil {
		return at, fmt.Errorf("limit of %v: %w", step.At, err)
	}
	return at, nil
}

// changed is what became of step i, if it was made: before every decision under it.
func (s *stepper) changed(i int) (Change, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i >= len(s.made) {
		return Change{}, false
	}
	return s.made[i], true
}
