package results

import (
	"fmt"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// percentiles are those of a [Latency], in its order.
var percentiles = [...]float64{50, 90, 95, 99, 99.9, 99.99}

// latency summarises r; nil when nothing was recorded.
func (r *recorder) latency(highest int64) (*Latency, error) {
	if r.counts == nil {
		return nil, nil
	}
	h := r.histogram(highest)
	encoded, err := h.EncodeV2()
	if err != nil {
		return nil, fmt.Errorf("histogram of %d values: %w", h.TotalCount(), err)
	}
	p := h.ValueAtPercentilesSlice(percentiles[:])
	for i := range p {
		// A bucket is known by its upper end, which may lie beyond the exact extremes.
		p[i] = min(max(p[i], r.min), r.max)
	}
	return &Latency{
		Count: h.TotalCount(), MinNS: r.min, MeanNS: r.mean(h.TotalCount()), MaxNS: r.max, Clipped: int64(r.clipped),
		P50NS: p[0], P90NS: p[1], P95NS: p[2], P99NS: p[3], P999NS: p[4], P9999NS: p[5],
		HDR: string(encoded), // EncodeV2's result is base64 already
	}, nil
}

// Histogram decodes the whole histogram, in nanoseconds.
func (l *Latency) Histogram() (*hdrhistogram.Histogram, error) {
	h, err := hdrhistogram.Decode([]byte(l.HDR))
	if err != nil {
		return nil, fmt.Errorf("hdr is not a compressed HdrHistogram V2 in base64: %w", err)
	}
	return h, nil
}

// named is a histogram with its path in the metric grammar.
type named struct {
	path string
	*Latency
}

// kinds are the kinds of duration, in the order of tables.
var kinds = [...]string{"response", "service", "send_delay"}

// of returns the histograms of a kind, by outcome.
func (l Latencies) of(kind string) map[string]*Latency {
	switch kind {
	case "response":
		return l.Response
	case "service":
		return l.Service
	case "send_delay":
		return l.SendDelay
	}
	return nil
}

// all lists the histograms there are, in the order of kinds and outcomes.
func (l Latencies) all() []named {
	var list []named
	for _, kind := range kinds {
		for _, o := range Outcomes {
			if one := l.of(kind)[o.String()]; one != nil {
				list = append(list, named{kind + "." + o.String(), one})
			}
		}
	}
	return list
}
