package report

import (
	"fmt"
	"strings"

	"github.com/fcbench/fcbench/results"
)

// column is one column of a comparison.
type column struct {
	Column
	cell     func(trial) string
	optional bool // left out when no row has anything but 0
}

// inProcessColumns compare subjects called in the runner's own loop.
func inProcessColumns() []column {
	return append(decisionColumns(),
		column{Column: Column{Head: "decision\np50", Cut: true}, cell: median(latencyP50, duration)},
		column{Column: Column{Head: "decision\np99"}, cell: median(latencyP99, duration)},
		column{Column: Column{Head: "saturated\nper op", Cut: true}, cell: median(saturatedTime, duration)},
		column{Column: Column{Head: "CPU\nper op", Tight: true}, cell: bareMedian(saturatedCPU, duration)},
	)
}

// serviceColumns compare subjects behind a socket or a pool of workers.
func serviceColumns() []column {
	return append(decisionColumns(),
		column{Column: Column{Head: "response\np50", Cut: true}, cell: median(latencyP50, duration)},
		column{Column: Column{Head: "response\np99"}, cell: median(latencyP99, duration)},
	)
}

// decisionColumns are what became of the arrivals, and whether it was right.
func decisionColumns() []column {
	var columns []column
	for _, o := range results.Outcomes {
		columns = append(columns, column{
			Column:   Column{Head: strings.ReplaceAll(o.String(), "_", "\n")},
			optional: o != results.OK && o != results.Rejected,
			cell:     median(outcome(o), number),
		})
	}
	return append(columns,
		column{Column: Column{Head: "fail\nopen"}, optional: true, cell: median(metric("decisions.fail_open"), number)},
		column{Column: Column{Head: "fail\nclosed"}, optional: true, cell: median(metric("decisions.fail_closed"), number)},
		column{Column: Column{Head: "decided\nlocally"}, optional: true, cell: median(metric("decisions.local"), number)},
		column{Column: Column{Head: "answered\nper s"}, cell: median(answered, wholeNumber)},
		column{Column: Column{Head: "goodput\nper s"}, cell: median(goodput, wholeNumber)},
		column{Column: Column{Head: "false\nadmits", Cut: true}, cell: extremes(metric("accuracy.false_admits"), number)},
		column{Column: Column{Head: "false\ndenials", Tight: true}, cell: extremes(metric("accuracy.false_denials"), number)},
		column{Column: Column{Head: "rate\nerror", Tight: true}, cell: extremes(metric("accuracy.rate_error"), signedPercent)},
		column{Column: Column{Head: "burst\nexcess", Tight: true}, cell: extremes(metric("accuracy.burst_excess"), number)},
	)
}

// median writes the median and, from half a per cent up, the spread.
func median(read reader, write func(float64) string) func(trial) string {
	return func(t trial) string {
		s, ok := t.over(read)
		if ok && s.median == 0 {
			return s.between(write)
		}
		cell := bareMedian(read, write)(t)
		if p := 100 * s.relative(); ok && p >= 0.5 {
			cell += fmt.Sprintf(" ±%.0f%%", p)
		}
		return cell
	}
}

// bareMedian writes the median alone.
func bareMedian(read reader, write func(float64) string) func(trial) string {
	return func(t trial) string {
		s, ok := t.over(read)
		if !ok {
			return ""
		}
		return write(s.median)
	}
}

// extremes writes the least and the most: an error that showed once must not
// vanish in a median.
func extremes(read reader, write func(float64) string) func(trial) string {
	return func(t trial) string {
		s, ok := t.over(read)
		if !ok {
			return ""
		}
		return s.between(write)
	}
}

func (s spread) between(write func(float64) string) string {
	low, high := write(s.min), write(s.max)
	if low == high {
		return low
	}
	return low + ".." + high
}
