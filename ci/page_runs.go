package ci

import (
	"fmt"

	"github.com/fcbench/fcbench/internal/plot"
)

// runs draws every run in the order in which they were made, so that what drifts, or what
// comes second, is seen.
func (p *page) runs(f *Finding) {
	const top, bottom = 10.0, 190.0
	right := drawingWidth - 22
	var values []float64
	for _, s := range f.Samples {
		values = append(values, s.A, s.B)
	}
	y := newAxis(values, bottom, top, 4)
	x := plot.Axis{From: 0, To: float64(len(values) - 1), Low: gutter + 8, High: right - 8}
	title := fmt.Sprintf("%s of all %d runs in the order in which they were made; median of a %s, of b %s", f.Metric, len(values), f.Value(f.A), f.Value(f.B))
	p.drawing(bottom+22, title, "Runs in the order in which they were made: a is round, b square, and a pair is joined. The lines are the medians.", func() {
		p.upright(y, right, f.Value)
		var a, b, joined []string
		for i, s := range f.Samples {
			first, second := x.At(float64(2*i)), x.At(float64(2*i+1))
			if s.Order == "BA" {
				first, second = second, first
			}
			a, b = append(a, dot(first, y.At(s.A))), append(b, dot(second, y.At(s.B)))
			joined = append(joined, to("M", first, y.At(s.A)), to("L", second, y.At(s.B)))
		}
		p.path("joined", joined...)
		p.path("median a", to("M", gutter, y.At(f.A)), to("L", right, y.At(f.A)))
		p.path("median b", to("M", gutter, y.At(f.B)), to("L", right, y.At(f.B)))
		p.path("dots a", a...)
		p.path("dots square b", b...)
		atA, atB := apart(y.At(f.A), y.At(f.B))
		p.words(right+6, atA+4, "start", "a")
		p.words(right+6, atB+4, "start", "b")
		p.words(x.Low, bottom+16, "middle", "run 1")
		p.words(x.High, bottom+16, "middle", fmt.Sprintf("run %d", len(values)))
	})
}

// apart moves two words away from each other until both can be read.
func apart(a, b float64) (float64, float64) {
	const height = 12
	missing := height - max(a-b, b-a)
	switch {
	case missing <= 0:
		return a, b
	case a <= b:
		return a - missing/2, b + missing/2
	}
	return a + missing/2, b - missing/2
}
