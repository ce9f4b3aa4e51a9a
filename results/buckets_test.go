package results

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/fcbench/fcbench/internal/loglinear"
)

func FuzzPackUnpack(f *testing.F) {
	f.Add(uint64(1), uint16(100))
	f.Add(uint64(2), uint16(0))
	f.Fuzz(func(t *testing.T, seed uint64, n uint16) {
		r := rand.New(rand.NewPCG(seed, 0))
		var d dense
		d.reset()
		want := make(map[int]uint64)
		for range n {
			bucket, count := r.IntN(coarse.Buckets()), r.Uint64()>>r.IntN(64)>>20
			d.add(bucket, count)
			want[bucket] += count
		}
		p := d.pack(nil)
		if d.lo != coarse.Buckets() || d.hi != 0 || d.counts != new(dense).counts {
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
		d.add(coarse.Bucket(values[i]), 1)
	}
	slices.Sort(values)
	p := d.pack(nil)
	for _, q := range []loglinear.Quantile{{Num: 1, Den: 10000}, p50, {Num: 9, Den: 10}, p99, {Num: 1, Den: 1}} {
		want := values[q.Rank(uint64(len(values)))-1]
		if got := p.at(q); math.Abs(float64(got-want)) > 0.01*float64(want) {
			t.Errorf("quantile %v is %d; want %d within 1 %%", q, got, want)
		}
	}
	if got := packed(nil).at(p50); got != 0 {
		t.Errorf("median of nothing is %d; want 0", got)
	}
}
