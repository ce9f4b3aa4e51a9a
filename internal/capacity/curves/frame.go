package curves

import (
	"strings"
	"unicode/utf8"

	"github.com/fcbench/fcbench/internal/markup"
)

// path is a line or an outline.
func (d *drawing) path(class string, steps ...string) {
	d.Void("path", "class", class, "d", strings.Join(steps, ""))
}

// to is a step of a path: M moves, L draws.
func to(how string, x, y float64) string { return how + markup.Num(x) + " " + markup.Num(y) }

func (f *frame) words(x, y float64, class, anchor, text string) {
	f.Leaf("text", text, "class", class, "x", markup.Num(x), "y", markup.Num(y), "text-anchor", anchor)
}

// grid draws the marks of both axes, and leaves out names that would lie on others.
func (f *frame) grid() {
	line := func(at, v float64) {
		f.path("grid", to("M", f.x.Low, at), to("L", f.x.High, at))
		f.words(f.x.Low-6, at+4, "", "end", f.p.y.text(v))
	}
	for _, v := range f.y.Marks() {
		line(f.y.At(v), v)
	}
	if f.p.footed() {
		line(f.bottom, 0)
	}
	free := 0.0
	for _, v := range f.x.Marks() {
		at, text := f.x.At(v), f.p.x.text(v)
		f.path("grid", to("M", at, f.top), to("L", at, f.bottom))
		width := digitWidth * float64(utf8.RuneCountInString(text))
		from := min(max(at-width/2, 0), drawingWidth-2-width)
		if from < free {
			continue
		}
		f.words(from+width/2, f.bottom+18, "", "middle", text)
		free = from + width + 6
	}
	f.words(f.x.High, f.bottom+33, "", "end", f.p.x.title)
}

// knee draws the estimate over its interval.
func (f *frame) knee() {
	k := f.p.knee
	if k == nil {
		return
	}
	low, high, at := f.x.At(k.Low), f.x.At(k.High), f.x.At(k.Value)
	f.Void("rect", "class", "span", "x", markup.Num(low), "y", markup.Num(f.top), "width", markup.Num(max(high-low, 0.5)), "height", markup.Num(f.bottom-f.top))
	f.path("knee", to("M", at, f.top), to("L", at, f.bottom))
}

// fit draws the band, and the middle of it, as far as the axis goes.
func (f *frame) fit() {
	if f.p.diagonal {
		from, end := max(f.x.From, f.y.From), min(f.x.To, f.y.To)
		if from < end {
			f.path("slope", to("M", f.x.At(from), f.y.At(from)), to("L", f.x.At(end), f.y.At(end)))
		}
	}
	if len(f.p.fit) < 2 {
		return
	}
	var upper, lower, middle []string
	how := "M"
	for _, s := range f.p.fit {
		x := f.x.At(s.x)
		upper = append(upper, to(how, x, f.y.At(s.high)))
		lower = append([]string{to("L", x, f.y.At(s.low))}, lower...)
		middle = append(middle, to(how, x, f.y.At(s.middle)))
		how = "L"
	}
	f.path("band", append(append(upper, lower...), "z")...)
	f.path("fit", middle...)
}

// bound draws what the goal allows.
func (f *frame) bound() {
	if f.p.bound == nil {
		return
	}
	at := f.y.At(*f.p.bound)
	f.path("bound", to("M", f.x.Low, at), to("L", f.x.High, at))
}

// marks draws the trials. Their look is told apart by form, and not by colour alone.
func (f *frame) marks() {
	for kind := faint; kind <= missed; kind++ {
		for _, m := range f.p.marks {
			if m.kind != kind {
				continue
			}
			x, y := f.x.At(m.x), f.bottom
			if !m.foot {
				y = f.y.At(m.y)
			}
			f.mark(kind, x, y)
		}
	}
}

func (f *frame) mark(kind kind, x, y float64) {
	const r = markSize
	switch kind {
	case missed:
		f.path("dot missed", to("M", x-r, y-r), to("L", x+r, y+r), to("M", x-r, y+r), to("L", x+r, y-r))
	case faint:
		f.Void("circle", "class", "dot median", "cx", markup.Num(x), "cy", markup.Num(y), "r", markup.Num(r/2))
	case spoiled:
		f.Void("circle", "class", "dot spoiled", "cx", markup.Num(x), "cy", markup.Num(y), "r", markup.Num(r))
	default:
		f.Void("circle", "class", "dot kept", "cx", markup.Num(x), "cy", markup.Num(y), "r", markup.Num(r+0.4))
	}
}
