package sim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/pipelines/pipelinestest"
	"github.com/fcbench/fcbench/pipelines/sim"
)

// TestLearner: a policy is told how long service took in its own stage, by batches,
// however long the worker then stands at the next door.
func TestLearner(t *testing.T) {
	first, second := &pipelinestest.Pupil{}, &pipelinestest.Pupil{}
	stage := func(p *pipelinestest.Pupil, takes time.Duration) sim.Stage {
		return fixed(takes, func() (pipelines.Policy, error) {
			var err error
			p.Policy, err = blocking(1)()
			return p, err
		})
	}
	batches := stage(first, 2*ms)
	batches.Batch = 2
	play(t, sim.Config{Stages: []sim.Stage{batches, stage(second, 10*ms)}}, 0, 0, 0)
	want := "[2ms 2ms 6ms 4ms] [12ms 10ms 22ms 10ms 32ms 10ms]"
	if got := fmt.Sprint(first.Told, " ", second.Told); got != want {
		t.Errorf("the stages are told %s; want %s", got, want)
	}
}
