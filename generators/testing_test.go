package generators

import (
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/units"
)

type (
	sizes = units.Size
	tally = units.Count
)

// sink keeps benchmarks from being optimised away.
var sink uint64

func stream0() seed.Stream { return seed.New(1).Sub("test") }

// must unwraps a constructor's result: must(NewX(c))(t).
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func rate(t testing.TB, text string) units.Rate { return must(units.ParseRate(text))(t) }

func constant(t testing.TB, text string) Process {
	return must(NewConstant(ConstantConfig{rate(t, text)}))(t)
}

func poissonAt(t testing.TB, text string) Process {
	return must(NewPoisson(PoissonConfig{rate(t, text)}))(t)
}

func zipf(t testing.TB, exponent float64, n tally) Keys {
	return must(NewZipf(ZipfConfig{exponent, n}))(t)
}

func mustWorkload(t testing.TB, root uint64, streams ...Stream) *Workload {
	t.Helper()
	return must(NewWorkload(root, streams))(t)
}

// dueTimes returns the first n due times of a process, or all of them.
func dueTimes(p Process, horizon time.Duration, n int) []time.Duration {
	var all []time.Duration
	for times := p.Times(stream0(), horizon); len(all) < n; {
		at, ok := times.Next()
		if !ok {
			break
		}
		all = append(all, at)
	}
	return all
}

// arrivals returns the first n arrivals of a schedule, or all of them.
func arrivals(t testing.TB, s *Schedule, n int) []Arrival {
	t.Helper()
	var all []Arrival
	var a Arrival
	for len(all) < n && s.Next(&a) {
		all = append(all, a)
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func second[T any](_ T, err error) error { return err }
