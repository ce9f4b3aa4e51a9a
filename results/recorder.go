package results

import (
	"math"
	"math/bits"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/fcbench/fcbench/internal/loglinear"
)

// recorder is one histogram of durations in nanoseconds, with what a histogram
// cannot tell exactly beside it. The zero recorder is ready for use; it makes
// its buckets at the first value, because most outcomes never happen.
//
// Its buckets are those of an HdrHistogram of three digits from 1 ns on. They
// are counted here, and handed to the library at the end, because this is the
// hot path: all of record costs no more than the library's recording alone.
type recorder struct {
	counts       []uint64 // by fine.Bucket
	min, max     int64
	sumHi, sumLo uint64 // 128 bits: hours of nanoseconds overflow 64
	clipped      uint64
}

const (
	digits = 3
	fine   = loglinear.Scale(10) // 1024 buckets per power of two: three digits
)

// open makes the buckets.
func (r *recorder) open(highest int64) {
	r.counts = make([]uint64, fine.Bucket(highest)+1)
	r.min = math.MaxInt64
}

// empty reports whether there was no value, whether or not there are buckets.
func (r *recorder) empty() bool { return r.counts == nil || r.min > r.max }

// record adds ns, which must not be negative.
func (r *recorder) record(ns, highest int64) {
	if r.counts == nil {
		r.open(highest)
	}
	r.min, r.max = min(r.min, ns), max(r.max, ns)
	lo, carry := bits.Add64(r.sumLo, uint64(ns), 0)
	r.sumLo, r.sumHi = lo, r.sumHi+carry
	if ns > highest {
		r.clipped++
		ns = highest
	}
	r.counts[fine.Bucket(ns)]++
}

// add merges other, which has the same buckets.
func (r *recorder) add(other *recorder, highest int64) {
	if other.empty() {
		return
	}
	if r.counts == nil {
		r.open(highest)
	}
	r.min, r.max = min(r.min, other.min), max(r.max, other.max)
	lo, carry := bits.Add64(r.sumLo, other.sumLo, 0)
	r.sumLo, r.sumHi = lo, r.sumHi+other.sumHi+carry
	r.clipped += other.clipped
	for bucket, n := range other.counts {
		r.counts[bucket] += n
	}
}

// mean is exact to a float's 53 bits, given the number of values.
func (r *recorder) mean(count int64) float64 {
	return (float64(r.sumHi)*(1<<64) + float64(r.sumLo)) / float64(count)
}

// histogram returns the counts in the field's common form.
func (r *recorder) histogram(highest int64) *hdrhistogram.Histogram {
	h := hdrhistogram.New(1, highest, digits)
	for bucket, n := range r.counts {
		if n > 0 {
			_ = h.RecordValues(fine.Low(bucket), int64(n)) // at most highest, so it fits
		}
	}
	return h
}
