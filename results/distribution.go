package results

import (
	"errors"
	"fmt"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/fcbench/fcbench/internal/loglinear"
)

// Distribution is the durations of a histogram, or of several together.
type Distribution struct {
	histogram *hdrhistogram.Histogram
	min, max  int64
}

var errNotHDR = errors.New("hdr is not a compressed HdrHistogram V2 in base64")

// Distribute adds histograms up, skipping those that are missing or empty; it is
// nil when all are.
func Distribute(parts ...*Latency) (*Distribution, error) {
	var sum *Distribution
	for _, part := range parts {
		if part == nil || part.Count == 0 {
			continue
		}
		h, err := part.Histogram()
		if err != nil {
			return nil, err
		}
		if sum == nil {
			sum = &Distribution{h, part.MinNS, part.MaxNS}
			continue
		}
		if lost := sum.histogram.Merge(h); lost > 0 {
			return nil, fmt.Errorf("range of one histogram is too small for %d values of another; want histograms of one range", lost)
		}
		sum.min, sum.max = min(sum.min, part.MinNS), max(sum.max, part.MaxNS)
	}
	return sum, nil
}

// Histogram returns the counts in the field's common form. Its own percentiles
// are rounded to the nearest rank: for one of them use [Distribution.At].
func (d *Distribution) Histogram() *hdrhistogram.Histogram { return d.histogram }

// Count is how many durations there are.
func (d *Distribution) Count() int64 { return d.histogram.TotalCount() }

// Max is the longest duration in nanoseconds, exactly.
func (d *Distribution) Max() int64 { return d.max }

// At is a percentile in nanoseconds, such as At(99, 100): the duration of rank
// ⌈q·n⌉ with q = num/den. It is the upper end of its bucket, at most 0.1 % too
// high, but never beyond the shortest and the longest.
func (d *Distribution) At(num, den uint64) int64 {
	return d.at(loglinear.Quantile{Num: num, Den: den})
}

func (d *Distribution) at(q loglinear.Quantile) int64 {
	n := d.histogram.TotalCount()
	rank := q.Rank(uint64(n))
	exactly := 100 * float64(rank) / float64(n) // of which the nearest rank is that one
	return min(max(d.histogram.ValueAtPercentile(exactly), d.min), d.max)
}

// Histogram decodes the whole histogram, in nanoseconds.
func (l *Latency) Histogram() (*hdrhistogram.Histogram, error) {
	h, err := hdrhistogram.Decode([]byte(l.HDR))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNotHDR, err)
	}
	return h, nil
}

// bucket are the ends of where a percentile truly lies, which was read as ns.
func (l *Latency) bucket(ns int64) (low, high int64) {
	bucket := fine.Bucket(max(ns, 0))
	return max(fine.Low(bucket), min(l.MinNS, ns)), min(fine.High(bucket), max(l.MaxNS, ns))
}

// Within is how many durations are at most so many nanoseconds. One is known by its
// bucket, which counts where anything in it would.
func (l *Latency) Within(ns int64) (uint64, error) {
	if l.Count == 0 {
		return 0, nil
	}
	h, err := l.Histogram()
	if err != nil {
		return 0, err
	}
	var n uint64
	for _, bar := range h.Distribution() {
		if bar.From <= ns {
			n += uint64(bar.Count)
		}
	}
	return n, nil
}
