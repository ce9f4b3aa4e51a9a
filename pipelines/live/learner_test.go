package live_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/pipelines/live"
	"github.com/fcbench/fcbench/pipelines/pipelinestest"
)

// TestLearner: a policy is told how long service took, each before the worker is
// given the next; what was cut is not told.
func TestLearner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		clock := func() time.Duration { return time.Since(start) }
		p := &pipelinestest.Pupil{Policy: block(t, 5)}
		took := []time.Duration{3 * ms, 7 * ms, time.Hour}
		running, err := live.Start(t.Context(), live.Config{Clock: clock, Stages: []live.Stage{{
			Policy: p, Workers: 1,
			Work: live.Timed(clock, func(begin time.Duration, it *pipelines.Item) time.Duration { return begin + took[it.Token] }),
		}}})
		if err != nil {
			t.Fatal(err)
		}
		for i := range took {
			running.Offer(clock(), &pipelines.Item{Token: uint32(i), Deadline: pipelines.Forever})
		}
		running.Drain(time.Second)
		if got, want := fmt.Sprint(p.Told), "[3ms 3ms 10ms 7ms]"; got != want {
			t.Errorf("it was told %s; want %s", got, want)
		}
	})
}
