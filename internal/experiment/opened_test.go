package experiment

import (
	"context"
	"errors"
	"testing"

	"github.com/fcbench/fcbench/targets"
)

// shut is a target that does not open, and counts how often it is closed.
type shut struct {
	targets.Target
	why    error
	closed int
}

func (s *shut) Open(context.Context) error { return s.why }

// Close fails where it is not given the time to.
func (s *shut) Close(ctx context.Context) error {
	s.closed++
	return ctx.Err()
}

// TestClosedThoughNeverOpened: a target that cannot open is closed, also when the user
// gave up, as it may have begun to; one that could is left open.
func TestClosedThoughNeverOpened(t *testing.T) {
	ended, end := context.WithCancel(t.Context())
	end()
	why := errors.New("no")
	for _, ctx := range []context.Context{t.Context(), ended} {
		if s := (&shut{why: why}); !errors.Is(opened(ctx, s), why) || s.closed != 1 {
			t.Errorf("it is closed %d times; want once", s.closed)
		}
		if s := new(shut); opened(ctx, s) != nil || s.closed != 0 {
			t.Errorf("one that opens is closed %d times", s.closed)
		}
	}
	if err := opened(ended, &shut{why: why}); err == nil || err.Error() != "no" {
		t.Errorf("%v; want what was wrong alone", err)
	}
}
