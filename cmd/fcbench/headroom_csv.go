package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/fcbench/fcbench/internal/headroom"
)

// headroomColumns are those of the CSV: a quantity with its unit, and the interval of it. What
// a line does not have is empty.
var headroomColumns = [...]string{"line", "instances", "value", "low", "high", "unit", "text"}

// writeHeadroomCSV writes a line for each quantity, and for each number of instances: all that
// JSON has.
func writeHeadroomCSV(w io.Writer, f headroomFound) error {
	out := csv.NewWriter(w)
	_ = out.Write(headroomColumns[:])
	for _, l := range f.lines() {
		instances := ""
		if l.instances > 0 {
			instances = strconv.Itoa(l.instances)
		}
		_ = out.Write([]string{l.name, instances, ended(l.value, fraction), ended(l.low, fraction), ended(l.high, fraction), l.unit, l.text})
	}
	out.Flush()
	return out.Error()
}

// headroomLine is one of the CSV; what is no number is not there.
type headroomLine struct {
	name             string
	instances        int
	value, low, high float64
	unit, text       string
}

type headroomLines []headroomLine

func (l *headroomLines) value(name string, v float64, unit, text string) {
	*l = append(*l, headroomLine{name, 0, v, math.NaN(), math.NaN(), unit, text})
}

func (l *headroomLines) between(name string, instances int, i headroom.Interval, unit, text string) {
	*l = append(*l, headroomLine{name, instances, math.NaN(), i.Low, i.High, unit, text})
}

func (l *headroomLines) band(name string, instances int, b scaleBand, unit string) {
	l.between(name, instances, b.Interval, unit, "")
	if b.Value != nil {
		(*l)[len(*l)-1].value = *b.Value
	}
}

func (l *headroomLines) say(name string, texts ...string) {
	for _, text := range texts {
		l.value(name, math.NaN(), "", text)
	}
}

func (f headroomFound) lines() (all headroomLines) {
	if f.Traffic != nil {
		f.Traffic.lines(&all)
	}
	if f.Capacity != nil {
		f.Capacity.lines(&all)
	}
	if f.Ratio != nil {
		all.between("headroom", 0, *f.Ratio, "", "")
	}
	if f.Growth > 0 {
		all.value("growth", f.Growth, "share/week", "")
	}
	if f.Weeks != nil {
		all.between("weeks", 0, *f.Weeks, "week", "")
	}
	all.value("utilisation", f.Use, "share", "")
	if n := f.Needed; n != nil {
		needed := headroom.Interval{Low: float64(n.Low), High: float64(n.High)}
		if n.Low == 0 {
			needed.Low = math.NaN()
		}
		all.between("instances", 0, needed, "", "")
	}
	if f.NotTold != "" {
		all.say("instances", f.NotTold)
	}
	if c := f.Cost; c != nil {
		all.value("per_instance_hour", c.PerHour, c.Currency, "")
		all.between("per_million", c.Instances, c.PerMillion, c.Currency, "")
	}
	if f.Scale != nil {
		f.Scale.lines(&all)
	}
	return all
}

func (t observedTraffic) lines(l *headroomLines) {
	l.say("traffic", t.Source)
	l.value("peak", t.Peak, "/s", t.PeakAt)
	l.value("p99", t.P99, "/s", "")
	l.value("mean", t.Mean, "/s", "")
	l.value("width", t.Width, "s", "")
	l.value("intervals", float64(t.Intervals), "", "")
	l.value("missing", float64(t.Missing), "", "")
	l.say("warning", t.Warnings...)
	l.say("note", t.Infos...)
}

func (c headroomCapacity) lines(l *headroomLines) {
	l.between("capacity", c.Instances, c.PerSecond, "/s", c.Source)
	if c.Confidence > 0 {
		l.value("confidence", c.Confidence, "share", "")
	}
	if c.Strategy != "" {
		l.say("strategy", string(c.Strategy))
	}
}

func (s headroomScale) lines(l *headroomLines) {
	if law := s.Law; law != nil {
		l.band("lambda", 0, law.One, "/s")
		l.band("sigma", 0, law.Contention, "")
		l.band("kappa", 0, law.Coherence, "")
		l.band("peak_instances", 0, law.Peak, "")
		l.value("misfit", law.Misfit, "", fmt.Sprintf("%d draws, seed %d", law.Draws, law.Seed))
	} else {
		l.say("no_law", s.Why)
	}
	l.value("scale_confidence", s.Confidence, "share", fmt.Sprintf("%d measurements, of %d instances at most", s.Counts, s.Largest))
	l.value("told_to", float64(s.Told), "", "")
	for _, p := range s.Points {
		if p.Capacity > 0 {
			measured := scaleBand{&p.Capacity, headroom.Interval{Low: math.NaN(), High: math.NaN()}}
			if p.High > 0 {
				measured.Interval = headroom.Interval{Low: p.Low, High: p.High}
			}
			l.band("measured", p.Instances, measured, "/s")
		}
		if p.Law != nil {
			l.band("law", p.Instances, *p.Law, "/s")
		}
	}
}
