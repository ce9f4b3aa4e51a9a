package curves

import (
	"io"
	"path/filepath"
	"strings"
)

// Options are what a caller may choose. The zero Options are right for a file.
type Options struct {
	Color bool // colours of a terminal
	Width int  // columns of a plot; 0 for 80, which is the most
}

// Format is a way to write a curve, chosen by its name.
type Format struct {
	Name   string
	Doc    string
	Ending string // of files that are in it; "" where that tells nothing
	Write  func(w io.Writer, c *Curve, o Options) error
}

// Formats lists every format.
func Formats() []Format {
	return []Format{
		{"plot", "drawn for a terminal", ".txt", Plot},
		{"ascii", "the same without characters beyond ASCII", "", ASCII},
		{"svg", "a drawing, for light and dark", ".svg", SVG},
		{"html", "one page with the drawings and the trials, that needs nothing else", ".html", HTML},
		{"json", "all there is, with the grid of the fit", ".json", JSON},
		{"csv", "a line per trial and goal, and per point of the fit", ".csv", CSV},
	}
}

// FormatOf is the format of that name.
func FormatOf(name string) (Format, bool) {
	for _, f := range Formats() {
		if f.Name == name {
			return f, true
		}
	}
	return Format{}, false
}

// FormatFor is the format of files that end like this one.
func FormatFor(path string) (Format, bool) {
	for _, f := range Formats() {
		if f.Ending != "" && filepath.Ext(path) == f.Ending {
			return f, true
		}
	}
	return Format{}, false
}

// Kinds lists the names of formats.
func Kinds() string {
	var names []string
	for _, f := range Formats() {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}
