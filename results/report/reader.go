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

// answeredInLoop reports whether the throughput says more than the heading
// does: in an open loop in which everything was answered it is the offered rate.
func answeredInLoop(rows []trial) bool {
	return anyRun(func(r repeat) bool {
		keptUp := math.Abs(r.ThroughputPerS-r.OfferedPerS) <= 0.005*r.OfferedPerS
		return !keptUp || r.Load.Model != "open"
	})(rows)
}

// retried reports whether any arrival was sent more than once.
func retried(r repeat) bool { return r.Attempts > r.Offered }

// mostInFlight is how many requests were in flight at once, at most.
func mostInFlight(r repeat) (most float64, ok bool) {
	for _, i := range r.Intervals {
		most = max(most, float64(i.InFlight))
	}
	return most, len(r.Intervals) > 0
}

// concurrent reports whether there was ever more than one.
func concurrent(r repeat) bool {
	most, _ := mostInFlight(r)
	return most > 1
}

func goodput(r repeat) (float64, bool) {
	v, ok := metric("goodput")(r)
	return v, ok && r.Protocol.SLO > 0
}

// retention and dead work are by the slo, without which nothing comes too late but
// what its caller gives up.
func retention(r repeat) (float64, bool) {
	v, ok := metric("pipeline.retention")(r)
	return v, ok && r.Protocol.SLO > 0
}

func deadWork(r repeat) (float64, bool) {
	v, ok := metric("pipeline.dead_share")(r)
	return v, ok && r.Protocol.SLO > 0
}

func latencyP50(r repeat) (float64, bool) { return float64(r.latency.p50), r.timed() }

func latencyP99(r repeat) (float64, bool) { return float64(r.latency.p99), r.timed() }

// responseTime reads a statistic of the response time of ok.
func responseTime(path string) reader {
	read := metric(path)
	return func(r repeat) (float64, bool) {
		v, ok := read(r)
		return v, ok && r.timed()
	}
}

// timed reports whether the run's durations mean anything: in virtual time a
// real call takes none, and only what is simulated does.
func (r repeat) timed() bool {
	return r.latency.count > 0 && (!r.Virtual() || r.latency.max > 0)
}

// carries is how many samples must lie beyond a quantile for it to be more than
// chance.
const carries = 10

// few reports whether fewer lie beyond it.
func few(quantile float64) func(repeat) bool {
	return func(r repeat) bool { return float64(r.latency.count)*(1-quantile) < carries-1e-6 }
}

func saturatedTime(r repeat) (float64, bool) {
	if !r.InProcess || r.Cost.Saturated == nil { // of pipelines it is of one part alone
		return 0, false
	}
	return r.Cost.Saturated.NSPerOp, true
}

func saturatedCPU(r repeat) (float64, bool) {
	if !r.InProcess || r.Cost.Saturated == nil { // of pipelines it is of one part alone
		return 0, false
	}
	return r.Cost.Saturated.CPUNSPerOp, true
}
