package report

import (
	"github.com/fcbench/fcbench/results"
)

// named is a histogram of a run with its path in the result file, without "latency".
type named struct {
	path    string // such as "response.ok"
	latency *results.Latency
}

// histograms lists the histograms of a run that hold anything, in a fixed order.
func histograms(r results.Run) []named {
	var out []named
	for _, kind := range []struct {
		name      string
		byOutcome map[string]*results.Latency
	}{
		{"response", r.Latency.Response},
		{"service", r.Latency.Service},
		{"send_delay", r.Latency.SendDelay},
	} {
		for _, o := range results.Outcomes {
			if l := kind.byOutcome[o.String()]; l != nil && l.Count > 0 {
				out = append(out, named{kind.name + "." + o.String(), l})
			}
		}
	}
	for _, phase := range []string{"connect", "tls", "first_byte"} {
		if l := r.Latency.Phases[phase]; l != nil && l.Count > 0 {
			out = append(out, named{"phases." + phase, l})
		}
	}
	return out
}
