package generators

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// A Digest identifies a schedule: a sum of 128-bit hashes, one per arrival, so
// that the digests of disjoint shards add up to that of the whole, in any
// order. The zero Digest is that of no arrivals. It tells accidents apart and
// is no defence against malice. One Digest takes the arrivals of one workload.
type Digest struct {
	all, times, keys u128
	hashes           []uint64 // of keys, by number; 0: not yet known
}

// DigestKind says what a digest covers.
type DigestKind uint8

// The kinds of digest.
const (
	DigestAll   DigestKind = iota + 1 // all of an arrival
	DigestTimes                       // Seq and At
	DigestKeys                        // Seq and Key
)

// String returns the kind as it is written on the command line.
func (k DigestKind) String() string {
	switch k {
	case DigestAll:
		return "all"
	case DigestTimes:
		return "times"
	case DigestKeys:
		return "keys"
	}
	return fmt.Sprintf("DigestKind(%d)", uint8(k))
}

// Add takes in one arrival.
func (d *Digest) Add(a *Arrival) {
	key := d.keyHash(a)
	rest := fold(uint64(a.Cost)^digest4, digest5) ^ uint64(a.Size)<<8 ^ uint64(a.Class)
	low := arrivalHash(a, key, rest, digest0, digest1)
	high := arrivalHash(a, key, rest, digest2, digest3)
	d.times = d.times.PlusAround(u128{Hi: high.times, Lo: low.times})
	d.keys = d.keys.PlusAround(u128{Hi: high.keys, Lo: low.keys})
	d.all = d.all.PlusAround(u128{Hi: high.all, Lo: low.all})
}

// Hex returns the digest as 32 hexadecimal digits.
func (d Digest) Hex(kind DigestKind) string {
	sum := d.all
	switch kind {
	case DigestTimes:
		sum = d.times
	case DigestKeys:
		sum = d.keys
	}
	return fmt.Sprintf("%016x%016x", sum.Hi, sum.Lo)
}

// hashes is one half of the three hashes of an arrival.
type hashes struct{ times, keys, all uint64 }

func arrivalHash(a *Arrival, key, rest, in, out uint64) hashes {
	seq := fold(a.Seq^in, out)
	times := fold(seq^uint64(a.At), out)
	keys := fold(seq^key, in)
	return hashes{times, keys, fold(fold(times^key, in)^rest, out)}
}

// keyHash returns the hash of the key, from the cache where it can.
func (d *Digest) keyHash(a *Arrival) uint64 {
	if a.KeyID == NoKeyID {
		return hashText(a.Key)
	}
	if int(a.KeyID) >= len(d.hashes) {
		d.hashes = append(d.hashes, make([]uint64, max(int(a.KeyID)+1, 2*len(d.hashes))-len(d.hashes))...)
	}
	if d.hashes[a.KeyID] == 0 {
		d.hashes[a.KeyID] = hashText(a.Key)
	}
	return d.hashes[a.KeyID]
}

// hashText hashes eight bytes at a time, then the rest and the length.
func hashText[T string | []byte](s T) uint64 {
	h := uint64(digest0)
	var tail [8]byte
	for i := 0; i < len(s); i += 8 {
		tail = [8]byte{}
		copy(tail[:], s[i:])
		h = fold(h^binary.LittleEndian.Uint64(tail[:]), digest1)
	}
	return fold(h^uint64(len(s)), digest2)
}

// fold multiplies to 128 bits and folds the halves together: after it every
// bit of x has touched every bit of the result.
func fold(x, by uint64) uint64 {
	hi, lo := bits.Mul64(x, by)
	return hi ^ lo
}

// Odd numbers without structure: the first digits of π and of e.
const (
	digest0 = 0x243f6a8885a308d3
	digest1 = 0x13198a2e03707345
	digest2 = 0xa4093822299f31d1
	digest3 = 0x082efa98ec4e6c89
	digest4 = 0xb7e151628aed2a6b
	digest5 = 0xbf7158809cf4f3c7
)
