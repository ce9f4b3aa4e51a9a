package loglinear

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestBucketsAreContiguous: every value has one bucket, buckets ascend, and none
// is wider than its share of its values.
func TestBucketsAreContiguous(t *testing.T) {
	for _, s := range []Scale{0, 1, 5, 6, 10} {
		for bucket := range s.Buckets() {
			low, high, middle := s.Low(bucket), s.High(bucket), s.Middle(bucket)
			if s.Bucket(low) != bucket || s.Bucket(high) != bucket || middle < low || middle > high {
				t.Fatalf("scale %d: bucket %d is %d to %d, but its ends are in buckets %d and %d", s, bucket, low, high, s.Bucket(low), s.Bucket(high))
			}
			if last := bucket == s.Buckets()-1; last != (high == math.MaxInt64) || !last && s.Low(bucket+1) != high+1 {
				t.Fatalf("scale %d: bucket %d ends at %d", s, bucket, high)
			}
			if width := high - low; width > low>>s {
				t.Fatalf("scale %d: bucket %d of %d is %d wide; want at most 1/%d", s, bucket, low, width, 1<<s)
			}
		}
	}
}

func FuzzMiddleIsNear(f *testing.F) {
	for _, v := range []int64{0, 127, 128, math.MaxInt64} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v int64) {
		const s = Scale(6)
		v &= math.MaxInt64
		if got := s.Middle(s.Bucket(v)); math.Abs(float64(got)-float64(v)) > 0.01*float64(v) {
			t.Errorf("middle of the bucket of %d is %d; want it within 1 %%", v, got)
		}
	})
}

func TestRank(t *testing.T) {
	p95, p99, p999 := Quantile{95, 100}, Quantile{99, 100}, Quantile{999, 1000}
	for _, tt := range []struct {
		q       Quantile
		n, want uint64
	}{
		{p95, 11, 11},
		{p95, 20, 19},
		{p95, 21, 20},
		{p99, 1, 1},
		{p99, 51, 51},
		{p99, 99, 99},
		{p99, 100, 99},
		{p99, 101, 100},
		{p999, 3000, 2997},
		{p999, 999, 999},
		{Quantile{1, 2}, 2, 1},
		{Quantile{1, 2}, 3, 2},
		{Quantile{1, 1}, 7, 7},
		{Quantile{0, 1}, 7, 1},
		{p99, 0, 1},
		{p99, math.MaxUint64, 18262276632972456099},
	} {
		if got := tt.q.Rank(tt.n); got != tt.want {
			t.Errorf("rank of %d/%d among %d is %d; want %d", tt.q.Num, tt.q.Den, tt.n, got, tt.want)
		}
	}
}

func FuzzRankIsTheCeiling(f *testing.F) {
	f.Add(uint64(99), uint64(100), uint64(51))
	f.Fuzz(func(t *testing.T, num, den, n uint64) {
		if den == 0 {
			den = 1
		}
		num %= den
		product := new(big.Int).Mul(new(big.Int).SetUint64(num), new(big.Int).SetUint64(n))
		rank, rest := product.QuoRem(product, new(big.Int).SetUint64(den), new(big.Int))
		want := rank.Uint64()
		if rest.Sign() > 0 {
			want++
		}
		if got := (Quantile{num, den}).Rank(n); got != max(want, 1) {
			t.Errorf("rank of %d/%d among %d is %d; want %d", num, den, n, got, max(want, 1))
		}
	})
}

func TestHistogram(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	h := New(5)
	all := make([]int64, 10_000)
	for i := range all {
		all[i] = r.Int64N(1 << (1 + r.IntN(62)))
		h.Add(all[i])
	}
	slices.Sort(all)
	for _, q := range []Quantile{{1, 10_000}, {1, 2}, {99, 100}, {1, 1}} {
		exact := all[q.Rank(uint64(len(all)))-1]
		if got := h.At(q); got < exact || got-exact > exact/32 {
			t.Errorf("quantile %v is %d; want %d or a little more", q, got, exact)
		}
	}
	if h.Count() != 10_000 || h.Max() != all[len(all)-1] {
		t.Errorf("%d values up to %d; want 10000 up to %d", h.Count(), h.Max(), all[len(all)-1])
	}
}

func TestHistogramOfExtremes(t *testing.T) {
	h := New(5)
	if h.At(Quantile{1, 2}) != 0 || h.Max() != 0 || h.Count() != 0 {
		t.Error("nothing has a value")
	}
	h.Add(-5)
	h.Add(math.MaxInt64)
	if low, high := h.At(Quantile{1, 2}), h.At(Quantile{99, 100}); low != 0 || high != math.MaxInt64 {
		t.Errorf("quantiles are %d and %d; want the extremes", low, high)
	}
}

func TestAddAllocatesNothing(t *testing.T) {
	h, v := New(5), int64(0)
	if n := testing.AllocsPerRun(1000, func() { h.Add(v); v = v*3 + 1 }); n != 0 {
		t.Errorf("%v allocations a value; want 0", n)
	}
}
