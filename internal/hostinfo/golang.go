package hostinfo

import (
	"math"
	"runtime/metrics"
	"time"
)

// golang is what the runtime says of itself.
type golang struct {
	gc      time.Duration
	latency *metrics.Float64Histogram // seconds that goroutines waited to run
}

func readGolang() (g golang) {
	samples := []metrics.Sample{
		{Name: "/cpu/classes/gc/total:cpu-seconds"},
		{Name: "/cpu/classes/gc/mark/idle:cpu-seconds"},
		{Name: "/sched/latencies:seconds"},
	}
	metrics.Read(samples)
	if total, idle := samples[0].Value, samples[1].Value; total.Kind() == metrics.KindFloat64 && idle.Kind() == metrics.KindFloat64 {
		g.gc = seconds(total.Float64() - idle.Float64())
	}
	if h := samples[2].Value; h.Kind() == metrics.KindFloat64Histogram {
		g.latency = h.Float64Histogram()
	}
	return g
}

// runnable is what was added since an earlier reading.
func (g golang) runnable(earlier golang) (r Runnable) {
	if g.latency == nil || earlier.latency == nil || len(g.latency.Counts) != len(earlier.latency.Counts) {
		return r
	}
	added := make([]uint64, len(g.latency.Counts))
	for i := range added {
		added[i] = g.latency.Counts[i] - earlier.latency.Counts[i]
		r.Count += added[i]
	}
	rank := uint64(math.Ceil(0.99 * float64(r.Count)))
	var below uint64
	for i, n := range added {
		if n == 0 {
			continue
		}
		if below += n; below >= rank && r.P99 == 0 {
			r.P99 = upper(g.latency.Buckets, i)
		}
		r.Max = upper(g.latency.Buckets, i)
	}
	return r
}

// upper is the end of bucket i; the last has none, so its beginning has to do.
func upper(buckets []float64, i int) time.Duration {
	if end := buckets[i+1]; !math.IsInf(end, 1) {
		return seconds(end)
	}
	return seconds(buckets[i])
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
