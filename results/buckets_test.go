package results

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestBucketsAreContiguous(t *testing.T) {
	for _, bits := range []int{coarseBits, fineBits} {
		for bucket := range 40 << bits {
			low, next := bucketLow(bucket, bits), bucketLow(bucket+1, bits)
			if bucketOf(low, bits) != bucket || bucketOf(next-1, bits) != bucket {
				t.Fatalf("%d bits: bucket %d is [%d, %d), but its ends are in buckets %d and %d",
					bits, bucket, low, next, bucketOf(low, bits), bucketOf(next-1, bits))
			}
		}
	}
	if got := bucketOf(math.MaxInt64, coarseBits); got != coarseCount-1 {
		t.Errorf("bucketOf(MaxInt64) = %d; want the last, %d", got, coarseCount-1)
	}
}

func FuzzBucketMiddleIsNear(f *testing.F) {
	f.Add(int64(0))
	f.Add(int64(127))
	f.Add(int64(128))
	f.Add(int64(math.MaxInt64))
	f.Fuzz(func(t *testing.T, ns int64) {
		ns &= math.MaxInt64
		got := bucketMiddle(bucketOf(ns, coarseBits), coarseBits)
		if off := math.Abs(float64(got) - float64(ns)); off > 0.01*float64(ns) {
			t.Errorf("middle of the bucket of %d is %d; want it within 1 %%", ns, got)
		}
	})
}

func FuzzPackUnpack(f *testing.F) {
	f.Add(uint64(1), uint16(100))
	f.Add(uint64(2), uint16(0))
	f.Fuzz(func(t *testing.T, seed uint64, n uint16) {
		r := rand.New(rand.NewPCG(seed, 0))
		var d dense
		d.reset()
		want := make(map[int]uint64)
		for range n {
			bucket, count := r.IntN(coarseCount), r.Uint64()>>r.IntN(64)>>20
			d.add(bucket, count)
			want[bucket] += count
		}
		p := d.pack(nil)
		if d.lo != coarseCount || d.hi != 0 || d.counts != [coarseCount]uint64{} {
			t.Fatal("pack left something behind")
		}
		d.unpack(p)
		for bucket, got := range d.counts {
			if got != want[bucket] {
				t.Fatalf("bucket %d came back as %d; want %d", bucket, got, want[bucket])
			}
		}
	})
}

func TestPackedQuantile(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var d dense
	d.reset()
	values := make([]int64, 10007)
	for i := range values {
		values[i] = int64(1e5 * math.Exp(2*r.NormFloat64()))
		d.add(bucketOf(values[i], coarseBits), 1)
	}
	slices.Sort(values)
	p := d.pack(nil)
	for _, q := range []float64{0.0001, 0.5, 0.9, 0.99, 1} {
		want := values[int(math.Ceil(q*float64(len(values))))-1]
		if got := p.quantile(q); math.Abs(float64(got-want)) > 0.01*float64(want) {
			t.Errorf("quantile %v is %d; want %d within 1 %%", q, got, want)
		}
	}
	if got := packed(nil).quantile(0.5); got != 0 {
		t.Errorf("median of nothing is %d; want 0", got)
	}
}
