package compare

import (
	"fmt"
	"math"

	"github.com/fcbench/fcbench/results"
)

// Grid lays a pair out as a table of text: a head, and a row per metric. The
// first column and the last two are words. write turns a value and its unit
// into text. Shares differ by percentage points (pp), and like errors that go
// either way have no relative difference, which would be per cent of per cent.
func (p Pair) Grid(write func(v float64, unit string) string) (head []string, rows [][]string) {
	head = []string{"metric", "base", "range", "other", "range", "difference", "relative", "change", "evidence"}
	for _, d := range p.Differences {
		unit := d.Metric.Unit
		rows = append(rows, []string{
			d.Metric.Path,
			write(d.Base.Median, unit), span(d.Base, write, unit),
			write(d.Other.Median, unit), span(d.Other, write, unit),
			d.delta(write), d.percent(),
			d.Change.String(), d.Evidence(),
		})
	}
	return head, rows
}

// span is a range; nothing where there is none.
func span(s results.Spread, write func(float64, string) string, unit string) string {
	if s.Constant() {
		return ""
	}
	return write(s.Min, unit) + ".." + write(s.Max, unit)
}

// delta is the difference of the medians, with its sign.
func (d Difference) delta(write func(float64, string) string) string {
	v := d.Delta()
	if d.Metric.Unit == results.UnitShare {
		return points(v)
	}
	if v > 0 {
		return "+" + write(v, d.Metric.Unit)
	}
	return write(v, d.Metric.Unit)
}

// points writes a difference of shares in percentage points.
func points(v float64) string {
	if math.Abs(v) < 1e-9 { // the rounding of a median
		return "0 pp"
	}
	return fmt.Sprintf("%+.3g pp", 100*v)
}

func (d Difference) percent() string {
	share, ok := d.Relative()
	if !ok || d.Metric.Unit == results.UnitShare || d.Metric.Better == results.NearZero {
		return ""
	}
	if share == 0 {
		return "0%"
	}
	return fmt.Sprintf("%+.1f%%", share*100)
}
