package doctor

import (
	"testing"
	"time"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/runner"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// BenchmarkNullTarget is what one request costs the generator itself: closed
// loop, one client, Zipf keys, three histograms and key shares.
func BenchmarkNullTarget(b *testing.B) {
	w, err := workload(units.Rate{Count: 1, Per: time.Second})
	if err != nil {
		b.Fatal(err)
	}
	o := results.Options{Keys: w.KeyCount()}
	b.ReportAllocs()
	target, err := targets.NewNoop(struct{}{})
	if err != nil {
		b.Fatal(err)
	}
	_, err = runner.Run(b.Context(), runner.Trial{
		Source: func(int, int) runner.Source {
			return runner.Closed(w.Requests(), 1, 0, 0, runner.Forever, uint64(b.N))
		},
		Target: target, Timeout: []time.Duration{time.Second}, MaxInFlight: 1, Time: results.Real,
		Record: func(int) runner.Recorder { return results.NewShard(o) },
	})
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkClock is the yardstick: one reading of the run's clock.
func BenchmarkClock(b *testing.B) {
	start := time.Now()
	for b.Loop() {
		_ = time.Since(start)
	}
}

// BenchmarkKeys is the schedule's part: the next request of a closed loop.
func BenchmarkKeys(b *testing.B) {
	w, err := workload(units.Rate{Count: 1, Per: time.Second})
	if err != nil {
		b.Fatal(err)
	}
	requests := w.Requests()
	var a generators.Arrival
	b.ReportAllocs()
	for b.Loop() {
		requests.Next(&a)
	}
}
