package faults

import (
	"math"
	"math/bits"
	"time"

	"github.com/fcbench/fcbench/results"
)

// A histogram counts durations in buckets whose width is at most 1/32 of their
// value, so its memory is fixed.
const (
	stepBits = 5
	steps    = 1 << stepBits
	buckets  = (64 - stepBits) * steps
)

type histogram struct {
	counts  [buckets]uint64
	count   uint64
	longest time.Duration
}

func (h *histogram) add(d time.Duration) {
	d = max(d, 0)
	h.counts[bucketOf(uint64(d))]++
	h.count++
	h.longest = max(h.longest, d)
}

// bucketOf numbers the buckets from 0: of width 1 below 2×steps, then steps of
// them per power of two.
func bucketOf(v uint64) int {
	shift := max(bits.Len64(v)-stepBits-1, 0)
	return shift*steps + int(v>>shift)
}

// upper is the largest value of a bucket.
func upper(bucket int) uint64 {
	if bucket < 2*steps {
		return uint64(bucket)
	}
	shift := bucket/steps - 1
	return uint64(steps+bucket%steps+1)<<shift - 1
}

// quantile returns the smallest value that at least q of all do not exceed, as
// the bucket's upper end.
func (h *histogram) quantile(q float64) time.Duration {
	rank := uint64(math.Ceil(q * float64(h.count)))
	var seen uint64
	for bucket, n := range h.counts {
		if seen += n; n > 0 && seen >= rank {
			return min(time.Duration(upper(bucket)), h.longest)
		}
	}
	return h.longest
}

func (h *histogram) summary() results.SpellLatency {
	return results.SpellLatency{Count: h.count, P50NS: int64(h.quantile(0.50)), P99NS: int64(h.quantile(0.99)), MaxNS: int64(h.longest)}
}
