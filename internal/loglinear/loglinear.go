// Package loglinear counts whole numbers, mostly durations in nanoseconds, in
// buckets of which every power of two has as many, each as wide as the next. So
// memory is fixed, and what is read out of a bucket is within a fixed share of
// what went in. It is the one histogram of this program: where a count differs
// elsewhere, it is in how many buckets a power of two has.
package loglinear

import "math/bits"

// Scale is the base-2 logarithm of the number of buckets that a power of two is
// cut into. Values below twice that number have a bucket each.
type Scale uint

// Bucket numbers the bucket of v, which must not be negative, from 0.
func (s Scale) Bucket(v int64) int {
	shift := bits.Len64(uint64(v)|(2<<s-1)) - int(s+1)
	return shift<<s + int(v>>shift)
}

// Buckets is how many there are for all values that are not negative.
func (s Scale) Buckets() int { return (64 - int(s)) << s }

// Low is the smallest value of a bucket.
func (s Scale) Low(bucket int) int64 {
	shift := s.shift(bucket)
	return int64(bucket-shift<<s) << shift
}

// High is the largest value of a bucket.
func (s Scale) High(bucket int) int64 { return s.Low(bucket) + int64(1)<<s.shift(bucket) - 1 }

// Middle is the value in the middle of a bucket.
func (s Scale) Middle(bucket int) int64 { return s.Low(bucket) + int64(1)<<s.shift(bucket)/2 }

// shift is the base-2 logarithm of a bucket's width.
func (s Scale) shift(bucket int) int { return max(0, bucket>>s-1) }

// Quantile is a share of all values, as a fraction of at most 1, so that no
// rounding decides which value it is.
type Quantile struct{ Num, Den uint64 }

// Rank is the rank, from 1, of the smallest of n values that the share does not
// exceed: ⌈q·n⌉, or 1.
func (q Quantile) Rank(n uint64) uint64 {
	hi, lo := bits.Mul64(q.Num, n)
	rank, rest := bits.Div64(hi, lo, q.Den)
	if rest > 0 {
		rank++
	}
	return max(rank, 1)
}
