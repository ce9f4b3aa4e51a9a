package sim_test

import (
	"math"
	"testing"
	"time"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/runner"
	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/pipelines/sim"
	"github.com/fcbench/fcbench/results"
)

// waits is the mean of how long arrivals wait for a worker.
type waits struct {
	sum time.Duration
	n   int
}

func (*waits) Offer(time.Duration, uint8, uint32, int64) {}
func (w *waits) Record(s *results.Sample) {
	w.sum += s.Started - s.Intended
	w.n++
}

// meanWait is that of Poisson arrivals at a stage, over some seconds in virtual time.
func meanWait(t *testing.T, root uint64, rate int64, s sim.Stage, seconds int) float64 {
	t.Helper()
	lambda, err := units.NewRate(rate, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	process, err := generators.NewPoisson(generators.PoissonConfig{Rate: lambda})
	if err != nil {
		t.Fatal(err)
	}
	workload, err := generators.NewWorkload(root, []generators.Stream{{Process: process}})
	if err != nil {
		t.Fatal(err)
	}
	const warmup = 2 * time.Second
	window, w := time.Duration(seconds)*time.Second, &waits{}
	_, err = runner.Run(t.Context(), runner.Trial{
		Target: newTarget(t, sim.Config{Stages: []sim.Stage{s}}), Time: results.Virtual, MaxInFlight: 1 << 12,
		Source: func(i, n int) runner.Source { return runner.Open(workload.Shard(warmup+window, i, n), 0) },
		Record: func(int) runner.Recorder { return w },
		Warmup: warmup, Window: window, Drain: time.Minute, Timeout: []time.Duration{time.Hour},
	})
	if err != nil {
		t.Fatal(err)
	}
	return float64(w.sum) / float64(w.n)
}

// agree wants the mean over 20 seeds to be what theory says: the 99 % interval of
// Student's distribution with 19 degrees of freedom has it.
func agree(t *testing.T, theory time.Duration, mean func(root uint64) float64) {
	t.Helper()
	const seeds, student = 20, 2.861
	var sum, squares float64
	for root := range uint64(seeds) {
		m := mean(root + 1)
		sum, squares = sum+m, squares+m*m
	}
	average := sum / seeds
	deviation := math.Sqrt((squares - sum*average) / (seeds - 1))
	half := student * deviation / math.Sqrt(seeds)
	if math.Abs(average-float64(theory)) > half || half > 0.15*float64(theory) {
		t.Errorf("waiting takes %v ± %v on average; want %v, known within 15 %%", time.Duration(average), time.Duration(half), theory)
	}
}

// erlangC is the probability of waiting with c servers under a load of a (Erlang, 1917).
func erlangC(c int, a float64) float64 {
	b := 1.0
	for i := 1; i <= c; i++ {
		b = a * b / (float64(i) + a*b)
	}
	return b / (1 - a/float64(c)*(1-b))
}

// TestManyServers: M/M/c waits for Erlang's C(c, λ/μ) / (cμ − λ).
func TestManyServers(t *testing.T) {
	const workers, rate = 10, 800
	law, err := generators.NewExponentialLaw(generators.ExponentialLawConfig[units.Duration]{Mean: units.Duration(10 * ms)})
	if err != nil {
		t.Fatal(err)
	}
	theory := time.Duration(erlangC(workers, rate*0.01) / (workers*100 - rate) * float64(time.Second))
	agree(t, theory, func(root uint64) float64 {
		s := sim.Stage{Policy: blocking(1000), Workers: workers, Mean: law.Mean(), Service: func(seq uint64) time.Duration {
			return time.Duration(law.Draw(seed.New(root).Sub("service"), seq))
		}}
		return meanWait(t, root, rate, s, 10)
	})
}

// TestFixedService: M/D/1 waits for ρ / (2μ(1 − ρ)), half of what M/M/1 does.
func TestFixedService(t *testing.T) {
	agree(t, 2*ms, func(root uint64) float64 { return meanWait(t, root, 800, fixed(ms, blocking(1000)), 6) })
}
