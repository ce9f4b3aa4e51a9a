package curves

import (
	_ "embed"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/capacity"
	"github.com/fcbench/fcbench/internal/markup"
	"github.com/fcbench/fcbench/results"
)

//go:embed page.css
var pageStyle string

// page is a curve as it is being written.
type page struct {
	drawing
	c *Curve
}

// HTML writes the curve as one page that needs nothing but itself: no network, no script,
// no font.
func HTML(w io.Writer, c *Curve, _ Options) error {
	p := page{c: c}
	p.Document()
	p.In("html", func() {
		p.In("head", p.head)
		p.In("body", func() {
			p.In("header", p.header)
			p.In("main", p.main)
			p.Leaf("footer", "Written by fcbench capacity. Every trial has a seed of its own; the interval and the band are of how much trials differ, and not of single requests.")
		})
	}, "lang", "en")
	_, err := io.WriteString(w, p.String()+"\n")
	return err
}

func (p *page) head() {
	p.Void("meta", "charset", "utf-8")
	p.Void("meta", "name", "viewport", "content", "width=device-width, initial-scale=1")
	p.Void("meta", "name", "color-scheme", "content", "light dark")
	p.Void("meta", "http-equiv", "Content-Security-Policy", "content", markup.PagePolicy)
	p.Leaf("title", p.c.headline())
	p.Style(drawingStyle + markup.PageStyle + pageStyle)
}

func (p *page) header() {
	p.Leaf("p", strings.TrimSpace("fcbench capacity "+p.c.Name), "class", "name")
	verdict, look := string(p.c.Answer.Verdict), "doubt"
	switch p.c.Answer.Verdict {
	case "":
		verdict = "NOT OVER"
	case capacity.Capacity, capacity.AtLeast:
		look = "good"
	case capacity.NoCapacity, capacity.UnstableTarget:
		look = "bad"
	case capacity.Inconclusive, capacity.GeneratorLimited:
	}
	p.In("h1", func() { p.Leaf("span", verdict, "class", "outcome "+look) })
	for _, why := range p.c.Answer.Reasons {
		p.Leaf("p", why, "class", "lead")
	}
	p.In("dl", p.facts)
}

func (p *page) facts() {
	fact := func(name, text string) {
		p.In("div", func() {
			p.Leaf("dt", name)
			p.Leaf("dd", text)
		})
	}
	a := &p.c.Answer
	switch {
	case p.c.Knee != nil:
		fact("knee", p.c.interval())
		fact("binding goal", p.c.Knee.Goal)
	case a.Value > 0:
		fact("at least", p.c.load(a.Value))
	}
	for _, g := range p.c.Goals {
		fact("goal", g.Name)
	}
	if a.Passed > 0 {
		bracket := "passed at " + p.c.load(a.Passed)
		if a.Failed > 0 {
			bracket += ", failed at " + p.c.load(a.Failed)
		}
		fact("bracket of the ramp", bracket)
	}
	if a.Recovery > 0 {
		fact("recovery", fmt.Sprintf("within %v after 1.2 times the capacity", a.Recovery.Round(100*time.Millisecond)))
	}
	fact("trials", fmt.Sprintf("%d in %v", len(p.c.Trials), a.Took.Round(time.Second)))
}

func (p *page) main() {
	panels := p.c.panels()
	p.gutter = gutterOf(panels)
	p.Leaf("p", p.c.key())
	p.In("div", func() {
		for _, one := range panels {
			p.figure(one)
		}
	}, "class", "figures")
	if len(p.c.Trials) > 0 {
		p.In("details", func() {
			p.Leaf("summary", "every trial in numbers")
			p.In("div", p.table, "class", "wide")
		})
	}
}

func (p *page) figure(one panel) {
	p.In("figure", func() {
		p.In("svg", func() { p.panel(one) }, "viewBox", "0 0 "+markup.Num(drawingWidth)+" "+markup.Num(one.height()), "role", "img", "aria-label", one.heading()+". "+one.about)
		p.Leaf("figcaption", one.about+".")
	})
}

// table is that of all trials.
func (p *page) table() {
	columns := []string{"trial", "phase", p.c.across().title, "length", "outcome"}
	for _, g := range p.c.Goals {
		columns = append(columns, g.Name)
	}
	columns = append(columns, "goodput", "p50", "p99")
	p.In("table", func() {
		p.In("thead", func() {
			p.In("tr", func() {
				for _, name := range columns {
					p.Leaf("th", name, "scope", "col")
				}
			})
		})
		p.In("tbody", func() {
			for i := range p.c.Trials {
				p.In("tr", func() { p.row(&p.c.Trials[i]) })
			}
		})
	})
}

func (p *page) row(t *Point) {
	p.Leaf("th", fmt.Sprint(t.Trial), "scope", "row", "class", "number")
	p.Leaf("td", string(t.Phase))
	p.Leaf("td", p.c.load(t.Value), "class", "number")
	p.Leaf("td", time.Duration(t.LengthNS).String(), "class", "number")
	p.Leaf("td", t.outcome())
	for i, r := range t.Goals {
		p.Leaf("td", r.words(p.c.Goals[i]), "class", "number")
	}
	for _, q := range []struct {
		v    *float64
		unit string
	}{{t.Goodput, results.UnitRate}, {t.P50, results.UnitNS}, {t.P99, results.UnitNS}} {
		p.Leaf("td", quantity(q.v, q.unit), "class", "number")
	}
}

// outcome is what became of a trial, in words.
func (p *Point) outcome() string {
	text := [...]string{spoiled: "does not count: " + p.Spoiled, kept: "kept", missed: "missed"}[p.kind()]
	if p.Backlog {
		text += ", more arrived than was served"
	}
	return text
}

// words is how a goal fared: its metric, and the share of bad ones.
func (r Reading) words(g Goal) string {
	var all []string
	if r.Value != nil {
		all = append(all, quantity(r.Value, g.Unit))
	}
	switch {
	case r.Share != nil:
		all = append(all, fmt.Sprintf("%.3g %% bad", 100**r.Share))
	case g.Budget == nil:
		all = append(all, [...]string{"kept", "missed"}[min(r.Bad, 1)])
	default:
		all = append(all, "–")
	}
	return strings.Join(all, ", ")
}
