package report

import (
	"fmt"
	"slices"

	"github.com/fcbench/fcbench/results"
)

// column is one column of a comparison: which number of a row's runs it shows,
// what of its repeats, and how it is written.
type column struct {
	Column
	read     reader
	shows    showing
	write    func(float64) string
	text     func(trial) string      // of words, in place of read and write
	weak     func(repeat) bool       // the run has too few samples to carry the number; nil for never
	hedged   func(repeat) bool       // the number may be too low; nil for never
	optional bool                    // left out when no row has anything but 0
	when     func(rows []trial) bool // left out unless; nil for always
}

// showing is what a cell shows of the repeats.
type showing uint8

const (
	median      showing = iota // and, from half a per cent up, half the range over it
	medianAlone                // where the spread stands in the column before
	extremes                   // the least and the most: an error that showed once must not vanish in a median
)

// cell is what the column says of one row.
func (c column) cell(t trial, o Options) string {
	if c.text != nil {
		return c.text(t)
	}
	s, ok := t.over(c.read)
	if !ok {
		return ""
	}
	cell := c.number(s)
	if c.hedged != nil && slices.ContainsFunc(t.repeats, c.hedged) {
		cell = "≥" + cell
	}
	if c.weak != nil && slices.ContainsFunc(t.repeats, c.weak) {
		return o.faint(cell)
	}
	return cell
}

func (c column) number(s results.Spread) string {
	if c.shows == extremes || c.shows == median && s.Median == 0 {
		return between(s, c.write)
	}
	if p := 100 * relative(s); c.shows == median && p >= 0.5 {
		return c.write(s.Median) + fmt.Sprintf(" ±%.0f%%", p)
	}
	return c.write(s.Median)
}

// gridOf lays out the columns that have something to say, a row per trial.
func gridOf(columns []column, rows []trial, o Options) Grid {
	g := Grid{Rows: make([][]string, len(rows))}
	for _, c := range columns {
		if c.when != nil && !c.when(rows) {
			continue
		}
		cells := make([]string, len(rows))
		for row, t := range rows {
			cells[row] = c.cell(t, o)
		}
		if !c.Keep && c.silent(cells) {
			continue
		}
		g.Columns = append(g.Columns, c.Column)
		for row := range g.Rows {
			g.Rows[row] = append(g.Rows[row], cells[row])
		}
	}
	return g
}

// silent reports whether the column is left out.
func (c column) silent(cells []string) bool {
	return !slices.ContainsFunc(cells, func(cell string) bool {
		return cell != "" && !(c.optional && cell == "0")
	})
}

// anyRun is a condition on the rows of a table: that one of their runs is such.
func anyRun(such func(repeat) bool) func([]trial) bool {
	return func(rows []trial) bool {
		return slices.ContainsFunc(rows, func(t trial) bool { return slices.ContainsFunc(t.repeats, such) })
	}
}
