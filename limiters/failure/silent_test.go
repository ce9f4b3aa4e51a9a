package failure_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/failure"
)

// silence is where connections are taken and nothing is ever said.
func silence(t *testing.T) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

// dialling asks a server, each time on a connection whose deadline is that of
// the context.
type dialling struct {
	*limiters.GCRA
	addr string
}

func (l *dialling) Allow(ctx context.Context, _ time.Duration, _ string, _ int64) (d limiters.Decision, err error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", l.addr)
	if err != nil {
		return d, fmt.Errorf("asking: %w", err)
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return d, err
		}
	}
	if _, err := conn.Read(make([]byte, 1)); err != nil {
		return d, fmt.Errorf("asking: %w", err)
	}
	return d, nil
}

// missed is what is said of a deadline of the policy.
const missed = "did not answer by its deadline"

// TestDeadlineOfTheConnection: whichever notices first that the deadline has
// passed, the connection or the context, it is the deadline that was missed.
func TestDeadlineOfTheConnection(t *testing.T) {
	const callers, each = 4, 25
	l := guarded(t, &dialling{gcra(t, 5), silence(t)}, failure.Policy{Mode: failure.Error, Deadline: 3 * time.Millisecond})
	ask(callers*each, callers, func() {
		if _, err := l.Allow(t.Context(), 0, "k", 1); err == nil || !strings.Contains(err.Error(), missed) {
			t.Errorf("%v; want it said that the deadline was missed", err)
		}
	})
}

// TestCallerLeavesTheConnection at a deadline of its own, sooner than that of the
// policy, or where there is none.
func TestCallerLeavesTheConnection(t *testing.T) {
	const callers, each = 4, 25
	for _, deadline := range []time.Duration{0, time.Minute} {
		l := guarded(t, &dialling{gcra(t, 5), silence(t)}, failure.Policy{
			Mode: failure.Open, Deadline: deadline, Failures: 1, Cooldown: time.Second,
		})
		ask(callers*each, callers, func() {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Millisecond)
			defer cancel()
			if d, err := l.Allow(ctx, 0, "k", 1); err == nil {
				t.Errorf("a caller that left got %+v; want an error", d)
			}
		})
	}
}

// ask asks so often in all.
func ask(times, callers int, one func()) {
	var crowd sync.WaitGroup
	for range callers {
		crowd.Go(func() {
			for range times / callers {
				one()
			}
		})
	}
	crowd.Wait()
}

// TestTimeoutOfItsOwn: a primary that gives up before the deadline has failed.
func TestTimeoutOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		primary := &fake{GCRA: gcra(t, 5), answer: func(context.Context, int64) error {
			time.Sleep(time.Second)
			return fmt.Errorf("asking: %w", os.ErrDeadlineExceeded)
		}}
		l := guarded(t, primary, failure.Policy{Mode: failure.Error, Deadline: 2 * time.Second})
		if _, err := l.Allow(t.Context(), 0, "k", 1); !errors.Is(err, os.ErrDeadlineExceeded) || strings.Contains(err.Error(), missed) {
			t.Errorf("%v; want the primary's own error", err)
		}
	})
}
