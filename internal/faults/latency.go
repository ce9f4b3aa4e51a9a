package faults

import (
	"github.com/fcbench/fcbench/internal/loglinear"
	"github.com/fcbench/fcbench/results"
)

// steps is the scale of response times: quantiles are at most 1/32 too high.
const steps = loglinear.Scale(5)

// latency sums a histogram of response times up.
func latency(h *loglinear.Histogram) results.SpellLatency {
	half, most := loglinear.Quantile{Num: 1, Den: 2}, loglinear.Quantile{Num: 99, Den: 100}
	return results.SpellLatency{Count: h.Count(), P50NS: h.At(half), P99NS: h.At(most), MaxNS: h.Max()}
}
