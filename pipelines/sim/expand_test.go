package sim_test

import (
	"strings"
	"testing"

	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/pipelines/sim"
	"github.com/fcbench/fcbench/targets"
)

// TestExpand: a consumer that is free has the last item again; who comes meanwhile waits
// until it is through with the copy. Copies have no outcome and are no work.
func TestExpand(t *testing.T) {
	expanding := func() (pipelines.Policy, error) { return pipelines.NewExpand(pipelines.Config{Capacity: 2}) }
	s := fixed(10*ms, expanding)
	s.Batch = 4 // a copy is a batch of its own
	target := newTarget(t, sim.Config{Stages: []sim.Stage{fixed(ms, blocking(9)), s}})
	same(t, playOn(t, target, 0, 0, 45*ms), "1 ok 0s-11ms", "2 ok 1ms-21ms", "3 ok 45ms-61ms")
	got := target.(targets.Queued).Pipeline()
	if got.BusyNS != int64(33*ms) || got.DeadNS != 0 || got.MostQueued != 1 {
		t.Errorf("the account is %+v; want 33 ms of service, and one queued", got)
	}
	if want := uint64(980); got.Extrapolated < want-10 || got.Extrapolated > want+20 {
		t.Errorf("%d are copies; want one each 10 ms after the first three, about %d", got.Extrapolated, want)
	}
	_, err := sim.New(sim.Config{Stages: []sim.Stage{s, fixed(ms, blocking(9))}})
	if err == nil || !strings.Contains(err.Error(), "the queue before stage 1 hands out copies; want it before the last stage, 2") {
		t.Errorf("error is %v", err)
	}
	// of a consumer that needs no time, copies do
	none := fixed(0, expanding)
	none.Mean = 1
	target = newTarget(t, sim.Config{Stages: []sim.Stage{none}})
	playOn(t, target, 0)
	if got := target.(targets.Queued).Pipeline().Extrapolated; got != 1000 {
		t.Errorf("%d are copies after 1000 events; want as many", got)
	}
}
