package curves

import (
	_ "embed"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/fcbench/fcbench/internal/markup"
	"github.com/fcbench/fcbench/internal/plot"
	"github.com/fcbench/fcbench/results/report"
)

//go:embed drawing.css
var drawingStyle string

// The sizes of a drawing, in its units. It is not wide, so that what is written in it can
// be read where it is shown small.
const (
	drawingWidth  = 520.0
	drawingEdge   = 14.0
	plotHeight    = 160.0
	lineHeight    = 16.0
	digitWidth    = 6.9 // of the widest font that is likely
	titleColumns  = 66
	textColumns   = 77
	markSize      = 3.2
	belowThePlot  = 38.0
	betweenPanels = 14.0
)

// drawing is a document of HTML or SVG with panels in it.
type drawing struct {
	markup.Writer
	gutter float64 // for the names of values, of all panels alike
}

// SVG writes the panels below each other, in one drawing that needs nothing but itself.
func SVG(w io.Writer, c *Curve, _ Options) error {
	panels := c.panels()
	d := drawing{gutter: gutterOf(panels)}
	titles, texts := broken(c.headline(), titleColumns), broken(c.key(), textColumns)
	y := drawingEdge + lineHeight*float64(len(titles)+len(texts))
	height := y + drawingEdge
	for _, p := range panels {
		height += p.height() + betweenPanels
	}
	d.In("svg", func() {
		d.Style(drawingStyle)
		d.Void("rect", "class", "paper", "width", "100%", "height", "100%")
		d.lines(drawingEdge+lineHeight-4, "title", titles)
		d.lines(drawingEdge+lineHeight*float64(len(titles)+1)-4, "key", texts)
		for _, p := range panels {
			y += betweenPanels
			d.In("g", func() { d.panel(p) }, "transform", "translate(0 "+markup.Num(y)+")")
			y += p.height()
		}
	}, "xmlns", "http://www.w3.org/2000/svg", "viewBox", "0 0 "+markup.Num(drawingWidth)+" "+markup.Num(height), "role", "img", "aria-label", c.headline())
	_, err := io.WriteString(w, d.String()+"\n")
	return err
}

// broken is text in lines of so many columns.
func broken(text string, columns int) (all []string) {
	for line := range strings.Lines(report.Wrap(text, columns)) {
		all = append(all, report.Crop(strings.TrimSpace(line), columns))
	}
	return all
}

// lines writes some below each other.
func (d *drawing) lines(y float64, class string, all []string) {
	for i, line := range all {
		d.Leaf("text", line, "class", class, "x", markup.Num(drawingEdge), "y", markup.Num(y+lineHeight*float64(i)))
	}
}

// gutterOf is how wide the names of values are.
func gutterOf(panels []panel) float64 {
	most := 0
	for _, p := range panels {
		if len(p.marks) == 0 {
			continue
		}
		for _, v := range p.y.axis(0, 1, 4).Marks() {
			most = max(most, utf8.RuneCountInString(p.y.text(v)))
		}
	}
	return drawingEdge + 8 + digitWidth*float64(most)
}

// height is that of a panel with all that belongs to it.
func (p *panel) height() float64 {
	above := lineHeight*float64(len(broken(p.heading(), titleColumns))) + 8
	if len(p.marks) == 0 {
		return above
	}
	return above + plotHeight + belowThePlot
}

// panel draws one, from the back to the front.
func (d *drawing) panel(p panel) {
	titles := broken(p.heading(), titleColumns)
	d.lines(lineHeight-4, "title", titles)
	if len(p.marks) == 0 {
		return
	}
	top := lineHeight*float64(len(titles)) + 8
	foot := top + plotHeight
	if p.footed() {
		foot -= lineHeight
	}
	f := frame{d, &p, p.x.axis(d.gutter, drawingWidth-drawingEdge, 6), p.y.axis(foot, top, 4), top, top + plotHeight}
	f.knee()
	f.grid()
	f.fit()
	f.bound()
	f.marks()
}

// frame is a panel that has its place.
type frame struct {
	*drawing
	p           *panel
	x, y        plot.Axis
	top, bottom float64
}
