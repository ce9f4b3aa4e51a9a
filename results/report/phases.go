package report

import "slices"

const phasesCaption = "By phase: connecting and the TLS handshake, of connections that were made in the window, and from the request's first byte to the answer's."

// phases is a table of the parts of answers, of the trials that were asked for them.
func (c comparison) phases() part {
	rows := slices.DeleteFunc(slices.Clone(c.trials), func(t trial) bool {
		return !slices.ContainsFunc(t.repeats, func(r repeat) bool { return len(r.Latency.Phases) > 0 })
	})
	columns := append(nameColumns(rows), column{Column: Column{Head: "connections", Rank: useful}, read: metric("phases.connect.count"), write: number})
	for _, phase := range [...]struct{ name, head string }{{"connect", "connect"}, {"tls", "TLS"}, {"first_byte", "first byte"}} {
		at := func(head, statistic string, quantile float64) column {
			path := "phases." + phase.name + "." + statistic
			return column{Column: Column{Head: head, Rank: always}, optional: phase.name == "tls", read: metric(path), write: duration, weak: fewOf(phase.name, quantile)}
		}
		median := at(phase.head+"\np50", "p50", 0.5)
		median.Cut = true
		columns = append(columns, median, at("p99", "p99", 0.99))
	}
	return part{phasesCaption, columns, rows}
}

// fewOf is few for the samples of a phase.
func fewOf(phase string, quantile float64) func(repeat) bool {
	return func(r repeat) bool {
		l := r.Latency.Phases[phase]
		return l != nil && float64(l.Count)*(1-quantile) < carries-1e-6
	}
}
