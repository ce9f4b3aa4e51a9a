package ci

import (
	"fmt"

	"github.com/fcbench/fcbench/internal/markup"
	"github.com/fcbench/fcbench/internal/plot"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/paired"
	"github.com/fcbench/fcbench/results/report"
)

// shifts draws where in a distribution the sides differ.
func (p *page) shifts() {
	p.Leaf("h2", "Which part of the distribution moved")
	p.In("div", func() {
		for i := range p.v.Shifts {
			s := &p.v.Shifts[i]
			p.In("section", func() {
				p.Leaf("h3", s.Scenario+"/"+s.Subject+": "+s.Histogram)
				p.Leaf("p", s.Said)
				if len(s.Points) > 0 {
					p.shift(s)
					p.In("details", func() {
						p.Leaf("summary", "the same in numbers")
						p.quantiles(s)
					})
				}
			})
		}
	}, "class", "figures")
}

func (p *page) shift(s *Shift) {
	const top, bottom = 10.0, 180.0
	values := []float64{0, paired.LeastShift, -paired.LeastShift}
	for _, q := range s.Points {
		values = append(values, q.Change, q.Low, q.High)
	}
	right := drawingWidth - edge
	y := newAxis(values, bottom, top, 5)
	x := plot.Axis{From: -0.5, To: float64(len(s.Points)) - 0.5, Low: gutter, High: right}
	title := fmt.Sprintf("Change of each quantile of %s of %s/%s from a to b: %s", s.Histogram, s.Scenario, s.Subject, s.Said)
	caption := fmt.Sprintf("Change of each quantile from a to b, with its interval: above 0 is longer. A full dot moved, by more than chance and the %g %% of the band; a hollow one is not known to.", 100*paired.LeastShift)
	p.drawing(bottom+40, title, caption, func() {
		p.Void("rect", "class", "band", "x", markup.Num(gutter), "y", markup.Num(y.At(paired.LeastShift)), "width", markup.Num(right-gutter), "height", markup.Num(y.At(-paired.LeastShift)-y.At(paired.LeastShift)))
		p.upright(y, right, func(v float64) string { return y.change(&Finding{Relative: true}, v) })
		p.path("zero", to("M", gutter, y.At(0)), to("L", right, y.At(0)))
		for i, q := range s.Points {
			p.point(q, x.At(float64(i)), y, bottom)
		}
	})
}

// point draws one quantile. Its name stands on its side, as a dozen beside each other
// have no room.
func (p *page) point(q paired.ShiftPoint, x float64, y axis, bottom float64) {
	class := "dot hollow"
	if q.Moved {
		class = "dot"
	}
	p.path("bar", to("M", x, y.At(q.Low)), to("L", x, y.At(q.High)), to("M", x-3, y.At(q.Low)), to("L", x+3, y.At(q.Low)), to("M", x-3, y.At(q.High)), to("L", x+3, y.At(q.High)))
	p.Void("circle", "class", class, "cx", markup.Num(x), "cy", markup.Num(y.At(q.Change)), "r", "4")
	at := markup.Num(x+4) + " " + markup.Num(bottom+8)
	p.Leaf("text", q.Name, "text-anchor", "end", "transform", "translate("+at+") rotate(-90)")
}

func (p *page) quantiles(s *Shift) {
	p.In("table", func() {
		p.In("thead", func() {
			p.In("tr", func() {
				for _, name := range []string{"quantile", "a", "b", "change", "interval", "p"} {
					p.Leaf("th", name, "scope", "col")
				}
			})
		})
		p.In("tbody", func() {
			for _, q := range s.Points {
				p.In("tr", func() {
					p.Leaf("th", q.Name, "scope", "row")
					for _, text := range []string{
						report.Quantity(q.A, results.UnitNS), report.Quantity(q.B, results.UnitNS),
						fmt.Sprintf("%+.1f%%", 100*q.Change), fmt.Sprintf("[%+.1f%%, %+.1f%%]", 100*q.Low, 100*q.High), fmt.Sprintf("%.2g", q.P),
					} {
						p.Leaf("td", text, "class", "number")
					}
				})
			}
		})
	}, "class", "small")
}
