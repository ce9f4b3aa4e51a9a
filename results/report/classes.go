package report

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/fcbench/fcbench/results"
)

// mostClasses is how many classes a table shows.
const mostClasses = 10

// classes are the rows of the streams, apart: class by class in the order of the
// workload, each trial under it. A row is a trial whose runs have that class alone.
func (c comparison) classes() (rows []trial, more int) {
	names := c.classNames()
	for _, name := range names[:min(len(names), mostClasses)] {
		for _, t := range c.trials {
			if row := t.ofClass(name); len(row.repeats) > 0 {
				rows = append(rows, row)
			}
		}
	}
	return rows, max(0, len(names)-mostClasses)
}

// classNames are in the order of the workload, and of the alphabet where that
// does not tell.
func (c comparison) classNames() (names []string) {
	var workload struct{ Streams []struct{ Name string } }
	_ = json.Unmarshal(c.runs[0].Workload, &workload)
	known := classNames(c.runs)
	for _, stream := range workload.Streams {
		if slices.Contains(known, stream.Name) && !slices.Contains(names, stream.Name) {
			names = append(names, stream.Name)
		}
	}
	for _, name := range known {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func (t trial) ofClass(name string) trial {
	row := trial{name: t.name, part: name}
	for _, r := range t.repeats {
		class, ok := r.Classes[name]
		if !ok {
			continue
		}
		r.Offered, r.Outcomes, r.latency = class.Offered, class.Outcomes, quantiles{}
		r.Latency.Response = nil
		if l := class.Response; l != nil {
			r.Latency.Response = map[string]*results.Latency{results.OK.String(): l}
			r.latency = quantiles{l.Count, l.P50NS, l.P99NS, l.MaxNS}
		}
		row.repeats = append(row.repeats, r)
	}
	return row
}

// classColumns compare how the classes were treated. What a call in process
// takes is not told by class.
func classColumns(rows []trial) []column {
	columns := []column{{Column: Column{Head: "class", Text: true, Keep: true}, text: func(t trial) string { return Plain(t.part) }}}
	columns = append(columns, nameColumns(rows)...)
	columns = append(columns, column{Column: Column{Head: "offered", Rank: useful}, read: metric("offered"), write: number})
	columns = append(columns, endings()...)
	columns = append(columns, column{Column: Column{Head: "ok of\noffered"}, read: metric("outcomes.ok.share"), write: percent})
	for _, c := range responseColumns() {
		read := c.read
		c.read = func(r repeat) (float64, bool) {
			v, ok := read(r)
			return v, ok && (r.Virtual() || !r.InProcess)
		}
		columns = append(columns, c)
	}
	return columns
}

func classCaption(more int) string {
	caption := "By class: the streams of the workload, apart."
	if more > 0 {
		caption += fmt.Sprintf(" %d more are in the result file.", more)
	}
	return caption
}
