package generators

import (
	"math"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/seed"
)

// TestPoissonTable compares the table with the distribution function, summed
// in floating point from the logarithms of its terms.
func TestPoissonTable(t *testing.T) {
	for _, mean := range []float64{0.001, 0.5, 4, 9.75, 39.9, 100} {
		table := poissonTable(new(big.Rat).SetFloat64(mean))
		sum := 0.0
		for n, got := range table {
			logFactorial, _ := math.Lgamma(float64(n) + 1)
			sum += math.Exp(float64(n)*math.Log(mean) - mean - logFactorial)
			if math.Abs(float64(got)/0x1p64-sum) > 1e-12 {
				t.Errorf("mean %v: P(at most %d) is %v; want %v", mean, n, float64(got)/0x1p64, sum)
			}
		}
		if tail := 1 - float64(table[len(table)-1])/0x1p64; tail > 1e-15 {
			t.Errorf("mean %v: table leaves out a tail of %v", mean, tail)
		}
		if !slices.IsSorted(table) {
			t.Errorf("mean %v: table is not ascending", mean)
		}
	}
}

// TestPoissonGaps tests that gaps are exponential with the rate asked for
// (Kolmogorov and Smirnov), at rates from rare to as dense as nanoseconds allow.
func TestPoissonGaps(t *testing.T) {
	const n = 50_000
	for _, text := range []string{"1/d", "1/s", "999/s", "100k/s", "7M/s"} {
		for root := range uint64(3) {
			times := poissonAt(t, text).Times(seed.New(root), math.MaxInt64)
			var last time.Duration
			gaps := make([]float64, n)
			for i := range gaps {
				at, ok := times.Next()
				if !ok {
					t.Fatalf("%s ended after %d arrivals", text, i)
				}
				gaps[i] = float64(at-last) * rate(t, text).PerSecond() / 1e9
				last = at
			}
			slices.Sort(gaps)
			distance := 0.0
			for i, x := range gaps {
				distance = max(distance, math.Abs(-math.Expm1(-x)-(float64(i)+0.5)/n))
			}
			// The 1 % point of the Kolmogorov distribution is 1.63; rounding to
			// nanoseconds adds half of one at most.
			bound := 1.63/math.Sqrt(n) + rate(t, text).PerSecond()/2e9
			if distance > bound {
				t.Errorf("%s, seed %d: gaps differ from exponential by %v; want at most %v", text, root, distance, bound)
			}
		}
	}
}

// TestPoissonCounts tests mean and variance of the count over windows that do
// not coincide with ticks, up to the densest rate.
func TestPoissonCounts(t *testing.T) {
	for _, tt := range []struct {
		rate   string
		window time.Duration
	}{
		{"100k/s", 137 * time.Microsecond},
		{"100M/s", 777 * time.Nanosecond},
		{"1G/s", 33 * time.Nanosecond},
		{"20/s", 333 * time.Millisecond},
		{"1/d", 30 * time.Hour},
	} {
		const windows = 20_000
		want := rate(t, tt.rate).PerSecond() * tt.window.Seconds()
		counts := make([]float64, windows)
		for _, at := range dueTimes(poissonAt(t, tt.rate), windows*tt.window, math.MaxInt) {
			counts[at/tt.window]++
		}
		var m moments
		for _, n := range counts {
			m.add(n)
		}
		if math.Abs(m.mean-want) > 4*math.Sqrt(want/windows) {
			t.Errorf("%s: %v arrivals per window on average; want %v", tt.rate, m.mean, want)
		}
		if ratio := m.variance() / want; math.Abs(ratio-1) > 4*math.Sqrt((2+1/want)/windows) {
			t.Errorf("%s: variance is %v × the mean; want 1", tt.rate, ratio)
		}
	}
}

// TestPoissonHorizon cuts a schedule short: what remains is unchanged.
func TestPoissonHorizon(t *testing.T) {
	p := poissonAt(t, "10k/s")
	whole := dueTimes(p, time.Second, math.MaxInt)
	if !slices.IsSorted(whole) {
		t.Fatal("due times are not in order")
	}
	horizon := 123_456_789 * time.Nanosecond
	got := dueTimes(p, horizon, math.MaxInt)
	want := whole[:slices.IndexFunc(whole, func(at time.Duration) bool { return at >= horizon })]
	if !slices.Equal(got, want) {
		t.Errorf("%d arrivals before %v; want the %d of the longer schedule", len(got), horizon, len(want))
	}
	if got := dueTimes(p, 0, 1); len(got) > 0 {
		t.Errorf("arrival at %v in a run of length 0", got[0])
	}
}

// TestPoissonRescales: what the documentation says of one seed at rates that
// differ by a power of ten, and that another seed mends it.
func TestPoissonRescales(t *testing.T) {
	slow, fast := poissonAt(t, "1k/s").Times(stream0(), time.Minute), poissonAt(t, "10k/s").Times(stream0(), time.Minute)
	other := poissonAt(t, "10k/s").Times(stream0().Sub("another"), time.Minute)
	same := 0
	for range 1000 {
		a, _ := slow.Next()
		b, _ := fast.Next()
		c, _ := other.Next()
		if a/10-b > 1 || b-a/10 > 1 {
			t.Fatalf("arrivals at 1k/s and 10k/s are at %v and %v; want the latter at a tenth", a, b)
		}
		if d := a/10 - c; d >= -1 && d <= 1 {
			same++
		}
	}
	if same > 10 {
		t.Errorf("%d of 1000 arrivals of another seed are the same, rescaled", same)
	}
}
