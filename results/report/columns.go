package report

import (
	"slices"
	"strings"

	"github.com/fcbench/fcbench/results"
)

// The ranks of columns: in what order a table too wide goes without them.
const (
	always  = iota // never
	needed         // only where all rows say the same
	telling        // last
	useful
	partial // one of several that belong together
	finer   // says in more detail what others say
)

// inProcessColumns compare subjects called in the runner's own loop.
func (c comparison) inProcessColumns([]trial) []column {
	return append(append(outcomeColumns(answeredInLoop), c.accuracyColumns()...),
		column{Column: Column{Head: "decision\np50", Cut: true, Rank: partial}, read: latencyP50, write: duration, weak: few(0.5)},
		column{Column: Column{Head: "decision\np99", Rank: telling}, read: latencyP99, write: duration, weak: few(0.99)},
		column{Column: Column{Head: "saturated\nper op", Cut: true}, read: saturatedTime, write: duration},
		column{Column: Column{Head: "CPU\nper op", Tight: true, Rank: finer}, read: saturatedCPU, shows: medianAlone, write: duration},
	)
}

// serviceColumns compare subjects behind a socket or a pool of workers.
func (c comparison) serviceColumns(rows []trial) []column {
	columns := append(outcomeColumns(nil), statusColumns(rows)...)
	columns = append(append(columns, c.accuracyColumns()...), responseColumns()...)
	return append(columns, column{
		Column: Column{Head: "its CPU\nper op", Rank: finer}, read: metric("target.cpu_per_op"), write: duration,
	})
}

// simulatedColumns compare subjects in virtual time, where only what is
// simulated waits.
func (c comparison) simulatedColumns([]trial) []column {
	return append(append(outcomeColumns(answeredInLoop), c.accuracyColumns()...), responseColumns()...)
}

// endings are the outcomes of arrivals.
func endings() (columns []column) {
	for _, o := range results.Outcomes {
		columns = append(columns, column{
			Column:   Column{Head: strings.ReplaceAll(o.String(), "_", "\n")},
			optional: o != results.OK && o != results.Rejected,
			read:     outcome(o), write: number,
		})
	}
	return columns
}

// outcomeColumns are what became of the arrivals.
func outcomeColumns(answered func([]trial) bool) []column {
	return append(endings(),
		column{Column: Column{Head: "attempts", Rank: telling}, when: anyRun(retried), read: metric("attempts"), write: number},
		column{Column: Column{Head: "fail\nopen", Rank: telling}, optional: true, read: metric("decisions.fail_open"), write: number},
		column{Column: Column{Head: "fail\nclosed", Rank: telling}, optional: true, read: metric("decisions.fail_closed"), write: number},
		column{Column: Column{Head: "decided\nlocally", Rank: telling}, optional: true, read: metric("decisions.local"), write: number},
		column{Column: Column{Head: "most in\nflight", Rank: useful}, when: anyRun(concurrent), read: mostInFlight, shows: extremes, write: number},
		column{Column: Column{Head: "answered\nper s", Rank: useful}, when: answered, read: metric("throughput"), write: wholeNumber},
		column{Column: Column{Head: "goodput\nper s", Rank: telling}, read: goodput, write: wholeNumber},
		column{Column: Column{Head: "retained", Tight: true, Rank: needed}, read: retention, write: percent},
		column{Column: Column{Head: "dead\nwork", Tight: true, Rank: telling}, read: deadWork, write: percent},
		column{Column: Column{Head: "flaps\nper min", Rank: needed}, read: metric("pipeline.broker.flaps_per_min"), write: wholeNumber},
		column{Column: Column{Head: "fetched/\nkept", Tight: true, Rank: needed}, read: metric("pipeline.broker.refetch_ratio"), write: percent},
		column{Column: Column{Head: "most\nqueued", Rank: finer}, read: metric("pipeline.most_queued"), shows: extremes, write: number},
		column{Column: Column{Head: "held\nback", Rank: finer}, optional: true, read: metric("pipeline.most_held"), shows: extremes, write: number},
		column{Column: Column{Head: "changes\nper min", Rank: finer}, optional: true, read: metric("pipeline.changes"), write: wholeNumber},
	)
}

// accuracyColumns are whether the decisions were right, and what passed.
func (c comparison) accuracyColumns() []column {
	return slices.Concat([]column{
		{Column: Column{Head: "false\nadmits", Cut: true, Rank: needed}, read: metric("accuracy.false_admits"), shows: extremes, write: number},
		{Column: Column{Head: "false\ndenials", Tight: true, Rank: telling}, read: metric("accuracy.false_denials"), shows: extremes, write: number},
	}, mostColumns(c.trials), []column{
		{Column: Column{Head: "most\nheld", Tight: true, Rank: telling}, read: metric("accuracy.most_held"), shows: extremes, write: number},
		{Column: Column{Head: "rate\nerror", Tight: true, Rank: useful}, read: c.reference().rateError, shows: extremes, write: signedPercent},
		{Column: Column{Head: "burst\nexcess", Tight: true, Rank: needed}, read: metric("accuracy.burst_excess"), shows: extremes, write: number},
	})
}

// responseColumns are how long ok answers took.
func responseColumns() []column {
	at := func(head, statistic string, quantile float64, rank int) column {
		return column{Column: Column{Head: head, Rank: rank}, read: responseTime("response.ok." + statistic), write: duration, weak: few(quantile)}
	}
	first, last := at("response\np50", "p50", 0.5, always), at("max", "max", 1, useful)
	first.Cut, last.weak = true, nil
	return []column{first, at("p90", "p90", 0.9, finer), at("p99", "p99", 0.99, always), at("p99.9", "p999", 0.999, partial), last}
}
