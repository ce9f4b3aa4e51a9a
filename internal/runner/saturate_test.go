package runner

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/targets"
)

// TestSaturatingAllocatesNothing per call: what is timed is the target.
func TestSaturatingAllocatesNothing(t *testing.T) {
	requests := constant(t, 1).Requests()
	var ops uint64
	n := testing.AllocsPerRun(1, func() {
		sat, err := Saturate(t.Context(), noop().Info().Inline, requests, 0, func() time.Duration { return 0 })
		if err != nil {
			t.Fatal(err)
		}
		ops = sat.Ops
	})
	if per := n / float64(ops); per > 0.001 {
		t.Errorf("a call allocates %v times; want 0", per)
	}
}

// unhurried takes its time for every call.
type unhurried time.Duration

func (u unhurried) Do(context.Context, targets.Clock, *targets.Request) targets.Response {
	time.Sleep(time.Duration(u))
	return targets.Response{}
}

// TestSaturatedPassIsNoLongerThanTheWindow: a run of a moment is not followed by
// half a second of something else.
func TestSaturatedPassIsNoLongerThanTheWindow(t *testing.T) {
	const full = 40 * batch // calls of 10 µs in 400 ms, in whole batches
	for window, want := range map[time.Duration]uint64{0: full, time.Hour: full, 50 * time.Millisecond: 5 * batch, 1: batch} {
		synctest.Test(t, func(t *testing.T) {
			sat, err := Saturate(t.Context(), unhurried(10*time.Microsecond), constant(t, 1).Requests(), window, func() time.Duration { return 0 })
			if err != nil || sat.Ops != want {
				t.Errorf("beside a window of %v there are %d calls, %v; want %d", window, sat.Ops, err, want)
			}
		})
	}
}
