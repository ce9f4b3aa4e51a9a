// Package seed turns one root seed into any number of independent random
// streams with random access: the k-th value of a stream is a pure function
// of (root, purpose, k). Nothing is shared and nothing has state, so the
// order in which values are asked for, and by how many workers, cannot matter.
package seed

// Stream is one random sequence. The zero Stream is valid but is nobody's in
// particular; start from [New] and derive with [Stream.Sub].
type Stream struct{ state uint64 }

// New returns the root stream of a seed.
func New(root uint64) Stream { return Stream{mix(root + golden)} }

// Sub derives the stream of a purpose, such as "times" or "keys".
// Different purposes give unrelated streams.
func (s Stream) Sub(purpose string) Stream {
	h := s.state ^ golden
	for i := range len(purpose) {
		h = mix(h ^ uint64(purpose[i]))
	}
	return Stream{mix(h + uint64(len(purpose)))}
}

// Index derives the i-th of a numbered family of streams.
func (s Stream) Index(i uint64) Stream { return Stream{mix(s.Uint64(i) ^ golden)} }

// Uint64 returns value k of the stream: a SplitMix64 finaliser over a Weyl
// sequence (Steele, Lea and Flood, "Fast splittable pseudorandom number
// generators", 2014), which passes BigCrush when read in order.
func (s Stream) Uint64(k uint64) uint64 { return mix(s.state + (k+1)*golden) }

const golden = 0x9e3779b97f4a7c15

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
