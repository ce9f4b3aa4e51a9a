package failure_test

import (
	"context"
	"errors"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/fcbench/fcbench/limiters/failure"
)

// TestOwnFaultsAreNoFailures: that this process has no file descriptor left says
// nothing of the primary. Callers get the error under any policy, with a deadline
// and without, and the breaker forgets it.
func TestOwnFaultsAreNoFailures(t *testing.T) {
	exhausted := &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("socket", syscall.EMFILE)}
	for name, p := range map[string]failure.Policy{
		"open":          {Mode: failure.Open, Failures: 2, Cooldown: time.Second},
		"closed":        {Mode: failure.Closed, Failures: 2, Cooldown: time.Second},
		"local":         {Mode: failure.Local, Local: gcra(t, 5), Failures: 2, Cooldown: time.Second},
		"by a deadline": {Mode: failure.Open, Failures: 2, Cooldown: time.Second, Deadline: time.Minute},
		"as an error":   {Mode: failure.Error, Failures: 2, Cooldown: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			primary := &fake{GCRA: gcra(t, 5), answer: func(context.Context, int64) error { return exhausted }}
			l := guarded(t, primary, p)
			for range 5 {
				if d, err := l.Allow(t.Context(), 0, "k", 1); !errors.Is(err, syscall.EMFILE) || d.Allowed {
					t.Fatalf("decision %+v, error %v; want the error", d, err)
				}
			}
			if asked := primary.asked.Load(); asked != 5 {
				t.Errorf("asked %d times; want 5, none of them held against the primary", asked)
			}
		})
	}
}
