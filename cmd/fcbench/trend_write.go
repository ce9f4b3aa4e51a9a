package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/fcbench/fcbench/results/report"
	"github.com/fcbench/fcbench/results/trend"
)

// writeTrends writes a paragraph for each series, what happened in the order of time.
func writeTrends(w io.Writer, list []foundSeries) error {
	for i, s := range list {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s\n", report.Plain(s.heading()))
		for k := range s.Points {
			for _, line := range s.at(k) {
				fmt.Fprintf(w, "  %s  %s\n", s.Points[k].At.UTC().Format(time.DateTime), report.Plain(line))
			}
		}
		if len(s.Changes) == 0 {
			fmt.Fprintf(w, "  %s\n", s.nothing())
		}
	}
	return nil
}

func (s foundSeries) heading() string {
	text := fmt.Sprintf("%s, %s: %s, %d points", s.Scenario, s.Trial, s.Metric.Path, len(s.Points))
	if s.Dropped > 0 {
		text += fmt.Sprintf(", without %d invalid or partial runs", s.Dropped)
	}
	return text
}

// at says what happened at a point.
func (s foundSeries) at(k int) (lines []string) {
	p := s.Points[k]
	value := func(v float64) string { return report.Quantity(v, s.Metric.Unit) }
	if slices.Contains(s.Cuts, k) {
		lines = append(lines, "conditions  "+trend.Differ(s.Points[k-1].Point, p.Point)+": what is before and after is not compared")
	}
	for _, c := range s.Changes {
		if c.At == k {
			relative := ""
			if c.Before != 0 {
				relative = fmt.Sprintf(" (%+.1f%%)", 100*(c.After-c.Before)/max(c.Before, -c.Before))
			}
			lines = append(lines, fmt.Sprintf("change      %s to %s%s, p=%.3f: between %s and %s", value(c.Before), value(c.After), relative, c.P, s.Points[k-1].File, p.File))
		}
	}
	if slices.Contains(s.Erratic, k) {
		lines = append(lines, fmt.Sprintf("erratic     %s, which went away again: %s", value(p.Value), p.File))
	}
	if s.Last && k == len(s.Points)-1 {
		lines = append(lines, fmt.Sprintf("unknown     %s is far off; the next points will tell: %s", value(p.Value), p.File))
	}
	return lines
}

func (s foundSeries) nothing() string {
	longest, from := 0, 0
	for _, cut := range append(slices.Clone(s.Cuts), len(s.Points)) {
		longest, from = max(longest, cut-from), cut
	}
	if longest < trend.Fewest {
		return fmt.Sprintf("no change can be found in %d points under the same conditions; want at least %d", longest, trend.Fewest)
	}
	return "no change"
}

type trendDocument struct {
	Scenario string        `json:"scenario"`
	Trial    string        `json:"trial"`
	Metric   string        `json:"metric"`
	Unit     string        `json:"unit"`
	Better   string        `json:"better"`
	Points   []trendPoint  `json:"points"`
	Changes  []trendChange `json:"changes"`
	Erratic  []int         `json:"erratic"`
	Cuts     []trendCut    `json:"cuts"`
	Unknown  bool          `json:"last_unknown"`
	Dropped  int           `json:"dropped"`
}

type trendPoint struct {
	StartedAt time.Time `json:"started_at"`
	File      string    `json:"file"`
	Value     float64   `json:"value"`
	Repeats   int       `json:"repeats"`
}

// Places are indices into the points.
type trendChange struct {
	At     int     `json:"at"`
	From   int     `json:"from"`
	To     int     `json:"to"`
	Before float64 `json:"before"`
	After  float64 `json:"after"`
	P      float64 `json:"p"`
}

type trendCut struct {
	At   int    `json:"at"`
	What string `json:"what"`
}

func writeTrendsJSON(w io.Writer, list []foundSeries) error {
	all := []trendDocument{}
	for _, s := range list {
		d := trendDocument{
			s.Scenario, s.Trial, s.Metric.Path, s.Metric.Unit, s.Metric.Better.String(),
			[]trendPoint{},
			[]trendChange{},
			append([]int{}, s.Erratic...),
			[]trendCut{},
			s.Last, s.Dropped,
		}
		for _, p := range s.Points {
			d.Points = append(d.Points, trendPoint{p.At, p.File, p.Value, p.Repeats})
		}
		for _, c := range s.Changes {
			d.Changes = append(d.Changes, trendChange(c))
		}
		for _, k := range s.Cuts {
			d.Cuts = append(d.Cuts, trendCut{k, trend.Differ(s.Points[k-1].Point, s.Points[k].Point)})
		}
		all = append(all, d)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(map[string][]trendDocument{"series": all})
}
