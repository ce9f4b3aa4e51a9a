package report

import (
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

// fit cuts g, where it may be cut, into as few parts as keep to the width.
// A part that cannot be cut further may be wider.
func (g Grid) fit(width int) []Grid {
	names, widths := g.names(), g.widths()
	room := func(columns []int) (sum int) {
		for _, column := range columns {
			sum += len(g.Columns[column].gap()) + widths[column]
		}
		return sum
	}
	start := room(names) - len(g.Columns[0].gap()) // nothing stands before the first
	var parts []Grid
	part, used := names, start
	for _, segment := range g.segments() {
		need := room(segment)
		if used+need > width && len(part) > len(names) {
			parts = append(parts, g.columns(part))
			part, used = names, start
		}
		part, used = slices.Concat(part, segment), used+need
	}
	return append(parts, g.columns(part))
}

// names are the columns that name the rows.
func (g Grid) names() []int {
	names := []int{0}
	for column := 1; column < len(g.Columns) && g.Columns[column].Keep; column++ {
		names = append(names, column)
	}
	return names
}

// segments are the runs of the other columns that stay together.
func (g Grid) segments() [][]int {
	var out [][]int
	for column := len(g.names()); column < len(g.Columns); column++ {
		if len(out) == 0 || g.Columns[column].Cut {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], column)
	}
	return out
}

// widths are the columns' widths on a terminal, without gaps.
func (g Grid) widths() []int {
	widths := make([]int, len(g.Columns))
	for column, c := range g.Columns {
		for line := range strings.SplitSeq(c.Head, "\n") {
			widths[column] = max(widths[column], twwidth.Width(line))
		}
		for _, row := range g.Rows {
			widths[column] = max(widths[column], twwidth.Width(row[column]))
		}
	}
	return widths
}

// columns is the part of g that consists of the columns named.
func (g Grid) columns(indices []int) Grid {
	part := Grid{Rows: make([][]string, len(g.Rows))}
	for _, column := range indices {
		part.Columns = append(part.Columns, g.Columns[column])
		for i, row := range g.Rows {
			part.Rows[i] = append(part.Rows[i], row[column])
		}
	}
	return part
}
