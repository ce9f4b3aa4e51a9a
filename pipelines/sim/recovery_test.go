package sim_test

import (
	"testing"
	"time"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/internal/rounds"
	"github.com/fcbench/fcbench/internal/runner"
	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/pipelines/sim"
	"github.com/fcbench/fcbench/results"
)

// undisturbed is what a league says of a seed's run at 0.8 of the capacity, of which
// it is told that it was overloaded until the end of the 16th second.
func undisturbed(t *testing.T, root uint64, kind string) *results.League {
	const length = 22 * time.Second
	law := built(t, "exponential:10ms", builtin.Services().Build)
	workload, err := generators.NewWorkload(root, []generators.Stream{{
		Process: built(t, "poisson:800/s", builtin.Processes().Build), Keys: built(t, "uniform:10", builtin.Keys().Build),
	}})
	if err != nil {
		t.Fatal(err)
	}
	draws := seed.New(root).Sub("service")
	options := results.Options{SLO: 100 * ms, Window: length}
	shard := results.NewShard(options)
	_, err = runner.Run(t.Context(), runner.Trial{
		Target: newTarget(t, sim.Config{Stages: []sim.Stage{{
			Policy:  func() (pipelines.Policy, error) { return built(t, kind, builtin.Pipelines().Build), nil },
			Workers: 10, Mean: law.Mean(), Service: func(seq uint64) time.Duration { return time.Duration(law.Draw(draws, seq)) },
		}}, Deadline: 100 * ms}), Time: results.Virtual, MaxInFlight: 1 << 12,
		Source: func(i, n int) runner.Source { return runner.Open(workload.Shard(length, i, n), 0) },
		Record: func(int) runner.Recorder { return shard },
		Window: length, Drain: time.Second, Timeout: []time.Duration{time.Second},
	})
	if err != nil {
		t.Fatal(err)
	}
	m, err := results.Merge(options, shard)
	if err != nil {
		t.Fatal(err)
	}
	run := &results.Run{Scenario: "undisturbed", Trial: kind, Time: results.Virtual}
	m.Fill(run, length)
	capacity := func(from, _ time.Duration) float64 {
		if from == 15*time.Second {
			return 1
		}
		return 1000
	}
	run.AddPipeline(results.Pipeline{}, capacity)
	m.FillLeague(run, capacity, func() time.Duration { return time.Duration(run.Latency.Response["ok"].P99NS) })
	return run.League
}

// TestNothingToRecoverFrom: what was never disturbed has recovered within 0.25 s, under
// 99 of 100 seeds.
func TestNothingToRecoverFrom(t *testing.T) {
	seeds := rounds.Of(rounds.Of(100))
	for _, kind := range []string{"block", "slack"}[:rounds.Of(2)] {
		slow := 0
		for root := range seeds {
			l := undisturbed(t, uint64(root), kind)
			if l.OverloadEndNS == nil || *l.OverloadEndNS != int64(16*time.Second) {
				t.Fatalf("the league says %+v; want an overload until 16s", l)
			}
			if l.RecoveryNS == nil || *l.RecoveryNS > int64(250*ms) {
				slow++
			}
		}
		if 100*slow > seeds {
			t.Errorf("%d of %d runs of %s took longer than 250ms to recover from nothing", slow, seeds, kind)
		}
	}
}
