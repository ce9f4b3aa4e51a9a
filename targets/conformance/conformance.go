// Package conformance checks that a target keeps the promises of its contract,
// whichever of the two it is. A target's own test file is a call of Run.
package conformance

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// requests is how many requests each rule sends.
const requests = 500

// Run holds the target that fresh makes to its contract: a targets.Target or a
// targets.Async, not yet opened.
func Run(t *testing.T, fresh func(t *testing.T) any) {
	switch fresh(t).(type) {
	case targets.Async:
		t.Run("async", func(t *testing.T) { runAsync(t, open(t, fresh(t)).(targets.Async)) })
	case targets.Target:
		t.Run("one answer each", func(t *testing.T) { runTarget(t, open(t, fresh(t)).(targets.Target)) })
		t.Run("ended context", func(t *testing.T) { endedContext(t, open(t, fresh(t)).(targets.Target)) })
	default:
		t.Fatalf("%T is neither a targets.Target nor a targets.Async", fresh(t))
	}
}

// open opens a target in virtual time, if it wants to be opened, and closes it
// when the test ends.
func open(t *testing.T, target any) any {
	t.Helper()
	var now time.Duration
	env := targets.Env{
		Clock: func() time.Duration { return now },
		Wait: func(_, until time.Duration) time.Duration {
			now = until
			return until
		},
	}
	if o, ok := target.(targets.Opener); ok {
		if err := o.Open(t.Context(), env); err != nil {
			t.Fatalf("Open: %v", err)
		}
	}
	t.Cleanup(func() {
		if c, ok := target.(targets.Closer); ok {
			if err := c.Close(context.Background()); err != nil {
				t.Errorf("Close: %v", err)
			}
		}
	})
	return target
}

func request(i int) *targets.Request {
	at := time.Duration(i) * time.Millisecond
	return &targets.Request{Token: uint32(i), Now: at, Deadline: at + 5*time.Second, Key: fmt.Sprint("k", i%7), KeyID: uint32(i % 7), Cost: 1, Size: i % 64}
}

// runTarget: every call returns one of the outcomes, with a cause unless it is
// ok or rejected, also when called from several goroutines.
func runTarget(t *testing.T, target targets.Target) {
	callers := 4
	if _, inline := target.(targets.Inline); inline {
		callers = 1
	}
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for i := c; i < requests; i += callers {
				r := target.Do(t.Context(), request(i))
				if err := proper(&r); err != nil {
					t.Errorf("request %d: %v", i, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// endedContext: a caller whose context has ended gets an answer at once.
func endedContext(t *testing.T, target targets.Target) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := target.Do(ctx, request(1))
	if err := proper(&r); err != nil {
		t.Error(err)
	}
}

func proper(r *targets.Response) error {
	if r.Outcome < results.OK || r.Outcome > results.Failed {
		return fmt.Errorf("outcome is %d; a target answers ok, rejected, shed, timed_out or failed", r.Outcome)
	}
	if r.Outcome > results.Rejected && r.Cause == "" {
		return fmt.Errorf("outcome %v comes without a cause; every loss has one", r.Outcome)
	}
	return nil
}

// runAsync: every request is answered exactly once, at an instant that is not
// before its start, and Poll never returns a time before now.
func runAsync(t *testing.T, target targets.Async) {
	answers := make(map[uint32]time.Duration)
	done := func(token uint32, at time.Duration, r *targets.Response) {
		if err := proper(r); err != nil {
			t.Errorf("request %d: %v", token, err)
		}
		if _, twice := answers[token]; twice {
			t.Errorf("request %d was answered twice", token)
		}
		if start := request(int(token)).Now; at < start || r.Started != 0 && r.Started < start {
			t.Errorf("request %d of %v was answered at %v and begun at %v", token, start, at, r.Started)
		}
		answers[token] = at
	}
	poll := func(now, until time.Duration) time.Duration {
		then := target.Poll(now, until, done)
		if then < now || then > until {
			t.Fatalf("Poll(%v, %v) returned %v; want a time between the two", now, until, then)
		}
		return then
	}
	var now time.Duration
	for i := range requests {
		for r := request(i); now < r.Now; {
			now = poll(now, r.Now)
		}
		target.Start(now, request(i), done)
	}
	for end := now + time.Hour; now < end && len(answers) < requests; {
		now = poll(now, end)
	}
	if len(answers) != requests {
		t.Errorf("%d of %d requests were answered within an hour", len(answers), requests)
	}
}
