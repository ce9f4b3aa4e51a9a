package sim

import (
	"testing"
	"time"

	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/targets"
)

// TestDecider: of two offers one is taken, as far as the queue lets it, nobody is left at
// the door for ever, and a call allocates nothing.
func TestDecider(t *testing.T) {
	small := pipelines.Config{Capacity: 20}
	for name, c := range map[string]struct {
		policy func() (pipelines.Policy, error)
		taken  uint64 // of 10,000 offers, at least
		most   uint64
	}{
		"block":       {func() (pipelines.Policy, error) { return pipelines.NewBlock(small) }, 9_900, 10_000},
		"unbuffered":  {func() (pipelines.Policy, error) { return pipelines.NewUnbuffered(struct{}{}) }, 9_900, 10_000},
		"drop-newest": {func() (pipelines.Policy, error) { return pipelines.NewDropNewest(small) }, 5_000, 5_000},
		"drop-oldest": {func() (pipelines.Policy, error) { return pipelines.NewDropOldest(small) }, 5_000, 5_000},
		"none":        {func() (pipelines.Policy, error) { return pipelines.NewNone(pipelines.DefaultNoneConfig()) }, 5_000, 5_000},
		"codel":       {func() (pipelines.Policy, error) { return pipelines.NewCoDel(pipelines.DefaultCoDelConfig()) }, 4_900, 5_000},
	} {
		caller, err := Config{Deadline: 100 * time.Millisecond, Stages: []Stage{{Policy: c.policy, Workers: 10, Mean: 10e6}}}.Decider()
		if err != nil {
			t.Fatal(err)
		}
		r := &targets.Request{Key: "k", Size: 1024}
		for range 10_000 {
			caller.Do(t.Context(), nil, r)
		}
		d := caller.(*decider)
		n := d.queue.Counts()
		var dropped uint64
		for _, drops := range n.Dropped {
			dropped += drops
		}
		if taken := n.Offered - dropped - uint64(d.queue.Len()+d.queue.Waiting()); n.Offered != 10_000 || taken < c.taken || taken > c.most || d.queue.Waiting() > 1 {
			t.Errorf("%s: %d were taken of %d, and %d wait outside; want %d to %d, and nobody", name, taken, n.Offered, d.queue.Waiting(), c.taken, c.most)
		}
		if d.now != 10_000*500*time.Microsecond {
			t.Errorf("%s: it is %v; want 500µs for each offer", name, d.now)
		}
		if allocs := testing.AllocsPerRun(1000, func() { caller.Do(t.Context(), nil, r) }); allocs > 0 && name != "none" {
			t.Errorf("%s: a call allocates %v times; want none", name, allocs)
		}
	}
}
