package capacity

import (
	"context"
	"iter"
)

// Asks is what asks for trials, and what makes them.
type Asks struct {
	Do   func(Measure) error
	Make Measure
}

// InTurn does what a and b ask for, so that their trials are made in turn: one of a, two of b,
// two of a and so on, or where aFirst is false the other way round. What drifts over time is
// on both sides then. Where one is done the other goes on alone. A trial that cannot be made
// ends both; the error is that of the first that failed.
func InTurn(ctx context.Context, aFirst bool, a, b Asks) error {
	x, y := ask(ctx, a), ask(ctx, b)
	defer x.stop()
	defer y.stop()
	if !aFirst {
		x, y = y, x
	}
	for more := true; more; x, y = y, x {
		more = false
		for _, side := range [2]*asking{x, y} {
			if side.step() {
				more = true
			}
			if side.result != nil {
				return side.result
			}
		}
	}
	return nil
}

// asking is one that asks for trials, between two of them.
type asking struct {
	ctx    context.Context
	made   Measure
	next   func() (Trial, bool)
	stop   func()
	seen   Observation
	failed error // the last trial could not be made
	result error
}

func ask(ctx context.Context, of Asks) *asking {
	a := &asking{ctx: ctx, made: of.Make}
	a.next, a.stop = iter.Pull(func(yield func(Trial) bool) {
		a.result = of.Do(func(_ context.Context, t Trial) (Observation, error) {
			if !yield(t) {
				return Observation{}, context.Canceled
			}
			return a.seen, a.failed
		})
	})
	return a
}

// step makes the next trial, if one is asked for.
func (a *asking) step() bool {
	t, ok := a.next()
	if !ok {
		return false
	}
	if a.seen, a.failed = a.made(a.ctx, t); a.failed != nil {
		a.next() // it is told, and ends
	}
	return true
}
