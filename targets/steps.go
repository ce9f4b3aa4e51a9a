package targets

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/internal/events"
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
	asked sync.RWMutex // read-locked by questions, locked by changes
	next  atomic.Int64 // when the next step is due

	mu   sync.Mutex
	made []Change
}

// newStepper returns nil if there are no steps.
func newStepper(steps []Step) *stepper {
	if len(steps) == 0 {
		return nil
	}
	s := &stepper{steps: steps}
	s.next.Store(int64(steps[0].At))
	return s
}

// ask runs a question at now, once the steps that are due by then are made.
func (s *stepper) ask(ctx context.Context, now time.Duration, l limiters.Limiter, question func() (limiters.Decision, error)) (limiters.Decision, error) {
	if int64(now) >= s.next.Load() {
		if err := s.make(ctx, now, l); err != nil {
			return limiters.Decision{}, err
		}
	}
	s.asked.RLock()
	defer s.asked.RUnlock()
	return question()
}

// make makes the steps that are due at now. One that fails is not tried again.
func (s *stepper) make(ctx context.Context, now time.Duration, l limiters.Limiter) error {
	s.asked.Lock()
	defer s.asked.Unlock()
	for int64(now) >= s.next.Load() {
		step, next := s.steps[len(s.made)], events.Forever
		if len(s.made)+1 < len(s.steps) {
			next = s.steps[len(s.made)+1].At
		}
		at, err := setLimit(ctx, step, l)
		s.note(Change{At: at, Err: err})
		s.next.Store(int64(next))
		if err != nil {
			return err
		}
	}
	return nil
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

func (s *stepper) note(c Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made = append(s.made, c)
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
