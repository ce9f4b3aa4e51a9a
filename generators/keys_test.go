package generators

import (
	"fmt"
	"math"
	"testing"

	"github.com/fcbench/fcbench/internal/seed"
)

// checkLaw draws from a law and tests what came against the probabilities
// p(i) of the first keys; all others are one cell.
func checkLaw(t *testing.T, law Keys, r seed.Stream, draws, cellCount int, p func(i uint64) float64) {
	t.Helper()
	counts := make([]float64, cellCount+1)
	for k := range uint64(draws) {
		i := law.Pick(r, k)
		if i >= law.N() {
			t.Fatalf("arrival %d has key %d of %d", k, i, law.N())
		}
		counts[min(i, uint64(cellCount))]++
	}
	var cells []cell
	tail := cell{float64(counts[cellCount]), float64(draws)}
	for i, n := range counts[:cellCount] {
		c := cell{n, float64(draws) * p(uint64(i))}
		if c.expected >= minExpected {
			cells = append(cells, c)
			tail.expected -= c.expected
		} else {
			tail.observed += n
		}
	}
	if tail.expected >= minExpected {
		cells = append(cells, tail)
	}
	if f := chiSquare(cells); f.P < 0.001 {
		t.Errorf("χ² is %.1f with %d degrees of freedom, p = %.2g; want at least 0.001", f.ChiSquare, f.DegreesOfFreedom, f.P)
	}
}

// zipfShares returns the probabilities of a Zipf law: the first terms
// of the sum as they are, the rest by the Euler-Maclaurin formula.
func zipfShares(s float64, n uint64) func(i uint64) float64 {
	term := func(x float64) float64 { return math.Pow(x, -s) }
	head := min(n, 100_000)
	total := 0.0
	for i := head; i > 0; i-- {
		total += term(float64(i))
	}
	if a, b := float64(head), float64(n); b > a {
		area := math.Log(b / a)
		if s != 1 {
			area = (math.Pow(b, 1-s) - math.Pow(a, 1-s)) / (1 - s)
		}
		total += area + (term(b)-term(a))/2
	}
	return func(i uint64) float64 { return term(float64(i)+1) / total }
}

// TestZipf tests both methods: the table, and rejection-inversion for key
// spaces that are too large for one, which must agree with it where both can.
func TestZipf(t *testing.T) {
	for _, s := range []float64{0, 0.5, 0.99, 1, 1.01, 2} {
		for _, n := range []tally{2, 10, 1000, 200_000, MaxInterned + 1, 1 << 40} {
			t.Run(fmt.Sprintf("s=%v,n=%d", s, n), func(t *testing.T) {
				checkLaw(t, zipf(t, s, n), stream0(), 200_000, int(min(n, 1000)), zipfShares(s, uint64(n)))
			})
		}
		t.Run(fmt.Sprintf("rejection,s=%v,n=100", s), func(t *testing.T) {
			checkLaw(t, newRejection(s, 100), stream0(), 200_000, 100, zipfShares(s, 100))
		})
		t.Run(fmt.Sprintf("P,s=%v", s), func(t *testing.T) {
			law, want := zipf(t, s, 1000).(Weighted), zipfShares(s, 1000)
			for i := range uint64(1000) {
				if got := law.P(stream0(), i); math.Abs(got/want(i)-1) > 1e-12 {
					t.Fatalf("P(%d) = %v; want %v", i, got, want(i))
				}
			}
		})
	}
}

// TestZipfLargestTable has as many keys as there may be in a table.
func TestZipfLargestTable(t *testing.T) {
	checkLaw(t, zipf(t, 0.99, MaxInterned), stream0(), 200_000, 1000, zipfShares(0.99, MaxInterned))
}

// TestZipfExtremes has exponents at which arithmetic would overflow.
func TestZipfExtremes(t *testing.T) {
	for _, s := range []float64{60, maxExponent} {
		for _, n := range []tally{100, 1 << 30} {
			law := zipf(t, s, n)
			for k := range uint64(1000) {
				if i := law.Pick(stream0(), k); i != 0 {
					t.Fatalf("s=%v, n=%d: arrival %d has key %d; want 0", s, n, k, i)
				}
			}
		}
	}
}

func TestUniform(t *testing.T) {
	for _, n := range []tally{1, 7, 1000} {
		law := must(NewUniform(UniformConfig{n}))(t)
		if n > 1 {
			checkLaw(t, law, stream0(), 100_000, int(n), func(i uint64) float64 { return law.(Weighted).P(stream0(), i) })
		} else if i := law.Pick(stream0(), 5); i != 0 {
			t.Errorf("key %d of 1", i)
		}
	}
}

func TestHotSet(t *testing.T) {
	law := must(NewHotSet(HotSetConfig{N: 1000, HotKeys: 20, HotShare: 0.8}))(t)
	checkLaw(t, law, stream0(), 200_000, 1000, func(i uint64) float64 {
		if i < 20 {
			return 0.8 / 20
		}
		return 0.2 / 980
	})
	for _, share := range []float64{0, 1} {
		law := must(NewHotSet(HotSetConfig{N: 10, HotKeys: 3, HotShare: share}))(t)
		for k := range uint64(1000) {
			if hot := law.Pick(stream0(), k) < 3; hot != (share == 1) {
				t.Fatalf("hot_share %v: arrival %d is hot: %v", share, k, hot)
			}
		}
	}
}

func TestExponential(t *testing.T) {
	for _, tt := range []struct {
		mean float64
		n    tally
	}{{0.5, 100}, {50, 1000}, {50, 60}, {1e6, 100}, {50, 1 << 30}, {300, MaxInterned + 1}} {
		t.Run(fmt.Sprintf("mean=%v,n=%d", tt.mean, tt.n), func(t *testing.T) {
			share := func(i uint64) float64 {
				return math.Exp(-float64(i)/tt.mean) * math.Expm1(-1/tt.mean) / math.Expm1(-float64(tt.n)/tt.mean)
			}
			law := must(NewExponential(ExponentialConfig{tt.mean, tt.n}))(t)
			checkLaw(t, law, stream0(), 200_000, int(min(tt.n, 1000)), share)
			for i := range min(law.N(), 1000) {
				if got, want := law.(Weighted).P(stream0(), i), share(i); math.Abs(got/want-1) > 1e-9 {
					t.Fatalf("P(%d) = %v; want %v", i, got, want)
				}
			}
		})
	}
}

// TestExponentialInversion tests the method for large key spaces on small ones.
func TestExponentialInversion(t *testing.T) {
	for _, mean := range []float64{0.5, 30, 1e7} {
		law := newExponential(mean, 100)
		checkLaw(t, law, stream0(), 200_000, 100, func(i uint64) float64 { return law.P(stream0(), i) })
	}
}

func TestSequential(t *testing.T) {
	law := must(NewSequential(SequentialConfig{3}))(t)
	for k, want := range []uint64{0, 1, 2, 0, 1, 2, 0} {
		if got := law.Pick(stream0(), uint64(k)); got != want {
			t.Errorf("arrival %d has key %d; want %d", k, got, want)
		}
	}
}

// TestLatest tests the age of what is picked: Zipf, whatever the arrival.
func TestLatest(t *testing.T) {
	const n = 500
	law := must(NewLatest(LatestConfig{1.2, n}))(t)
	checkLaw(t, ages{law}, stream0(), 200_000, n, zipfShares(1.2, n))
}

type ages struct{ Keys }

func (a ages) Pick(r seed.Stream, k uint64) uint64 { return (k + a.N() - a.Keys.Pick(r, k)) % a.N() }

// TestScrambledZipf tests that popularity is Zipf over the real key space, and
// that the popular keys are not its first.
func TestScrambledZipf(t *testing.T) {
	for _, n := range []tally{1000, MaxInterned + 7} {
		law := must(NewScrambledZipf(ScrambledZipfConfig{0.99, n}))(t)
		order := newPermutation(uint64(n))
		checkLaw(t, ranks{law, order}, stream0(), 200_000, 1000, zipfShares(0.99, uint64(n)))
		if weighted, ok := law.(Weighted); ok {
			checkLaw(t, law, stream0(), 200_000, 1000, func(i uint64) float64 { return weighted.P(stream0(), i) })
		}
		if first := order.apply(stream0(), 0); first < 3 {
			t.Errorf("the most popular of %d keys is key %d; want it anywhere", n, first)
		}
	}
}

type ranks struct {
	Keys
	order permutation
}

func (l ranks) Pick(r seed.Stream, k uint64) uint64 { return l.order.invert(r, l.Keys.Pick(r, k)) }

func TestPermutation(t *testing.T) {
	for _, n := range []uint64{1, 2, 3, 4, 5, 6, 7, 10, 99, 100, 101, 1000, 65_537} {
		p := newPermutation(n)
		seen := make([]bool, n)
		for i := range n {
			image := p.apply(stream0(), i)
			if image >= n || seen[image] {
				t.Fatalf("n=%d: image %d of %d is outside or taken", n, image, i)
			}
			seen[image] = true
			if back := p.invert(stream0(), image); back != i {
				t.Fatalf("n=%d: %d goes to %d, which goes back to %d", n, i, image, back)
			}
		}
	}
	for _, n := range []uint64{maxKeys - 1, maxKeys} {
		p := newPermutation(n)
		for i := range uint64(1000) {
			if image := p.apply(stream0(), n-1-i); image >= n || p.invert(stream0(), image) != n-1-i {
				t.Fatalf("n=%d: %d goes to %d and back to %d", n, n-1-i, image, p.invert(stream0(), image))
			}
		}
	}
}

// TestPermutationSpreads tests that another seed gives another permutation,
// and that neighbours do not stay neighbours.
func TestPermutationSpreads(t *testing.T) {
	const n = 10_000
	p := newPermutation(n)
	same, near := 0, 0
	for i := range uint64(n - 1) {
		a, b := p.apply(seed.New(1), i), p.apply(seed.New(1), i+1)
		if a == p.apply(seed.New(2), i) {
			same++
		}
		if a+100 > b && b+100 > a {
			near++
		}
	}
	if same > 20 {
		t.Errorf("%d of %d images are the same under another seed; want about 1", same, n)
	}
	if near > 400 {
		t.Errorf("%d of %d neighbours stay within 100; want about 200", near, n)
	}
}

// TestAliasIsExact adds up the parts of every item over all columns.
func TestAliasIsExact(t *testing.T) {
	for _, weights := range [][]float64{{1}, {1, 1}, {3, 1}, {1, 0, 0}, {0, 0, 7, 1e-9}, {1, 2, 3, 4, 5, 6, 7}, {1e-300, 1e300}} {
		table := newAlias(weights)
		mass := make([]float64, len(weights))
		for i, c := range table {
			own := float64(c.own) / 0x1p64
			mass[i] += own
			mass[c.other] += 1 - own
		}
		total := 0.0
		for _, w := range weights {
			total += w
		}
		for i, w := range weights {
			if want := w / total * float64(len(weights)); math.Abs(mass[i]-want) > 1e-12 {
				t.Errorf("%v: item %d has %v columns; want %v", weights, i, mass[i], want)
			}
		}
	}
}

func TestKeysRefuse(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want string
	}{
		{second(NewSequential(SequentialConfig{0})), "n is 0; want 1 to 2^40 keys"},
		{second(NewUniform(UniformConfig{maxKeys + 1})), "n is 1099511627777; want 1 to 2^40 keys"},
		{second(NewZipf(ZipfConfig{-1, 0})), "exponent is -1; want 0 or more\nn is 0; want 1 to 2^40 keys"},
		{second(NewZipf(ZipfConfig{math.NaN(), 5})), "exponent is NaN; want 0 or more"},
		{second(NewZipf(ZipfConfig{1e300, 10})), "exponent is 1e+300; want at most 1000"},
		{second(NewLatest(LatestConfig{1001, 10})), "exponent is 1001; want at most 1000"},
		{second(NewScrambledZipf(ScrambledZipfConfig{math.Inf(1), 5})), "exponent is +Inf; want 0 or more"},
		{second(NewLatest(LatestConfig{1, 0})), "n is 0; want 1 to 2^40 keys"},
		{second(NewExponential(ExponentialConfig{0, 5})), "mean is 0; want 0.001 to 2^40 keys"},
		{
			second(NewHotSet(HotSetConfig{10, 10, 1.5})),
			"hot_keys is 10; want at least 1 and fewer than n, 10\nhot_share is 1.5; want 0 to 1",
		},
	} {
		if tt.err == nil || tt.err.Error() != tt.want {
			t.Errorf("error is %v; want %s", tt.err, tt.want)
		}
	}
}
