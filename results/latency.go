package results

import "fmt"

// latency summarises r; nil when nothing was recorded.
func (r *recorder) latency(highest int64) (*Latency, error) {
	if r.empty() {
		return nil, nil
	}
	h := r.histogram(highest)
	encoded, err := h.EncodeV2()
	if err != nil {
		return nil, fmt.Errorf("histogram of %d values: %w", h.TotalCount(), err)
	}
	d := Distribution{h, r.min, r.max}
	return &Latency{
		Count: h.TotalCount(), MinNS: r.min, MeanNS: r.mean(h.TotalCount()), MaxNS: r.max, Clipped: int64(r.clipped),
		P50NS: d.At(50, 100), P90NS: d.At(90, 100), P95NS: d.At(95, 100),
		P99NS: d.At(99, 100), P999NS: d.At(999, 1000), P9999NS: d.At(9999, 10_000),
		HDR: string(encoded), // EncodeV2's result is base64 already
	}, nil
}

// named is a histogram with its path in the metric grammar.
type named struct {
	path string
	*Latency
}

// kinds are the kinds of duration, in the order of tables.
var kinds = [...]string{"response", "service", "send_delay", "phases"}

// namesOf are what histograms of a kind are told apart by: outcomes, but for phases.
func namesOf(kind string) []string {
	if kind == "phases" {
		return phaseNames[:]
	}
	return timedOutcomes()
}

// of returns the histograms of a kind, by outcome or phase.
func (l Latencies) of(kind string) map[string]*Latency {
	switch kind {
	case "response":
		return l.Response
	case "service":
		return l.Service
	case "send_delay":
		return l.SendDelay
	case "phases":
		return l.Phases
	}
	return nil
}

// all lists the histograms there are, in the order of kinds and outcomes.
func (l Latencies) all() []named {
	var list []named
	for _, kind := range kinds {
		for _, name := range namesOf(kind) {
			if one := l.of(kind)[name]; one != nil {
				list = append(list, named{kind + "." + name, one})
			}
		}
	}
	return list
}
