package main

import (
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/fcbench/fcbench/internal/capacity"
	"github.com/fcbench/fcbench/internal/formats"
	"github.com/fcbench/fcbench/results/report"
)

func headroomFormats() formats.List[headroomFound] {
	return formats.List[headroomFound]{
		{Name: "table", Ending: ".txt", Write: formats.Plain(func(w io.Writer, f headroomFound) error {
			f.print(w)
			return nil // what it is written to remembers
		})},
		{Name: "markdown", Ending: ".md", Write: formats.Plain(writeHeadroomMarkdown)},
		{Name: "csv", Ending: ".csv", Write: formats.Plain(writeHeadroomCSV)},
		{Name: "json", Ending: ".json", Write: formats.Plain(formats.JSON[headroomFound])},
	}
}

// writeHeadroomMarkdown writes for GitHub and its like.
func writeHeadroomMarkdown(w io.Writer, f headroomFound) error {
	rows := f.rows()
	if len(rows) > 0 {
		g := report.Grid{Columns: []report.Column{{Text: true}, {Head: "by the lower end"}, {Head: "by the upper end"}, {Text: true}}, Rows: rows}
		if err := g.WriteMarkdown(w); err != nil {
			return err
		}
	}
	if f.NotTold != "" {
		writeList(w, []string{f.NotTold}, "instances: ")
	}
	if f.Traffic != nil {
		writeList(w, f.Traffic.Warnings, "warning: ")
		writeList(w, f.Traffic.Infos, "note: ")
	}
	if f.Scale == nil {
		return nil
	}
	if len(rows) > 0 {
		fmt.Fprintln(w)
	}
	return f.Scale.markdown(w)
}

// rows are what was found, by both ends of the capacity.
func (f headroomFound) rows() (all [][]string) {
	if f.Traffic != nil {
		all = f.Traffic.rows()
	}
	row := func(cells ...string) { all = append(all, cells) }
	if f.Capacity != nil {
		row(f.Capacity.row()...)
	}
	if r := f.Ratio; r != nil {
		row("headroom", times(r.Low), ended(r.High, times), "capacity / peak")
	}
	if w := f.Weeks; w != nil {
		row("exhausted", weeksWords(w.Low), ended(w.High, weeksWords), fmt.Sprintf("at %.3g %% a week", 100*f.Growth))
	}
	if n := f.Needed; n != nil {
		upper := ""
		if n.Low > 0 {
			upper = strconv.Itoa(n.Low)
		}
		row("instances needed", strconv.Itoa(n.High), upper, fmt.Sprintf("each used up to %.4g %%", 100*f.Use))
	}
	if c := f.Cost; c != nil {
		price := func(v float64) string { return fmt.Sprintf("%.4g %s", v, report.Plain(c.Currency)) }
		row("cost of a million requests", price(c.PerMillion.High), ended(c.PerMillion.Low, price),
			fmt.Sprintf("on %d instance%s at %.6g %s an hour, used up to %.4g %%", c.Instances, plural(c.Instances), c.PerHour, report.Plain(c.Currency), 100*f.Use))
	}
	return all
}

func (t observedTraffic) rows() [][]string {
	about := fmt.Sprintf("at %s, the highest of %d intervals of %s", report.Plain(t.PeakAt), t.Intervals, widthWords(t.Width))
	if t.Missing > 0 {
		about += fmt.Sprintf("; %d more are missing", t.Missing)
	}
	return [][]string{{"peak", perSecond(t.Peak), "", about}, {"mean", perSecond(t.Mean), "", fmt.Sprintf("99 %% of them at most %s", perSecond(t.P99))}}
}

func (c headroomCapacity) row() []string {
	about := fmt.Sprintf("of %d instance%s, by %s", c.Instances, plural(c.Instances), report.Plain(c.Source))
	switch {
	case c.Strategy == capacity.MLRsearch:
		about += ", classified"
	case c.Confidence > 0:
		about += fmt.Sprintf(", %.4g %% interval of one", 100*c.Confidence)
	}
	return []string{"capacity", perSecond(c.PerSecond.Low), ended(c.PerSecond.High, perSecond), about}
}

func times(v float64) string { return fmt.Sprintf("%.3g", v) }

// ended is an end of what was found; nothing where it is not known.
func ended(v float64, words func(float64) string) string {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return ""
	}
	return words(v)
}

func (s headroomScale) markdown(w io.Writer) error {
	g := report.Grid{}
	for _, head := range scaleColumns {
		g.Columns = append(g.Columns, report.Column{Head: head})
	}
	for _, p := range s.Points {
		g.Rows = append(g.Rows, p.cells())
	}
	if err := g.WriteMarkdown(w); err != nil {
		return err
	}
	if s.Law == nil {
		writeList(w, []string{s.Why}, "no law: ")
		return nil
	}
	writeList(w, append(s.lawWords(), s.endWords()), "")
	return nil
}
