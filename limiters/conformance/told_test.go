package conformance

import (
	"testing"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// TestTold: messages tell times as people read them, and what is no time in words.
func TestTold(t *testing.T) {
	for wait, want := range map[time.Duration]string{limiters.Never: "never", limiters.Unknown: "unknown", 500 * time.Millisecond: "500ms", 0: "0s"} {
		if got := told(wait); got != want {
			t.Errorf("%d is told as %s; want %s", wait, got, want)
		}
	}
}
