package sim_test

import (
	"fmt"
	"hash/fnv"
	"io"
	"testing"
	"time"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/internal/runner"
	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/pipelines/sim"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// log hashes what became of every arrival, in order.
type log struct{ h io.Writer }

func (log) Offer(time.Duration, uint8, uint32, int64) {}
func (l log) Record(s *results.Sample) {
	fmt.Fprintln(l.h, s.Intended, s.Started, s.Done, s.Outcome, s.Cause)
}

// built is a part of a catalogue by its short form.
func built[T any](t *testing.T, form string, build func(string, func(any) error) (T, any, error)) T {
	t.Helper()
	kind, decode := strictyaml.Part(strictyaml.NewScalar("test", form))
	v, _, err := build(kind, decode)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestGoldenResults: what becomes of the same arrivals is the same on every machine,
// for every policy there is, down to the nanosecond and the cause.
func TestGoldenResults(t *testing.T) {
	golden := map[string]string{
		"broker":            "ef7d6f36602d2966",
		"none":              "e09aef518b227eb5",
		"unbuffered":        "e09aef518b227eb5", // before the first stage it makes no difference where one waits
		"block":             "e09aef518b227eb5",
		"expand":            "dc3d90c00173daae",
		"offer-timeout":     "20a7099caf2c508f",
		"drop-newest":       "ba4177ecde6794d3",
		"drop-oldest":       "87896d195adb3aaf",
		"drop-tail":         "c56d73fc03cf0da6",
		"drop-buffer":       "383bb279bb1a5296",
		"latest":            "aaa25f92a7d843f6",
		"fail":              "7a835a2ce8667b60",
		"expire":            "30715615f7f7e250",
		"codel":             "afa6e15fef9ac36c",
		"codel-network":     "88462c47e3e13e47",
		"adaptive-lifo":     "8cf11d2c0e37bf3",
		"fq-codel":          "a573a6cc33b07097",
		"slack":             "b50b72aad8df11f7",
		"static-oracle":     "cb4378fa52d8e31c",
		"edf":               "a0c2893cd10b226a",
		"priority":          "7eeb67dd2d2622bd",
		"weighted-priority": "e9e68a1a5d9eb4f1",
	}
	for _, kind := range builtin.Pipelines().Names() {
		if got := goldenRun(t, newTarget(t, goldenConfig(t, kind))); got != golden[kind] {
			t.Errorf("what became of the arrivals under %s is %s; want %s", kind, got, golden[kind])
		}
	}
}

// goldenConfig is a stage behind the queue of a kind.
func goldenConfig(t *testing.T, kind string) sim.Config {
	t.Helper()
	law := built(t, "lognormal:8ms:0.7", builtin.Services().Build)
	stage := sim.Stage{
		Workers: 10, Mean: law.Mean(), Pace: sim.Pace{Drift: sim.One / 50, Changes: []sim.Change{{At: 700 * ms, Slower: 2 * sim.One}, {At: 1200 * ms, Slower: sim.One / 2}}},
		Service: func(seq uint64) time.Duration { return time.Duration(law.Draw(seed.New(7).Sub("service"), seq)) },
	}
	stage.Policy = func() (pipelines.Policy, error) {
		policy := built(t, kind, builtin.Pipelines().Build)
		if told, ok := policy.(pipelines.Informed); ok {
			told.Inform(pipelines.Truth{Nearly: 30 * ms, Hardly: 4 * ms, End: stage.Pace.End})
		}
		return policy, nil
	}
	return sim.Config{Deadline: 100 * ms, Stages: []sim.Stage{stage}}
}

// goldenRun is a hash of what becomes of the arrivals.
func goldenRun(t *testing.T, target targets.Target) string {
	t.Helper()
	keys := built(t, "zipf:1.1:100", builtin.Keys().Build)
	var streams []generators.Stream
	for _, rate := range []string{"200/s", "900/s", "900/s"} {
		streams = append(streams, generators.Stream{Process: built(t, "poisson:"+rate, builtin.Processes().Build), Keys: keys})
	}
	workload, err := generators.NewWorkload(7, streams)
	if err != nil {
		t.Fatal(err)
	}
	h := fnv.New64a()
	_, err = runner.Run(t.Context(), runner.Trial{
		Target: target, Time: results.Virtual, MaxInFlight: 1 << 12,
		Source: func(i, n int) runner.Source { return runner.Open(workload.Shard(2*time.Second, i, n), 0) },
		Record: func(int) runner.Recorder { return log{h} },
		Window: 2 * time.Second, Drain: time.Second, Timeout: []time.Duration{500 * ms},
		Retry: runner.Retry{On: runner.NewOutcomeSet(results.Shed), Attempts: 2, Wait: 30 * ms},
	})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", h.Sum64())
}
