package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/fcbench/fcbench/results"
)

// Cross writes one metric of a sweep as a grid, in Markdown or in CSV: across the
// values of its last path, down its subjects and the values of the others. Without a
// sweep that is one column. Cells are medians of the repeats, in CSV bare numbers.
func Cross(w io.Writer, runs []results.Run, o Options) error {
	comparisons, err := comparisons(runs)
	if err != nil {
		return err
	}
	var text strings.Builder
	for i, c := range comparisons {
		m, err := results.MetricOf(c.crossed(o.Metric))
		if err != nil {
			return err
		}
		if i > 0 {
			text.WriteString("\n")
		}
		write := c.writeCross
		if o.CSV {
			write = c.writeCrossCSV
		}
		if err := write(&text, m); err != nil {
			return err
		}
	}
	_, err = io.WriteString(w, text.String())
	return err
}

// crossed is the metric of that name; of none that of the first threshold, or else
// the response time, or where nothing was timed the throughput.
func (c comparison) crossed(path string) string {
	if path != "" {
		return path
	}
	for _, text := range c.runs[0].Protocol.Thresholds {
		if t, err := results.ParseThreshold(text); err == nil {
			return t.Metric.Path
		}
	}
	if slices.ContainsFunc(c.trials, func(t trial) bool { _, timed := t.over(metric("response.ok.p99")); return timed }) {
		return "response.ok.p99"
	}
	return "throughput"
}

// crossing is the trials of a sweep as a grid has them. A trial that was not made
// has no name.
type crossing struct {
	path   string   // the last one; "" without a sweep
	across []string // its values
	rows   [][]trial
}

func (c comparison) cross() (x crossing) {
	if all := paths(c.runs[0]); len(all) > 0 {
		x.path = all[len(all)-1]
	}
	for _, t := range c.trials {
		if value := t.repeats[0].Param(x.path); !slices.Contains(x.across, value) {
			x.across = append(x.across, value)
		}
	}
	var subjects, heads []string
	for _, t := range c.trials {
		if !slices.Contains(subjects, t.subject()) {
			subjects = append(subjects, t.subject())
		}
	}
	for _, subject := range subjects {
		for _, t := range c.trials {
			if t.subject() == subject {
				heads = x.put(t, heads)
			}
		}
	}
	return x
}

// put adds a trial to its row, by the heads of the rows so far.
func (x *crossing) put(t trial, heads []string) []string {
	head := t.subject()
	for _, p := range results.Settings(t.repeats[0].Params) {
		if p.Name != x.path {
			head += "\n" + p.Text()
		}
	}
	row := slices.Index(heads, head)
	if row < 0 {
		row, heads = len(heads), append(heads, head)
		x.rows = append(x.rows, make([]trial, len(x.across)))
	}
	x.rows[row][slices.Index(x.across, t.repeats[0].Param(x.path))] = t
	return heads
}

// grid lays it out: the names of the rows, then what cell says of each trial.
func (x crossing) grid(m results.Metric, cell func(trial) string) (g Grid) {
	for _, row := range x.rows {
		made := row[slices.IndexFunc(row, func(t trial) bool { return t.name != "" })]
		names := nameColumns([]trial{made})
		if x.path != "" {
			names = names[:len(names)-1]
		}
		g.Columns = nil
		var cells []string
		for _, c := range names {
			g.Columns, cells = append(g.Columns, c.Column), append(cells, c.text(made))
		}
		for i, t := range row {
			head := m.Path
			if x.path != "" {
				head = Plain(x.path + "=" + x.across[i])
			}
			text := ""
			if t.name != "" {
				text = cell(t)
			}
			g.Columns, cells = append(g.Columns, Column{Head: head}), append(cells, text)
		}
		g.Rows = append(g.Rows, cells)
	}
	return g
}

func (c comparison) writeCross(w *strings.Builder, m results.Metric) error {
	doubts := c.doubts()
	shown := column{read: metric(m.Path), write: func(v float64) string { return Quantity(v, m.Unit) }}
	g := c.cross().grid(m, func(t trial) string {
		text := shown.cell(t, Options{})
		if text != "" && t.verdict() != results.Valid {
			text += " " + doubts.mark(t, Options{})
		}
		return text
	})
	about := m.Path + ": " + m.Doc
	if m.Better != results.Neither {
		about += fmt.Sprintf("; %s is better", m.Better)
	}
	page := markdownPage{}
	page.heading(w, c.title(Options{}), []string{about + "."})
	page.caption(w, "Cells are medians of the repeats.")
	if err := page.grid(w, g); err != nil {
		return err
	}
	page.notes(w, "validity", doubts.lines())
	return nil
}

func (c comparison) writeCrossCSV(w *strings.Builder, m results.Metric) error {
	g := c.cross().grid(m, func(t trial) string {
		s, ok := t.over(metric(m.Path))
		if !ok {
			return ""
		}
		return strconv.FormatFloat(s.Median, 'f', -1, 64)
	})
	out := csv.NewWriter(w)
	head := []string{"scenario", "metric"}
	for _, column := range g.Columns {
		head = append(head, strings.ReplaceAll(column.Head, "\n", "."))
	}
	lines := [][]string{head}
	for _, row := range g.Rows {
		lines = append(lines, append([]string{c.runs[0].Scenario, m.Path + " (" + m.Unit + ")"}, row...))
	}
	return out.WriteAll(lines)
}
