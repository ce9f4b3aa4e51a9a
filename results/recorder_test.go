package results

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/fcbench/fcbench/internal/loglinear"
)

// Every bucket here must be one bucket there, or the counts would move when
// they are handed over.
func FuzzRecorderEqualsHdrHistogram(f *testing.F) {
	f.Add(uint64(1), int64(time.Hour))
	f.Add(uint64(2), int64(time.Millisecond))
	f.Add(uint64(3), int64(1))
	f.Fuzz(func(t *testing.T, seed uint64, highest int64) {
		highest = max(1, highest&(1<<46-1))
		r := rand.New(rand.NewPCG(seed, 0))
		var got recorder
		want := hdrhistogram.New(1, highest, digits)
		for range 500 {
			ns := min(r.Int64()>>r.IntN(63), highest)
			got.record(ns, highest)
			if err := want.RecordValue(ns); err != nil {
				t.Fatal(err)
			}
		}
		if !got.histogram(highest).Equals(want) {
			t.Error("the recorder's histogram is not the library's")
		}
	})
}

func TestRecorderKeepsExactExtremesAndMean(t *testing.T) {
	var r recorder
	for range 3 {
		r.record(math.MaxInt64/2, int64(time.Hour))
	}
	r.record(7, int64(time.Hour))
	l, err := r.latency(int64(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if l.MinNS != 7 || l.MaxNS != math.MaxInt64/2 || l.Clipped != 3 || l.Count != 4 {
		t.Errorf("got min %d max %d clipped %d count %d", l.MinNS, l.MaxNS, l.Clipped, l.Count)
	}
	if want := 0.75 * float64(math.MaxInt64/2); math.Abs(l.MeanNS-want) > 1e-9*want {
		t.Errorf("mean is %g; want %g: the sum overflowed", l.MeanNS, want)
	}
	if l.P99NS < int64(time.Hour) || l.P99NS > int64(time.Hour)*1001/1000 {
		t.Errorf("p99 of clipped values is %v; want the histogram's end", time.Duration(l.P99NS))
	}
}

func TestPercentilesWithinThreeDigits(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var rec recorder
	values := make([]int64, 100_000)
	for i := range values {
		values[i] = int64(1e4 * math.Exp(3*r.NormFloat64()))
		rec.record(values[i], int64(time.Hour))
	}
	slices.Sort(values)
	l, err := rec.latency(int64(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	percentiles := []loglinear.Quantile{p50, {Num: 9, Den: 10}, {Num: 95, Den: 100}, p99, {Num: 999, Den: 1000}, {Num: 9999, Den: 10_000}}
	for i, got := range []int64{l.P50NS, l.P90NS, l.P95NS, l.P99NS, l.P999NS, l.P9999NS} {
		want := values[percentiles[i].Rank(uint64(len(values)))-1]
		if math.Abs(float64(got-want)) > 0.001*float64(want) {
			t.Errorf("percentile %v is %d; want %d within 0.1 %%", percentiles[i], got, want)
		}
	}
	if l.MinNS != values[0] || l.MaxNS != values[len(values)-1] {
		t.Errorf("extremes are %d and %d; want %d and %d exactly", l.MinNS, l.MaxNS, values[0], values[len(values)-1])
	}
}

func TestLatencyOfOneValueIsThatValue(t *testing.T) {
	var r recorder
	r.record(1_234_567, int64(time.Hour))
	l, err := r.latency(int64(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []int64{l.MinNS, l.P50NS, l.P9999NS, l.MaxNS, int64(l.MeanNS)} {
		if got != 1_234_567 {
			t.Errorf("a statistic of one value is %d; want that value", got)
		}
	}
}

func TestLatencyHistogramIsWhole(t *testing.T) {
	var r recorder
	for ns := range int64(5000) {
		r.record(ns*ns, int64(time.Hour))
	}
	l, err := r.latency(int64(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	h, err := l.Histogram()
	if err != nil {
		t.Fatal(err)
	}
	if !h.Equals(r.histogram(int64(time.Hour))) || h.TotalCount() != 5000 {
		t.Error("the histogram that came back is not the one that was written")
	}
}

func TestLatencyHistogramRefusesDamage(t *testing.T) {
	for _, hdr := range []string{"", "!!!", "AAAA", "HISTFAAAABB42pNpmSzMwMDAxAABzFCaEUoz2X+AsAASrgJk"} {
		if h, err := (&Latency{HDR: hdr}).Histogram(); err == nil {
			t.Errorf("hdr %q gave %v; want an error", hdr, h)
		}
	}
}
