package results

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// Histograms here are log-linear: every power of two is cut into 1<<bits equal
// buckets, and values below twice that have one each. The interval series uses
// coarse ones, since there are a thousand of them: 64 per power of two, read at
// their middle, are within 1 % of the value.
const (
	coarseBits  = 6
	coarseCount = (64 - coarseBits) << coarseBits // buckets of all durations that are not negative
)

// bucketOf numbers the bucket of ns.
func bucketOf(ns int64, subBits int) int {
	shift := bits.Len64(uint64(ns)|(2<<subBits-1)) - (subBits + 1)
	return shift<<subBits + int(ns>>shift)
}

// bucketLow is the smallest value of a bucket.
func bucketLow(bucket, subBits int) int64 {
	shift := bucketShift(bucket, subBits)
	return int64(bucket-shift<<subBits) << shift
}

// bucketMiddle is the value in the middle of a bucket.
func bucketMiddle(bucket, subBits int) int64 {
	return bucketLow(bucket, subBits) + int64(1)<<bucketShift(bucket, subBits)/2
}

// bucketShift is the base-2 logarithm of a bucket's width.
func bucketShift(bucket, subBits int) int { return max(0, bucket>>subBits-1) }

// dense counts values by bucket. lo and hi bound the buckets in use; the zero
// dense is made usable by reset.
type dense struct {
	counts [coarseCount]uint64
	lo, hi int // used buckets lie in [lo, hi)
}

func (d *dense) add(bucket int, n uint64) {
	d.counts[bucket] += n
	d.lo, d.hi = min(d.lo, bucket), max(d.hi, bucket+1)
}

func (d *dense) reset() { d.lo, d.hi = coarseCount, 0 }

// packed is a histogram at rest: for each bucket in use its distance from the
// one before and its count, both as varints; mostly two bytes per bucket.
type packed []byte

// next splits off the first bucket, given the one before.
func (p packed) next(before int) (bucket int, n uint64, rest packed) {
	gap, width := binary.Uvarint(p)
	n, width2 := binary.Uvarint(p[width:])
	return before + int(gap), n, p[width+width2:]
}

// unpack adds p to d.
func (d *dense) unpack(p packed) {
	var bucket int
	var n uint64
	for len(p) > 0 {
		bucket, n, p = p.next(bucket)
		d.add(bucket, n)
	}
}

// pack appends d to p and empties d.
func (d *dense) pack(p packed) packed {
	before := 0
	for bucket := d.lo; bucket < d.hi; bucket++ {
		if n := d.counts[bucket]; n > 0 {
			p = binary.AppendUvarint(p, uint64(bucket-before))
			p = binary.AppendUvarint(p, n)
			before = bucket
			d.counts[bucket] = 0
		}
	}
	d.reset()
	return p
}

func (p packed) total() uint64 {
	var sum, n uint64
	for len(p) > 0 {
		_, n, p = p.next(0)
		sum += n
	}
	return sum
}

// quantile returns the value of nearest rank for q in (0, 1]; 0 of an empty histogram.
func (p packed) quantile(q float64) int64 {
	rank := uint64(math.Ceil(q * float64(p.total())))
	var bucket int
	var n, seen uint64
	for len(p) > 0 && seen < rank {
		bucket, n, p = p.next(bucket)
		seen += n
	}
	return bucketMiddle(bucket, coarseBits)
}
