package guards

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/fcbench/fcbench/internal/dial"
	"github.com/fcbench/fcbench/internal/prometheus"
)

const (
	patience = 5 * time.Second // for the answer of a guard
	// Times is how often in a row a guard may not be askable until that counts as one
	// that does not hold.
	Times = 3
)

// Watch asks guards, for one trial at a time.
type Watch struct {
	every  time.Duration
	guards []*watched
}

// watched is a guard and how often in a row it could not be asked.
type watched struct {
	Guard
	failed int
	why    error // it could not be asked the last time
}

// New returns a watch that asks every guard so often.
func New(every time.Duration, guards ...Guard) *Watch {
	w := &Watch{every: every}
	for _, g := range guards {
		w.guards = append(w.guards, &watched{Guard: g})
	}
	return w
}

// Before asks all of them once, and those that cannot be asked again, until they answer
// or count as such that do not hold: nothing is to be sent before. The error is a
// *[Tripped], that of ctx, or why a guard can never be asked.
func (w *Watch) Before(ctx context.Context) error {
	if w == nil {
		return nil
	}
	for _, g := range w.guards {
		for answered := false; !answered; {
			var err error
			if answered, err = g.ask(ctx); err != nil {
				return err
			}
			if !answered && hopeless(g.why) {
				return fmt.Errorf("%s: %w", g, g.why)
			}
			if !answered && !wait(ctx, w.every) {
				return context.Cause(ctx)
			}
		}
	}
	return ctx.Err()
}

// hopeless reports whether a guard cannot be asked like that at all.
func hopeless(err error) bool {
	var forbidden *dial.RefusedError
	return errors.As(err, &forbidden) || WrongQuery(err)
}

// WrongQuery reports whether a Prometheus does not understand what it is asked.
func WrongQuery(err error) bool {
	var refused *prometheus.RefusedError
	return errors.As(err, &refused) && refused.Kind == "bad_data"
}

// During asks them until end is called. When one does not hold, trip is called with a
// *[Tripped], once.
func (w *Watch) During(ctx context.Context, trip func(error)) (end func()) {
	if w == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var once sync.Once
	var all sync.WaitGroup
	for _, g := range w.guards {
		all.Go(func() {
			for wait(ctx, w.every) {
				if _, err := g.ask(ctx); err != nil && ctx.Err() == nil {
					once.Do(func() { trip(err) })
					return
				}
			}
		})
	}
	return func() {
		cancel()
		all.Wait()
	}
}

// wait reports whether the time passed before ctx ended.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// ask asks once. The error is that it does not hold, or that ctx ended.
func (g *watched) ask(ctx context.Context) (answered bool, err error) {
	within, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("it did not answer within %v", patience))
	defer cancel()
	err = g.Ask(within)
	var no *Tripped
	switch {
	case ctx.Err() != nil:
		return false, context.Cause(ctx)
	case err == nil:
		g.failed = 0
		return true, nil
	case errors.As(err, &no):
		return true, no
	case within.Err() != nil:
		err = context.Cause(within)
	}
	g.why = err
	if g.failed++; g.failed >= Times {
		return true, &Tripped{g.String(), fmt.Sprintf("it could not be asked %d times in a row: %v", Times, err)}
	}
	return false, nil
}
