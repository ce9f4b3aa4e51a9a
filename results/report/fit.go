package report

import (
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

// layout is how a grid is shown in some width.
type layout struct {
	parts   []Grid
	stacked bool     // not even a part that cannot be cut has room
	alike   []string // columns left out that have one value, such as "rate error 0%"
	left    []string // the heads of others left out
}

// fit lays g out. Where it is too wide, columns are left out, as far as their
// ranks allow: first those that can be told in a word, because all rows say the
// same. What is still too wide is cut into as few parts as keep to the width.
func (g Grid) fit(width int) layout {
	var l layout
	shown := make([]int, len(g.Columns))
	for i := range shown {
		shown[i] = i
	}
	narrow := g
	for narrow.total() > width {
		i := narrow.dispensable()
		if i < 0 {
			break
		}
		shown = slices.Delete(shown, i, i+1)
		narrow = g.columns(shown)
	}
	for i, c := range g.Columns {
		switch {
		case slices.Contains(shown, i):
		case g.alike(i):
			l.alike = append(l.alike, c.title()+" "+g.value(i))
		default:
			l.left = append(l.left, c.title())
		}
	}
	l.parts = narrow.cut(width)
	l.stacked = slices.ContainsFunc(l.parts, func(part Grid) bool { return part.total() > width })
	return l
}

// dispensable is the column to leave out first, -1 if none may be.
func (g Grid) dispensable() int {
	first := -1
	for i, c := range g.Columns {
		if c.Rank == 0 || c.Rank == 1 && !g.alike(i) || c.Keep || i == 0 {
			continue
		}
		if first < 0 || g.sooner(i, first) {
			first = i
		}
	}
	return first
}

// sooner reports whether column i goes before column j, which stands before it.
func (g Grid) sooner(i, j int) bool {
	if a, b := g.alike(i), g.alike(j); a != b {
		return a
	}
	return g.Columns[i].Rank >= g.Columns[j].Rank
}

// alike reports whether all rows that have something in column i have the same,
// and there are several, or one row alone.
func (g Grid) alike(i int) bool {
	value, having := "", 0
	for _, row := range g.Rows {
		switch {
		case row[i] == "":
		case having > 0 && row[i] != value:
			return false
		default:
			value = row[i]
			having++
		}
	}
	return having > 1 || having == len(g.Rows)
}

// value is what all rows have in column i.
func (g Grid) value(i int) string {
	for _, row := range g.Rows {
		if row[i] != "" {
			return row[i]
		}
	}
	return ""
}

// title is the column's head in one line.
func (c Column) title() string { return strings.ReplaceAll(c.Head, "\n", " ") }

// total is what g takes on a terminal.
func (g Grid) total() int {
	all := make([]int, len(g.Columns))
	for i := range all {
		all[i] = i
	}
	return g.room(all, g.widths()) - len(g.Columns[0].gap()) // nothing stands before the first
}

// room is what some columns take, each with its gap.
func (g Grid) room(columns, widths []int) (sum int) {
	for _, column := range columns {
		sum += len(g.Columns[column].gap()) + widths[column]
	}
	return sum
}

// cut cuts g, where it may be cut, into as few parts as keep to the width.
// A part that cannot be cut further may be wider.
func (g Grid) cut(width int) []Grid {
	names, widths := g.names(), g.widths()
	start := g.room(names, widths) - len(g.Columns[0].gap())
	var parts []Grid
	part, used := names, start
	for _, segment := range g.segments() {
		need := g.room(segment, widths)
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
