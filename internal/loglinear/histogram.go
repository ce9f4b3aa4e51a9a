package loglinear

// Histogram counts values, none of which may be negative: others count as 0.
type Histogram struct {
	scale  Scale
	counts []uint64
	count  uint64
	max    int64
}

// New returns an empty histogram with all the memory it will ever need: 15 KB at
// a scale of 5, and twice that with every one more.
func New(s Scale) *Histogram { return &Histogram{scale: s, counts: make([]uint64, s.Buckets())} }

// Add counts v.
func (h *Histogram) Add(v int64) {
	v = max(v, 0)
	h.counts[h.scale.Bucket(v)]++
	h.count++
	h.max = max(h.max, v)
}

// Count is how many values were added.
func (h *Histogram) Count() uint64 { return h.count }

// Max is the largest one, exactly; 0 of none.
func (h *Histogram) Max() int64 { return h.max }

// At is the value at the rank of q: the upper end of its bucket, but never above
// the largest value; 0 of none.
func (h *Histogram) At(q Quantile) int64 {
	rank := q.Rank(h.count)
	var seen uint64
	for bucket, n := range h.counts {
		if seen += n; seen >= rank {
			return min(h.scale.High(bucket), h.max)
		}
	}
	return 0
}
