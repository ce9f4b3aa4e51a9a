package report

import (
	"fmt"

	"github.com/fcbench/fcbench/results"
)

// quantiles are of the time that a comparison is about, in nanoseconds.
type quantiles struct {
	count         int64 // of the samples; 0 when there are none
	p50, p99, max int64
}

// quantilesOf picks the time that a comparison is about: what a decision took
// for a subject in process, which answers long before any pacer could wake;
// the response time of ok for any other.
func quantilesOf(r results.Run) (quantiles, error) {
	if r.InProcess && !r.Virtual() {
		return decisionTime(r)
	}
	l := r.Latency.Response[results.OK.String()]
	if l == nil || l.Count == 0 {
		return quantiles{}, nil
	}
	return quantiles{l.Count, l.P50NS, l.P99NS, l.MaxNS}, nil
}

// decisionTime is the service time of ok and rejected together: a limiter is
// not faster for saying no. Other outcomes are no decisions.
func decisionTime(r results.Run) (quantiles, error) {
	all, err := results.Distribute(r.Latency.Service[results.OK.String()], r.Latency.Service[results.Rejected.String()])
	if err != nil {
		return quantiles{}, fmt.Errorf("service time of %s, repeat %d: %w", r.Trial, r.Repeat, err)
	}
	if all == nil {
		return quantiles{}, nil
	}
	return quantiles{all.Count(), all.At(50, 100), all.At(99, 100), all.Max()}, nil
}
