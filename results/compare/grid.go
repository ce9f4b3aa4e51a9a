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
	head = []string{"metric", "base", "range", "other", "range", "difference", "relative", "95 % interval", "change", "evidence"}
	for _, d := range p.Differences {
		row := append([]string{d.Metric.Path}, cells(d.Base, write, d.Metric.Unit)...)
		row = append(row, cells(d.Other, write, d.Metric.Unit)...)
		rows = append(rows, append(row, d.delta(write), d.relative(), d.By.text(write, d.Metric.Unit), d.Change.String(), d.Evidence()))
	}
	return head, rows
}

// cells are the median of a side and its range.
func cells(s results.Spread, write func(float64, string) string, unit string) []string {
	if s.N == 0 {
		return []string{NoData.String(), ""}
	}
	return []string{write(s.Median, unit), span(s, write, unit)}
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
	if !d.Complete() {
		return ""
	}
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

// times is the ratio from which on it is told as such: +65633 % says less than ×657.
const times = 3

// relative is the difference as a share of the base, or as a multiple of it.
func (d Difference) relative() string {
	share, ok := d.Relative()
	switch {
	case !ok || d.Metric.Unit == results.UnitShare || d.Metric.Better == results.NearZero:
		return ""
	case share == 0:
		return "0%"
	case d.Base.Median > 0 && 1+share >= 99.95:
		return fmt.Sprintf("×%.0f", 1+share)
	case d.Base.Median > 0 && 1+share > times:
		return fmt.Sprintf("×%.3g", 1+share)
	}
	return fmt.Sprintf("%+.1f%%", share*100)
}

// text writes an interval as one writes the difference: "+6.1% to +9.8%".
func (i Interval) text(write func(float64, string) string, unit string) string {
	one := func(v float64) string {
		switch {
		case i.Ratio && v == 0:
			return "0%"
		case i.Ratio && 1+v > times:
			return fmt.Sprintf("×%.3g", 1+v)
		case i.Ratio:
			return fmt.Sprintf("%+.1f%%", 100*v)
		case unit == results.UnitShare:
			return points(v)
		case v > 0:
			return "+" + write(v, unit)
		}
		return write(v, unit)
	}
	if !i.Known {
		return ""
	}
	return one(i.Lower) + " to " + one(i.Upper)
}
