package report

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/fcbench/fcbench/results"
)

// mostClasses is how many classes, or requests, a table shows.
const mostClasses = 10

// apart is what of its runs stands in a result file once more, apart by a name.
type apart struct {
	head, caption string
	names         []string
	of            func(results.Run) map[string]results.ClassInfo
}

// streams are the classes of the workload.
func (c comparison) streams() apart {
	return apart{
		"class", "By class: the streams of the workload, apart.", c.classNames(),
		func(r results.Run) map[string]results.ClassInfo { return r.Classes },
	}
}

// requests are those of mixes.
func (c comparison) requests() apart {
	return apart{
		"request", "By request of the mix, once it has an outcome.", c.requestNames(),
		func(r results.Run) map[string]results.ClassInfo { return r.Requests },
	}
}

// part is a table of what is apart: name by name in the order of the scenario, each
// trial under it. A row is a trial whose runs have that part alone.
func (c comparison) part(a apart) part {
	var rows []trial
	for _, name := range a.names[:min(len(a.names), mostClasses)] {
		for _, t := range c.trials {
			if row := t.within(a, name); len(row.repeats) > 0 {
				rows = append(rows, row)
			}
		}
	}
	if more := len(a.names) - mostClasses; more > 0 {
		a.caption += fmt.Sprintf(" %d more are in the result file.", more)
	}
	return part{a.caption, classColumns(a.head, rows), rows}
}

// requestNames are in the order of the first mix that has them.
func (c comparison) requestNames() (names []string) {
	for _, r := range c.runs {
		var subject struct{ Requests []struct{ Name string } }
		_ = json.Unmarshal(r.Subject, &subject)
		for _, request := range subject.Requests {
			if _, ok := r.Requests[request.Name]; ok && !slices.Contains(names, request.Name) {
				names = append(names, request.Name)
			}
		}
	}
	for _, name := range partNames(c.runs, true) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// classNames are in the order of the workload, and of the alphabet where that
// does not tell.
func (c comparison) classNames() (names []string) {
	var workload struct{ Streams []struct{ Name string } }
	_ = json.Unmarshal(c.runs[0].Workload, &workload)
	known := partNames(c.runs, false)
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

func (t trial) within(a apart, name string) trial {
	row := trial{name: t.name, part: name}
	for _, r := range t.repeats {
		class, ok := a.of(r.Run)[name]
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

// classColumns compare how the parts were treated. What a call in process
// takes is not told by part.
func classColumns(head string, rows []trial) []column {
	columns := []column{{Column: Column{Head: head, Text: true, Keep: true}, text: func(t trial) string { return Plain(t.part) }}}
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
