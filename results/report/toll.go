package report

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/results"
)

// toll is what a pipeline took for what it kept: the worst of all its runs.
type toll struct {
	dead, sojourn, oscillation, reversals, fairness, queued, memory, left, control float64 // NaN where no run tells
	offered                                                                        uint64
	dropped                                                                        map[string]uint64 // by cause
}

func newToll() toll {
	none := math.NaN()
	return toll{none, none, none, none, none, none, none, none, none, 0, map[string]uint64{}}
}

func (t *toll) add(r *results.Run) {
	t.offered += r.Offered
	for cause, n := range r.Causes {
		if why, ok := strings.CutPrefix(cause, results.Shed.String()+": "); ok {
			t.dropped[why] += n
		}
	}
	for path, worst := range map[string]*float64{
		"pipeline.dead_share": &t.dead, "pipeline.sojourn_p99": &t.sojourn, "pipeline.most_queued": &t.queued, "pipeline.memory": &t.memory,
		"goroutines.left": &t.left, "cost.saturated.cpu_per_op": &t.control, "league.oscillation": &t.oscillation, "league.reversals_per_min": &t.reversals,
	} {
		if v, _, err := results.Value(r, path); err == nil && !(*worst >= v) {
			*worst = v
		}
	}
	if v, _, err := results.Value(r, "league.fairness"); err == nil && !(t.fairness <= v) {
		t.fairness = v
	}
}

// causes are those of drops, the most frequent first, as shares of what was offered.
func (t *toll) causes() string {
	names := slices.SortedFunc(maps.Keys(t.dropped), func(a, b string) int {
		return cmp.Or(cmp.Compare(t.dropped[b], t.dropped[a]), strings.Compare(a, b))
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%s %s", name, percent(float64(t.dropped[name])/float64(t.offered)))
	}
	return strings.Join(names, ", ")
}

func (l *league) writeTolls(w *strings.Builder, p page) error {
	p.caption(w, "What it took, in the worst of these workloads. Dropped are shares of all arrivals.")
	columns := slices.DeleteFunc(tollColumns(), func(c tollColumn) bool { return c.optional && !l.tells(c) })
	g := Grid{Columns: []Column{{Head: "pipeline", Text: true, Keep: true}}}
	for _, c := range columns {
		g.Columns = append(g.Columns, Column{Head: c.head})
	}
	g.Columns = append(g.Columns, Column{Head: "dropped", Text: true})
	for i := range l.standings {
		s := &l.standings[i]
		row := []string{Plain(s.name)}
		for _, c := range columns {
			if v := c.of(&s.toll); math.IsNaN(v) {
				row = append(row, "-")
			} else {
				row = append(row, c.write(v))
			}
		}
		g.Rows = append(g.Rows, append(row, s.toll.causes()))
	}
	return p.grid(w, g)
}

// tollColumn is one number of tolls.
type tollColumn struct {
	head     string
	of       func(*toll) float64
	write    func(float64) string
	optional bool // not there where no pipeline tells
}

func tollColumns() []tollColumn {
	return []tollColumn{
		{"dead\nwork", func(t *toll) float64 { return t.dead }, percent, false},
		{"sojourn\np99", func(t *toll) float64 { return t.sojourn }, duration, false},
		{"oscillation", func(t *toll) float64 { return t.oscillation }, percent, false},
		{"turns\nper min", func(t *toll) float64 { return t.reversals }, wholeNumber, false},
		{"fairness", func(t *toll) float64 { return t.fairness }, percent, false},
		{"most\nqueued", func(t *toll) float64 { return t.queued }, number, false},
		{"memory", func(t *toll) float64 { return t.memory }, size, false},
		{"goroutines\nleft", func(t *toll) float64 { return t.left }, number, true},
		{"control\nper item", func(t *toll) float64 { return t.control }, duration, true},
	}
}

// tells reports whether any pipeline has a number.
func (l *league) tells(c tollColumn) bool {
	return slices.ContainsFunc(l.standings, func(s standing) bool { return !math.IsNaN(c.of(&s.toll)) })
}
