// Package curves writes what a search for a capacity saw, and what it made of it:
// latency and goodput over what is searched, every trial as a point, the fit as a band,
// and the knee with its interval. A [Curve] is pure data, made of a file of trials alone;
// [Formats] lists how it is written.
package curves

import (
	"encoding/json"
	"math"

	"github.com/fcbench/fcbench/internal/capacity"
	"github.com/fcbench/fcbench/results"
)

// Schema is that of a curve as JSON.
const Schema = "fcbench.curve/v1"

// Curve is what is drawn. What was not measured, or is not known, is absent; nothing is
// NaN or infinite.
type Curve struct {
	Schema     string          `json:"schema"`
	Name       string          `json:"name,omitempty"` // of the scenario
	Over       string          `json:"over"`           // what is searched
	Unit       string          `json:"unit"`           // of that
	Confidence float64         `json:"confidence"`     // of the intervals, and of the band
	Goals      []Goal          `json:"goals"`
	Trials     []Point         `json:"trials"`
	Fit        *Fit            `json:"fit"`
	Knee       *Knee           `json:"knee"`
	Answer     capacity.Answer `json:"answer"`
}

// Goal is what has to hold.
type Goal struct {
	Name   string   `json:"name"`
	Metric string   `json:"metric"`           // path
	Unit   string   `json:"unit"`             // of the metric and the bound
	Bound  *float64 `json:"bound"`            // nil where the name is that of no threshold
	Budget *float64 `json:"budget,omitempty"` // the share of bad ones that keeps it; nil where a trial keeps it or not, as a whole
}

// Point is one trial.
type Point struct {
	Trial    int            `json:"trial"`
	Phase    capacity.Phase `json:"phase"`
	Value    float64        `json:"value"` // of what is searched
	LengthNS int64          `json:"length_ns"`
	Counts   bool           `json:"counts"`            // nothing spoiled it
	Spoiled  string         `json:"spoiled,omitempty"` // by what it was
	Kept     bool           `json:"kept"`              // it counts and kept every goal: it is under the capacity
	Backlog  bool           `json:"backlog"`           // more arrived than was served, to the end
	Fitted   bool           `json:"fitted"`            // the fit is through it
	Goals    []Reading      `json:"goals"`             // in the order of those
	Goodput  *float64       `json:"goodput_per_s"`
	P50      *float64       `json:"p50_ns"` // of responses that were ok
	P99      *float64       `json:"p99_ns"`
}

// Reading is how one goal fared in a trial.
type Reading struct {
	Bad   uint64   `json:"bad"`
	Of    uint64   `json:"of"`
	Share *float64 `json:"share"` // of bad ones; nil where there were none at all, or the goal has no share
	Value *float64 `json:"value"` // of the goal's metric
}

// Knee is the estimate.
type Knee struct {
	Goal  string  `json:"goal"` // that binds
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	Shape string  `json:"shape"` // as that of a [capacity.Estimate]
}

// Fit is the curve that the estimate stands on, at even distances between the trials
// that it is through.
type Fit struct {
	Goal   string   `json:"goal"`
	Points []Fitted `json:"points"`
}

// Fitted is what the fit says at one value.
type Fitted struct {
	Value float64 `json:"value"`
	Share Band    `json:"share"` // of bad ones; not more than 1
	// Response is the same as the percentile that the goal is about, in nanoseconds, by
	// the exponential tail of queues; nil where that says nothing.
	Response *Band `json:"response_ns"`
}

// Band is a value and the ends of its interval.
type Band struct {
	Middle float64  `json:"middle"`
	Low    float64  `json:"low"`
	High   *float64 `json:"high"` // nil for beyond what can be said
}

// cells is the number of distances between the points of a fit.
const cells = 40

// New is the curve of a search, by the header of its trials.
func New(h capacity.Header, t capacity.Trace) *Curve {
	if e := t.Answer.Estimate; !number(e.Value) || !number(e.Low) || !number(e.High) {
		t.Answer.Estimate = capacity.Estimate{}
	}
	c := &Curve{Schema: Schema, Name: nameOf(h.Scenario), Over: h.Plan.Over, Unit: unitOf(h.Plan.Over), Confidence: h.Plan.Confidence, Goals: []Goal{}, Trials: []Point{}, Answer: t.Answer}
	for _, g := range h.Plan.Goals {
		c.Goals = append(c.Goals, goalOf(g))
	}
	for _, m := range t.Trials {
		if number(m.Value) {
			c.Trials = append(c.Trials, pointOf(h.Plan, m))
		}
	}
	if e := t.Answer.Estimate; e.Value > 0 && e.High > 0 {
		c.Knee = &Knee{Goal: e.Goal, Value: e.Value, Low: e.Low, High: e.High, Shape: e.Shape}
	}
	if t.Fit != nil {
		c.Fit = fitOf(h.Plan, t.Fit)
	}
	return c
}

// nameOf is the name of a scenario, "" for none.
func nameOf(scenario json.RawMessage) string {
	var s struct{ Name string }
	_ = json.Unmarshal(scenario, &s) // one without a name has none
	return s.Name
}

// unitOf is the unit of what is searched.
func unitOf(over string) string {
	if over == "rate" || over == "limiter.rate" {
		return results.UnitRate
	}
	return ""
}

func goalOf(g capacity.Goal) Goal {
	goal := Goal{Name: g.Name}
	if t, err := results.ParseThreshold(g.Name); err == nil {
		goal.Metric, goal.Unit, goal.Bound = t.Metric.Path, t.Metric.Unit, finite(t.Bound)
	}
	if !g.Hard() {
		goal.Budget = finite(g.Budget)
	}
	return goal
}

func pointOf(p capacity.Plan, m capacity.Made) Point {
	point := Point{
		Trial: m.Number, Phase: m.Phase, Value: m.Value, LengthNS: int64(m.Length),
		Counts: m.Counts, Spoiled: m.Limited + m.Down + m.Invalid, Kept: m.Kept, Backlog: m.Backlog, Fitted: m.Fitted,
		Goals: []Reading{}, P50: whole(m.P50), P99: whole(m.P99),
	}
	if m.Goodput != nil {
		point.Goodput = finite(*m.Goodput)
	}
	for i, count := range m.Goals {
		r := Reading{Bad: count.Bad, Of: count.Of}
		if count.Of > 0 && !p.Goals[i].Hard() {
			r.Share = finite(float64(count.Bad) / float64(count.Of))
		}
		if i < len(m.Values) && m.Values[i] != nil {
			r.Value = finite(*m.Values[i])
		}
		if r.Value == nil && p.Goals[i].Name != "" {
			r.Value = point.percentile(goalOf(p.Goals[i]).Metric)
		}
		point.Goals = append(point.Goals, r)
	}
	return point
}

// percentile is that of the metric, where it is one that files of trials always had.
func (p *Point) percentile(metric string) *float64 {
	switch metric {
	case "response.ok.p50":
		return p.P50
	case "response.ok.p99":
		return p.P99
	}
	return nil
}

func fitOf(p capacity.Plan, f *capacity.Fit) *Fit {
	fit := &Fit{Goal: p.Goals[f.Goal].Name, Points: []Fitted{}}
	for i := range cells + 1 {
		v := f.From + (f.To-f.From)*float64(i)/cells
		share, low, high := f.At(v)
		if math.IsNaN(share + low) {
			continue
		}
		one := Fitted{Value: v, Share: Band{min(share, 1), min(low, 1), finite(min(high, 1))}}
		if middle, known := f.Response(share); known {
			from, _ := f.Response(low)
			one.Response = &Band{Middle: middle, Low: from}
			if to, known := f.Response(high); known {
				one.Response.High = &to
			}
		}
		fit.Points = append(fit.Points, one)
	}
	return fit
}

// number reports whether v is one.
func number(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// finite is v, unless it is no number.
func finite(v float64) *float64 {
	if !number(v) {
		return nil
	}
	return &v
}

// whole is nanoseconds as a number.
func whole(ns *int64) *float64 {
	if ns == nil {
		return nil
	}
	return finite(float64(*ns))
}
