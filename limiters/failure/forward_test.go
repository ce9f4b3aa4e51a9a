package failure_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/internal/rounds"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/conformance"
	"github.com/fcbench/fcbench/limiters/failure"
)

func TestOpen(t *testing.T) {
	ctx, healthy := context.Background(), false
	primary := &fake{GCRA: gcra(t, 5), open: func() error {
		if healthy {
			return nil
		}
		return errDown
	}}
	if err := guarded(t, primary, failure.Policy{}).(limiters.Opener).Open(ctx); !errors.Is(err, errDown) {
		t.Errorf("mode error: Open says %v; want %v", err, errDown)
	}
	l := guarded(t, primary, failure.Policy{Mode: failure.Closed})
	if err := l.(limiters.Opener).Open(ctx); err != nil {
		t.Fatalf("mode closed: Open says %v; want a start in failure", err)
	}
	if d, err := l.Allow(ctx, 0, "k", 1); err != nil || d.Mode != limiters.FailClosed || primary.asked.Load() != 0 {
		t.Errorf("unopened: %+v, %v after %d questions to the primary; want fail-closed after 0", d, err, primary.asked.Load())
	}
	healthy = true
	if d, err := l.Allow(ctx, 0, "k", 1); err != nil || d.Mode != limiters.Primary {
		t.Errorf("opened: %+v, %v; want the primary's decision", d, err)
	}
}

// TestOpeningIsNotFailing: who comes while another opens the primary is decided
// on without it, and the breaker does not hear of it.
func TestOpeningIsNotFailing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		healthy, opened := false, make(chan struct{})
		primary := &fake{GCRA: gcra(t, 5), open: func() error {
			if !healthy {
				return errDown
			}
			<-opened
			return nil
		}}
		l := guarded(t, primary, failure.Policy{Mode: failure.Open, Failures: 1, Cooldown: time.Second})
		if err := l.(limiters.Opener).Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		healthy = true
		var first sync.WaitGroup
		first.Go(func() { l.Allow(t.Context(), 0, "k", 1) })
		synctest.Wait()
		if d, err := l.Allow(t.Context(), 0, "k", 1); err != nil || d.Mode != limiters.FailOpen {
			t.Errorf("while it is being opened: %+v, %v; want fail-open", d, err)
		}
		close(opened)
		first.Wait()
		if d, err := l.Allow(t.Context(), 0, "k", 1); err != nil || d.Mode != limiters.Primary {
			t.Errorf("once it is open: %+v, %v; want the primary's decision", d, err)
		}
		if asked := primary.asked.Load(); asked != 2 {
			t.Errorf("the primary was asked %d times; want 2, by who opened it and who came after", asked)
		}
	})
}

// TestConformance: a primary that never fails is not changed by its policy, and
// not slowed down by an allocation.
func TestConformance(t *testing.T) {
	limit := limiters.Limit{Rate: 10, Period: time.Second, Burst: 7}
	conformance.Run(t, func(t *testing.T) limiters.Limiter {
		return guarded(t, gcra(t, 7), failure.Policy{Mode: failure.Open, Failures: 5, Cooldown: time.Second})
	}, limit, conformance.Options{Concurrent: true, NoAllocation: true, Decisions: rounds.Of(1_000)})
}

// counted is a limit of two held at once.
type counted struct {
	*limiters.GCRA
	held   map[uint64]bool
	permit uint64
	err    error
}

func (c *counted) Allow(context.Context, time.Duration, string, int64) (limiters.Decision, error) {
	if c.err != nil {
		return limiters.Decision{}, c.err
	}
	c.permit++
	c.held[c.permit] = true
	return limiters.Decision{Allowed: true, Permit: c.permit}, nil
}

func (c *counted) Release(_ context.Context, now time.Duration, _ string, _ int64, permit uint64) (time.Duration, error) {
	if !c.held[permit] {
		return 0, errors.New("not held")
	}
	delete(c.held, permit)
	return now, nil
}

// TestPermitsGoBackToWhoGaveThem takes from both limiters and gives back crosswise.
func TestPermitsGoBackToWhoGaveThem(t *testing.T) {
	ctx := context.Background()
	primary := &counted{GCRA: gcra(t, 2), held: map[uint64]bool{}}
	local := &counted{GCRA: gcra(t, 2), held: map[uint64]bool{}, permit: 100} // numbers of its own
	l := guarded(t, primary, failure.Policy{Mode: failure.Local, Local: local})
	releaser := l.(limiters.Releaser)
	var permits []uint64
	for _, err := range []error{nil, errDown, nil, errDown} {
		primary.err = err
		d, err := l.Allow(ctx, 0, "k", 1)
		if err != nil || d.Permit == 0 {
			t.Fatalf("%+v, %v; want a permit", d, err)
		}
		permits = append(permits, d.Permit)
	}
	for _, p := range permits {
		if at, err := releaser.Release(ctx, 7, "k", 1, p); err != nil || at != 7 {
			t.Errorf("permit %d: %v, %v; want it given back at 7ns", p, at, err)
		}
		if _, err := releaser.Release(ctx, 7, "k", 1, p); err == nil {
			t.Errorf("permit %d was given back twice", p)
		}
	}
	if len(primary.held)+len(local.held) > 0 {
		t.Errorf("still held: %v and %v", primary.held, local.held)
	}
	if _, err := failure.New(primary, failure.Policy{Mode: failure.Local, Local: gcra(t, 1)}); err == nil {
		t.Error("a fallback whose grants cannot be given back was accepted")
	}
	if _, ok := guarded(t, gcra(t, 1), failure.Policy{}).(limiters.Releaser); ok {
		t.Error("a primary that takes nothing back became a releaser")
	}
	open := guarded(t, &counted{GCRA: gcra(t, 2), err: errDown}, failure.Policy{Mode: failure.Open})
	d, err := open.Allow(ctx, 0, "k", 1)
	if _, released := open.(limiters.Releaser).Release(ctx, 0, "k", 1, d.Permit); err != nil || released != nil {
		t.Errorf("what nobody decided on: %v, and given back %v; want no error", err, released)
	}
}

// TestAbilitiesOfThePrimary are found through the policy, and there are no others.
func TestAbilitiesOfThePrimary(t *testing.T) {
	ctx := context.Background()
	local := gcra(t, 5)
	l := guarded(t, &fake{GCRA: gcra(t, 5), answer: down}, failure.Policy{Mode: failure.Local, Local: local})
	if p, ok := limiters.As[limiters.Peeker](l); !ok {
		t.Error("the primary can peek, and is not found to")
	} else if d, err := p.Peek(ctx, 0, "k", 5); err != nil || !d.Allowed || d.Mode != limiters.Primary {
		t.Errorf("a peek says %+v, %v; want what the primary does", d, err)
	}
	setter, ok := limiters.As[limiters.LimitSetter](l)
	if !ok {
		t.Fatal("the limit of the primary can be changed, and is not found to")
	}
	if _, err := setter.SetLimit(ctx, 0, limiters.Limit{Rate: 1, Period: time.Second, Burst: 2}); err != nil {
		t.Fatal(err)
	}
	if here, there := local.Info().Limit.Burst, l.(limiters.Described).Info().Limit.Burst; here != 2 || there != 2 {
		t.Errorf("the burst of the primary is %d, and of who decides in its place %d; want 2", there, here)
	}
	if _, err := setter.SetLimit(ctx, 0, limiters.Limit{}); err == nil {
		t.Error("no limit at all was taken")
	}
	if _, ok := limiters.As[limiters.Releaser](l); ok {
		t.Error("a primary that takes nothing back is found to")
	}
	shaper, err := limiters.NewLeakyBucketQueue(limiters.Config{Rate: units.Rate{Count: 10, Per: time.Second}, Burst: 5})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := limiters.As[limiters.LimitSetter](guarded(t, shaper, failure.Policy{Mode: failure.Local, Local: gcra(t, 5)})); ok {
		t.Error("a primary whose limit cannot be changed is found to change it")
	}
}
