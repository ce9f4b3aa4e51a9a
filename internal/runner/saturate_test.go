package runner

import (
	"testing"
	"time"
)

// TestSaturatingAllocatesNothing per call: what is timed is the target.
func TestSaturatingAllocatesNothing(t *testing.T) {
	requests := constant(t, 1).Requests()
	var ops uint64
	n := testing.AllocsPerRun(1, func() {
		sat, err := Saturate(t.Context(), noop().Info().Inline, requests, func() time.Duration { return 0 })
		if err != nil {
			t.Fatal(err)
		}
		ops = sat.Ops
	})
	if per := n / float64(ops); per > 0.001 {
		t.Errorf("a call allocates %v times; want 0", per)
	}
}
