package results

import (
	"encoding/binary"

	"github.com/fcbench/fcbench/internal/loglinear"
)

// The histograms of the interval series are coarse, since there are a thousand of
// them: read at the middle of their buckets, they are within 1 % of the value.
const coarse = loglinear.Scale(6)

// rougher is the scale of what is told of queues and faults: 32 buckets per power of two.
const rougher = loglinear.Scale(5)

// rough is the least that a duration may have been which was read out of such a bucket.
func rough(ns int64) float64 { return float64(rougher.Low(rougher.Bucket(max(ns, 0)))) }

// dense counts values by bucket. lo and hi bound the buckets in use; the zero
// dense is made usable by reset.
type dense struct {
	counts [(64 - coarse) << coarse]uint64
	lo, hi int // used buckets lie in [lo, hi)
}

func (d *dense) add(bucket int, n uint64) {
	d.counts[bucket] += n
	d.lo, d.hi = min(d.lo, bucket), max(d.hi, bucket+1)
}

func (d *dense) reset() { d.lo, d.hi = len(d.counts), 0 }

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

// at returns the value at the rank of q, in the middle of its bucket; 0 of an
// empty histogram.
func (p packed) at(q loglinear.Quantile) int64 {
	rank := q.Rank(p.total())
	var bucket int
	var n, seen uint64
	for len(p) > 0 && seen < rank {
		bucket, n, p = p.next(bucket)
		seen += n
	}
	return coarse.Middle(bucket)
}
