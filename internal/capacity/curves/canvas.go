package curves

import (
	"math"
	"strings"

	"github.com/fcbench/fcbench/internal/plot"
)

func newCanvas(rows, cols int) *canvas {
	c := &canvas{}
	for range rows {
		c.cells = append(c.cells, []rune(strings.Repeat(" ", cols)))
		c.colors = append(c.colors, make([]string, cols))
	}
	return c
}

// put draws a sign over what was there.
func (c *canvas) put(x, y float64, sign rune, color string) {
	i, k := int(math.Round(y)), int(math.Round(x))
	c.cells[i][k], c.colors[i][k] = sign, color
}

// band draws between the ends of the fit.
func (c *canvas) band(fit []stretch, s signs, x, y plot.Axis) {
	for i := range c.cells[0] {
		f, ok := at(fit, value(x, float64(i)))
		if !ok || f.low > y.To || f.high < y.From {
			continue
		}
		for k := row(y, f.high); k <= row(y, f.low); k++ {
			c.put(float64(i), float64(k), s.band, "34")
		}
	}
}

// fit draws its middle.
func (c *canvas) fit(fit []stretch, s signs, x, y plot.Axis) {
	for i := range c.cells[0] {
		if f, ok := at(fit, value(x, float64(i))); ok && f.middle >= y.From && f.middle <= y.To {
			c.put(float64(i), y.At(f.middle), s.fit, "34")
		}
	}
}

// at is the fit between two of its points.
func at(fit []stretch, x float64) (stretch, bool) {
	for i := range len(fit) - 1 {
		a, b := fit[i], fit[i+1]
		if x < a.x || x > b.x || a.x == b.x {
			continue
		}
		share := (x - a.x) / (b.x - a.x)
		between := func(a, b float64) float64 { return a + share*(b-a) }
		return stretch{x, between(a.middle, b.middle), between(a.low, b.low), between(a.high, b.high)}, true
	}
	return stretch{}, false
}

// row is that of a value.
func row(y plot.Axis, v float64) int { return int(math.Round(y.At(v))) }

// value is what lies at a place of a linear axis.
func value(a plot.Axis, place float64) float64 {
	return a.From + (place-a.Low)/(a.High-a.Low)*(a.To-a.From)
}

// line is a row as text, without the blanks at its end.
func (c *canvas) line(i int, color bool) string {
	cells := []rune(strings.TrimRight(string(c.cells[i]), " "))
	if !color {
		return string(cells)
	}
	var b strings.Builder
	last := ""
	for k, r := range cells {
		if next := c.colors[i][k]; next != last {
			b.WriteString("\x1b[" + strings.TrimSuffix("0;"+next, ";") + "m")
			last = next
		}
		b.WriteRune(r)
	}
	if last != "" {
		b.WriteString("\x1b[0m")
	}
	return b.String()
}
