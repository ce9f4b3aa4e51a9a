package compare

import "fmt"

// Grid lays a pair out as a table of text: a head, and a row per metric. The
// first column and the last two are words. write turns a value and its unit
// into text.
func (p Pair) Grid(write func(v float64, unit string) string) (head []string, rows [][]string) {
	head = []string{"metric", "base", "range", "other", "range", "difference", "relative", "change", "evidence"}
	for _, d := range p.Differences {
		unit := d.Metric.Unit
		rows = append(rows, []string{
			d.Metric.Path,
			write(d.Base.Median, unit), d.Base.span(write, unit),
			write(d.Other.Median, unit), d.Other.span(write, unit),
			signed(d.Delta(), unit, write), d.percent(),
			d.Change.String(), d.Evidence(),
		})
	}
	return head, rows
}

// span is the side's range; nothing where there is none.
func (s Side) span(write func(float64, string) string, unit string) string {
	if s.Min == s.Max {
		return ""
	}
	return write(s.Min, unit) + ".." + write(s.Max, unit)
}

func (d Difference) percent() string {
	share, ok := d.Relative()
	if !ok {
		return ""
	}
	if share == 0 {
		return "0%"
	}
	return fmt.Sprintf("%+.1f%%", share*100)
}

func signed(v float64, unit string, write func(float64, string) string) string {
	if v > 0 {
		return "+" + write(v, unit)
	}
	return write(v, unit)
}
