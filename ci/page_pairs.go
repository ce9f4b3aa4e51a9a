package ci

import (
	"fmt"

	"github.com/fcbench/fcbench/internal/markup"
)

// pairs draws the change of every pair, below each other in the order in which they were
// made, and below them the estimate with its interval, over the band of the margin.
func (p *page) pairs(f *Finding) {
	const top, line = 8.0, 9.0
	changes, band := f.changes(), f.band()
	rows := float64(len(changes))
	estimate := top + line*(rows+1.5)
	bottom := estimate + 12
	a := newAxis(f.reach(band), gutter, drawingWidth-edge, 4)
	title := fmt.Sprintf("Change of %s from a to b in each of %d pairs of runs; estimate %s, interval %s, margin %s", f.Metric, len(changes), f.Text(f.Change), f.Interval(), f.limit())
	caption := "Change in each pair: round where a ran first, square where b did. The diamond is the estimate, with its interval"
	if band > 0 {
		caption += "; within the band a change does not matter"
	}
	p.drawing(bottom+20, title, caption+".", func() {
		if band > 0 {
			p.Void("rect", "class", "band", "x", markup.Num(a.At(-band)), "y", "0", "width", markup.Num(a.At(band)-a.At(-band)), "height", markup.Num(bottom))
		}
		p.across(a, 0, bottom, func(v float64) string { return a.change(f, v) })
		p.path("zero", to("M", a.At(0), 0), to("L", a.At(0), bottom))
		var first, second []string
		for i, v := range changes {
			one := dot(a.At(v), top+line*float64(i+1)-line/2)
			if f.Samples[i].Order == "BA" {
				second = append(second, one)
			} else {
				first = append(first, one)
			}
		}
		p.path("dots", first...)
		p.path("dots square", second...)
		p.words(gutter-6, top+line, "end", "pair 1")
		p.words(gutter-6, top+line*rows, "end", fmt.Sprintf("pair %d", f.Samples[len(changes)-1].Pair))
		p.words(gutter-6, estimate+4, "end", "estimate")
		p.interval(f, a, estimate)
	})
}

// interval draws an estimate and how far the truth may be from it. An end that is not
// known is at that of the drawing, and has no bar.
func (p *page) interval(f *Finding, a axis, y float64) {
	low, high := a.Low, a.High
	var bars []string
	if f.Low != nil {
		low = a.At(*f.Low)
		bars = append(bars, to("M", low, y-5), to("L", low, y+5))
	}
	if f.High != nil {
		high = a.At(*f.High)
		bars = append(bars, to("M", high, y-5), to("L", high, y+5))
	}
	p.path("bar", append(bars, to("M", low, y), to("L", high, y))...)
	x := a.At(f.Change)
	p.path("diamond", to("M", x-6, y), to("L", x, y-6), to("L", x+6, y), to("L", x, y+6), "z")
}
