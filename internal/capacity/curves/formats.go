package curves

import "github.com/fcbench/fcbench/internal/formats"

// Options are what a caller may choose. The zero Options are right for a file; a plot has 80
// columns at most.
type Options = formats.Options

// Formats lists every format of a curve.
func Formats() formats.List[*Curve] {
	return formats.List[*Curve]{
		{Name: "plot", Doc: "drawn for a terminal", Ending: ".txt", Write: Plot},
		{Name: "ascii", Doc: "the same without characters beyond ASCII", Write: ASCII},
		{Name: "svg", Doc: "a drawing, for light and dark", Ending: ".svg", Write: SVG},
		{Name: "html", Doc: "one page with the drawings and the trials, that needs nothing else", Ending: ".html", Write: HTML},
		{Name: "json", Doc: "all there is, with the grid of the fit", Ending: ".json", Write: formats.Plain(formats.JSON[*Curve])},
		{Name: "csv", Doc: "a line per trial and goal, and per point of the fit", Ending: ".csv", Write: CSV},
	}
}
