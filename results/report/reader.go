package report

import (
	"math"

	"github.com/fcbench/fcbench/results"
)

// reader reads one number of a run, if the run has it.
type reader func(repeat) (float64, bool)

// metric reads the number at a path of the metric grammar.
func metric(path string) reader {
	return func(r repeat) (float64, bool) {
		v, _, err := results.Value(&r.Run, path)
		return v, err == nil
	}
}

func outcome(o results.Outcome) reader {
	return func(r repeat) (float64, bool) { return float64(r.Outcomes[o.String()]), true }
}

// answered is the throughput, where it says more than the heading does: in an
// open loop in which everything was answered it is the offered rate.
func answered(r repeat) (float64, bool) {
	keptUp := math.Abs(r.ThroughputPerS-r.OfferedPerS) <= 0.005*r.OfferedPerS
	return r.ThroughputPerS, !(keptUp && loadModel(r.Run) == "open")
}

func goodput(r repeat) (float64, bool) { return r.GoodputPerS, hasSLO(r.Run) }

func latencyP50(r repeat) (float64, bool) { return float64(r.latency.p50), r.timed() }

func latencyP99(r repeat) (float64, bool) { return float64(r.latency.p99), r.timed() }

// timed reports whether the run's durations mean anything: in virtual time a
// real call takes none, and only what is simulated does.
func (r repeat) timed() bool {
	return r.latency.known && (!r.Virtual() || r.latency.p99 > 0)
}

func saturatedTime(r repeat) (float64, bool) {
	if r.Cost.Saturated == nil {
		return 0, false
	}
	return r.Cost.Saturated.NSPerOp, true
}

func saturatedCPU(r repeat) (float64, bool) {
	if r.Cost.Saturated == nil {
		return 0, false
	}
	return r.Cost.Saturated.CPUNSPerOp, true
}
