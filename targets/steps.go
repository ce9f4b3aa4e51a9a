package targets

import (
	"context"
	"fmt"
	"time"

	"github.com/fcbench/fcbench/internal/events"
	"github.com/fcbench/fcbench/limiters"
)

// Step is another limit from an instant of the run on.
type Step struct {
	At    time.Duration
	Limit limiters.Limit
}

// stepper changes the limit of a limiter when its steps are due: before the first
// decision at or after their instant. It is for one lane.
type stepper struct {
	steps []Step
	next  time.Duration // when the first of them is due
}

func newStepper(steps []Step) stepper {
	s := stepper{steps: steps}
	s.advance()
	return s
}

func (s *stepper) advance() {
	s.next = events.Forever
	if len(s.steps) > 0 {
		s.next = s.steps[0].At
	}
}

// take makes all the steps that are due at now.
func (s *stepper) take(ctx context.Context, now time.Duration, l limiters.Limiter) error {
	for s.next <= now {
		step := s.steps[0]
		s.steps = s.steps[1:]
		s.advance()
		setter, ok := limiters.As[limiters.LimitSetter](l)
		if !ok {
			return fmt.Errorf("limiter %T cannot change its limit", l)
		}
		if err := setter.SetLimit(ctx, step.At, step.Limit); err != nil {
			return fmt.Errorf("limit of %v: %w", step.At, err)
		}
	}
	return nil
}
