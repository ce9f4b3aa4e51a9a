package ci

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/internal/markup"
)

// The drawings are narrow, so that what is written in them can be read on a telephone.
const (
	drawingWidth = 360.0
	gutter       = 62.0 // for the names of values
	edge         = 10.0
)

// claim is the section of one claim: what was found, and the runs that it was found in.
func (p *page) claim(i int) {
	f := &p.v.Claims[i]
	p.In("section", func() {
		p.In("h3", func() {
			p.Text(f.ID + " ")
			p.outcome(f.Verdict)
		})
		p.Leaf("p", strings.TrimPrefix(f.Said(), fmt.Sprintf("%s %s: ", f.Verdict, f.ID)))
		p.In("div", func() {
			p.pairs(f)
			p.runs(f)
		}, "class", "figures")
	}, "id", anchor(i), "class", "claim")
}

// drawing is a figure with what is to be seen in it in words.
func (p *page) drawing(height float64, title, caption string, body func()) {
	p.In("figure", func() {
		p.In("svg", body, "viewBox", "0 0 "+markup.Num(drawingWidth)+" "+markup.Num(height), "role", "img", "aria-label", title)
		p.Leaf("figcaption", caption)
	})
}

// path is a line or an outline.
func (p *page) path(class string, steps ...string) {
	p.Void("path", "class", class, "d", strings.Join(steps, ""))
}

// to is a step of a path: M moves, L draws.
func to(how string, x, y float64) string { return how + markup.Num(x) + " " + markup.Num(y) }

// dot is a step of a path whose ends are round or square, and which has no length.
func dot(x, y float64) string { return to("M", x, y) + "h0" }

func (p *page) words(x, y float64, anchor, text string) {
	p.Leaf("text", text, "x", markup.Num(x), "y", markup.Num(y), "text-anchor", anchor)
}

// across draws the marks of an axis that lies at the bottom.
func (p *page) across(a axis, top, bottom float64, text func(float64) string) {
	for _, v := range a.Marks() {
		x := a.At(v)
		p.path("grid", to("M", x, top), to("L", x, bottom))
		at := "middle"
		if x > drawingWidth-24 {
			at, x = "end", drawingWidth
		}
		p.words(x, bottom+14, at, text(v))
	}
}

// upright draws those of one that stands at the left.
func (p *page) upright(a axis, right float64, text func(float64) string) {
	for _, v := range a.Marks() {
		y := a.At(v)
		p.path("grid", to("M", gutter, y), to("L", right, y))
		p.words(gutter-6, y+4, "end", text(v))
	}
}

// band is by how much a claim may change, in the unit of its change; 0 where that is not known.
func (f *Finding) band() float64 {
	m, err := metricOfID(f.ID)
	if err != nil {
		return 0
	}
	margin, err := parseMargin(m, f.Margin)
	switch {
	case err != nil:
		return 0
	case !f.Relative:
		return max(margin.Absolute+margin.Relative*max(f.A, -f.A), f.Floor)
	case f.A > 0:
		return max(margin.Relative, f.Floor/f.A)
	}
	return margin.Relative
}

// changes are those within the pairs.
func (f *Finding) changes() (all []float64) {
	for _, s := range f.Samples {
		all = append(all, change(s.A, s.B, f.Relative))
	}
	return all
}

// reach is all that the drawing of a claim's changes has to show.
func (f *Finding) reach(band float64) []float64 {
	all := append(f.changes(), 0, band, -band, f.Change)
	for _, end := range []*float64{f.Low, f.High} {
		if end != nil {
			all = append(all, *end)
		}
	}
	return slices.DeleteFunc(all, func(v float64) bool { return bound(v) == nil })
}
