package punctual_test

import (
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/punctual"
)

// TestLead: it is as long as being woken is late, of rare instants; a sixth of the gap of
// frequent ones; and never longer than is worth it.
func TestLead(t *testing.T) {
	for name, c := range map[string]struct{ gap, late, least, most time.Duration }{
		"rare":      {10 * time.Millisecond, 30 * time.Microsecond, 29 * time.Microsecond, 32 * time.Microsecond},
		"frequent":  {60 * time.Microsecond, 30 * time.Microsecond, 9 * time.Microsecond, 11 * time.Microsecond},
		"very late": {10 * time.Millisecond, time.Second, 100 * time.Microsecond, 100 * time.Microsecond},
		"at once":   {0, 30 * time.Microsecond, 29 * time.Microsecond, 32 * time.Microsecond},
	} {
		l, at := punctual.New(), time.Duration(0)
		for range 1000 {
			at += c.gap
			l.Follow(at)
			l.Learn(c.late)
		}
		if got := l.Length(); got < c.least || got > c.most {
			t.Errorf("%s: the lead is %v; want %v to %v", name, got, c.least, c.most)
		}
	}
}
