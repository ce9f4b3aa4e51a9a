package compare

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"strconv"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/paired"
)

// CSV writes one line per metric of each pair, with numbers in the metric's unit.
// A cell is empty where there is no such number. Trials that only one side has
// are not in it.
func CSV(w io.Writer, c Comparison) error {
	out := csv.NewWriter(w)
	head := []string{
		"scenario", "trial", "base", "other", "metric", "unit", "better",
		"base_n", "base_median", "base_min", "base_max", "other_n", "other_median", "other_min", "other_max",
		"difference", "relative", "change", "p", "exact", "evidence",
		"paired", "interval", "estimate", "lower", "upper",
	}
	_ = out.Write(head) // an error is kept for the end
	for _, p := range c.Pairs {
		for _, d := range p.Differences {
			_ = out.Write(append([]string{p.Scenario, p.Name, p.Base, p.Other}, d.csv()...))
		}
	}
	out.Flush()
	return out.Error()
}

func (d Difference) csv() []string {
	line := []string{d.Metric.Path, d.Metric.Unit, d.Metric.Better.String()}
	for _, side := range []results.Spread{d.Base, d.Other} {
		known := side.N > 0
		line = append(line, strconv.Itoa(side.N), cell(side.Median, known), cell(side.Min, known), cell(side.Max, known))
	}
	relative, ok := d.Relative()
	return append(line, cell(d.Delta(), d.Complete()), cell(relative, ok), d.Change.String(), cell(d.P, d.Tested),
		strconv.FormatBool(d.Exact), d.Evidence(),
		strconv.FormatBool(d.Paired), d.By.of(), cell(d.By.Estimate, d.By.Known), cell(d.By.Lower, d.By.Known), cell(d.By.Upper, d.By.Known))
}

// of is what the numbers of an interval are: shares of the base, or differences.
func (i Interval) of() string {
	switch {
	case !i.Known:
		return ""
	case i.Ratio:
		return "ratio"
	}
	return "difference"
}

func cell(v float64, known bool) string {
	if !known {
		return ""
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// JSON writes the comparison as one document. Numbers are in the metric's unit; null
// is no number, and "+Inf" what took infinitely long.
func JSON(w io.Writer, c Comparison) error {
	doc := document{Pairs: []pairDocument{}, Unpaired: append([]string{}, c.Unpaired...)}
	for _, p := range c.Pairs {
		doc.Pairs = append(doc.Pairs, p.document())
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(doc)
}

type document struct {
	Pairs    []pairDocument `json:"pairs"`
	Unpaired []string       `json:"unpaired"`
}

type pairDocument struct {
	Scenario    string               `json:"scenario"`
	Trial       string               `json:"trial"`
	Base        string               `json:"base"`
	Other       string               `json:"other"`
	Simulated   bool                 `json:"simulated"`
	Differences []differenceDocument `json:"differences"`
	Shifts      []paired.Shift       `json:"shifts"`
	Notes       []string             `json:"notes"`
}

type differenceDocument struct {
	Metric     string        `json:"metric"`
	Unit       string        `json:"unit"`
	Better     string        `json:"better"`
	Base       *sideDocument `json:"base"`
	Other      *sideDocument `json:"other"`
	Difference *number       `json:"difference"`
	Relative   *number       `json:"relative"`
	Change     string        `json:"change"`
	P          *number       `json:"p"`
	Exact      bool          `json:"exact"`
	Evidence   string        `json:"evidence"`
	Paired     bool          `json:"paired"`
	Interval   *bounds       `json:"interval"`
}

// bounds are of a share of the base where of is "ratio", and in the metric's unit where
// it is "difference".
type bounds struct {
	Of         string  `json:"of"`
	Estimate   float64 `json:"estimate"`
	Lower      float64 `json:"lower"`
	Upper      float64 `json:"upper"`
	Confidence float64 `json:"confidence"`
}

func (i Interval) bounds() *bounds {
	if !i.Known {
		return nil
	}
	return &bounds{i.of(), i.Estimate, i.Lower, i.Upper, Confidence}
}

type sideDocument struct {
	N      int    `json:"n"`
	Median number `json:"median"`
	Min    number `json:"min"`
	Max    number `json:"max"`
}

func (p Pair) document() pairDocument {
	doc := pairDocument{p.Scenario, p.Name, p.Base, p.Other, p.Simulated, []differenceDocument{}, append([]paired.Shift{}, p.Shifts...), append([]string{}, p.Notes...)}
	for _, d := range p.Differences {
		relative, ok := d.Relative()
		doc.Differences = append(doc.Differences, differenceDocument{
			d.Metric.Path, d.Metric.Unit, d.Metric.Better.String(), sideOf(d.Base), sideOf(d.Other),
			numberOf(d.Delta(), d.Complete()), numberOf(relative, ok), d.Change.String(), numberOf(d.P, d.Tested), d.Exact, d.Evidence(),
			d.Paired, d.By.bounds(),
		})
	}
	return doc
}

func sideOf(s results.Spread) *sideDocument {
	if s.N == 0 {
		return nil
	}
	return &sideDocument{s.N, number(s.Median), number(s.Min), number(s.Max)}
}

// number may be infinite, which JSON has no number for.
type number float64

func numberOf(v float64, known bool) *number {
	if !known {
		return nil
	}
	n := number(v)
	return &n
}

// MarshalJSON writes what is no number as text.
func (n number) MarshalJSON() ([]byte, error) {
	v := float64(n)
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return json.Marshal(cell(v, true))
	}
	return json.Marshal(v)
}
