package ci

import (
	"io"
	"strings"

	"github.com/fcbench/fcbench/results/report"
)

// Format is a way to write a verdict, chosen by its name.
type Format struct {
	Name  string
	Doc   string
	Write func(w io.Writer, v *Verdict) error
}

// Formats lists every format.
func Formats() []Format {
	return []Format{
		{"table", "for a terminal", func(w io.Writer, v *Verdict) error { return Table(w, v, report.Options{}) }},
		{"json", "the verdict file", func(w io.Writer, v *Verdict) error { return v.Write(w) }},
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

// Kinds lists the names of formats.
func Kinds() string {
	var names []string
	for _, f := range Formats() {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}
