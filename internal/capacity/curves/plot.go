package curves

import (
	"fmt"
	"io"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fcbench/fcbench/internal/plot"
	"github.com/fcbench/fcbench/results/report"
)

// The sizes of a plot, in columns and rows.
const (
	usualWidth = 80
	leastWidth = 40
	rows       = 11
)

// signs are the characters that a plot is made of.
type signs struct {
	kinds                                        [4]rune
	band, fit, bound, slope, knee, interval      rune
	upright, across, corner, tickLeft, tickBelow rune
	text                                         func(string) string
}

func drawnSigns() signs {
	return signs{[4]rune{'·', '○', '●', '×'}, '░', '━', '┄', '╱', '┃', '╎', '│', '─', '└', '┤', '┬', func(s string) string { return s }}
}

func asciiSigns() signs {
	words := strings.NewReplacer("µs", "us", "±", "+-", "…", "...", "≤", "<=", "≥", ">=")
	return signs{[4]rune{'.', '?', 'o', 'x'}, ':', '=', '-', '/', '#', '|', '|', '-', '+', '+', '+', words.Replace}
}

// Plot draws the curve for a terminal.
func Plot(w io.Writer, c *Curve, o Options) error { return c.draw(w, drawnSigns(), o) }

// ASCII is [Plot] without characters beyond ASCII, but for names that have them.
func ASCII(w io.Writer, c *Curve, o Options) error { return c.draw(w, asciiSigns(), o) }

func (c *Curve) draw(w io.Writer, s signs, o Options) error {
	width := usualWidth
	if o.Width > 0 {
		width = min(max(o.Width, leastWidth), usualWidth)
	}
	var b strings.Builder
	say := func(text string) { b.WriteString(report.Wrap(s.text(plain(text)), width)) }
	say(c.headline())
	for _, p := range c.panels() {
		b.WriteString("\n")
		say(p.heading())
		if len(p.marks) > 0 {
			p.sketch(&b, s, width, o.Color)
		}
	}
	if line := c.legend(s); line != "" {
		b.WriteString("\n")
		say(line)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// plain is text in which nothing moves the cursor of a terminal.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// heading is what a panel is about.
func (p *panel) heading() string {
	if p.absent != "" {
		return p.title + ": " + p.absent
	}
	return p.title
}

// canvas is what is drawn in characters.
type canvas struct {
	cells  [][]rune
	colors [][]string
}

// sketch draws a panel.
func (p *panel) sketch(b *strings.Builder, s signs, width int, color bool) {
	y := p.y.axis(rows-1, 0, 4)
	gutter := 0
	labels := map[int]string{}
	name := func(row int, v float64) {
		labels[row] = s.text(p.y.text(v))
		gutter = max(gutter, utf8.RuneCountInString(labels[row]))
	}
	for _, v := range y.Marks() {
		name(row(y, v), v)
	}
	height := rows
	if p.footed() {
		name(rows, 0)
		height++
	}
	cols := width - gutter - 3
	x := p.x.axis(0, float64(cols-1), max(2, cols/11))
	c := newCanvas(height, cols)
	p.fill(c, s, x, y)
	for i := range height {
		edge := s.upright
		if labels[i] != "" {
			edge = s.tickLeft
		}
		fmt.Fprintf(b, "%s%s %c%s\n", strings.Repeat(" ", gutter-utf8.RuneCountInString(labels[i])), labels[i], edge, c.line(i, color))
	}
	p.foot(b, s, x, gutter, cols)
}

// fill draws from the back to the front.
func (p *panel) fill(c *canvas, s signs, x, y plot.Axis) {
	c.band(p.fit, s, x, y)
	if p.diagonal {
		for i := range c.cells[0] {
			if v := value(x, float64(i)); v >= y.From && v <= y.To {
				c.put(float64(i), y.At(v), s.slope, "2")
			}
		}
	}
	if p.bound != nil {
		for i := range c.cells[0] {
			c.put(float64(i), y.At(*p.bound), s.bound, "33")
		}
	}
	if k := p.knee; k != nil {
		for i := range c.cells {
			c.put(x.At(k.Low), float64(i), s.interval, "36")
			c.put(x.At(k.High), float64(i), s.interval, "36")
			c.put(x.At(k.Value), float64(i), s.knee, "36")
		}
	}
	c.fit(p.fit, s, x, y)
	colors := [4]string{"2", "33", "32", "31"}
	for kind := faint; kind <= missed; kind++ {
		for _, m := range p.marks {
			at := float64(len(c.cells) - 1)
			if !m.foot {
				at = y.At(m.y)
			}
			if m.kind == kind {
				c.put(x.At(m.x), at, s.kinds[kind], colors[kind])
			}
		}
	}
}

// foot is the axis that lies at the bottom.
func (p *panel) foot(b *strings.Builder, s signs, x plot.Axis, gutter, cols int) {
	line, words := []rune(strings.Repeat(string(s.across), cols)), []rune(strings.Repeat(" ", gutter+2+cols))
	free := 0
	for _, v := range x.Marks() {
		at, label := int(math.Round(x.At(v))), []rune(s.text(p.x.text(v)))
		line[at] = s.tickBelow
		from := min(max(0, gutter+2+at-len(label)/2), len(words)-len(label))
		if from >= free {
			copy(words[from:], label)
			free = from + len(label) + 1
		}
	}
	fmt.Fprintf(b, "%s %c%s\n%s\n", strings.Repeat(" ", gutter), s.corner, string(line), strings.TrimRight(string(words), " "))
	title := s.text(p.x.title)
	fmt.Fprintf(b, "%s%s\n", strings.Repeat(" ", max(0, gutter+2+cols-utf8.RuneCountInString(title))), title)
}
