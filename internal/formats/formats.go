// Package formats is how a command writes what it found: once, when it has all of it, in one
// of several formats that are chosen by name, or by the ending of a file.
package formats

import (
	"encoding/json"
	"io"
	"path/filepath"
	"strings"
)

// Options are what a caller may choose. The zero Options are right for a file.
type Options struct {
	Color bool // colours of a terminal
	Width int  // columns; 0 for what is usual
}

// Format is a way to write a T, chosen by its name.
type Format[T any] struct {
	Name   string
	Doc    string
	Ending string // of files that are in it; "" where that tells nothing
	Write  func(w io.Writer, v T, o Options) error
}

// List is every format of a T. The first is the one for people.
type List[T any] []Format[T]

// Of is the format of that name.
func (l List[T]) Of(name string) (Format[T], bool) {
	for _, f := range l {
		if f.Name == name {
			return f, true
		}
	}
	return Format[T]{}, false
}

// For is the format of files that end like this one.
func (l List[T]) For(path string) (Format[T], bool) {
	for _, f := range l {
		if f.Ending != "" && filepath.Ext(path) == f.Ending {
			return f, true
		}
	}
	return Format[T]{}, false
}

// Kinds lists the names.
func (l List[T]) Kinds() string {
	var names []string
	for _, f := range l {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}

// Endings lists those that say what a file is in.
func (l List[T]) Endings() string {
	var all []string
	for _, f := range l {
		if f.Ending != "" {
			all = append(all, f.Ending)
		}
	}
	return strings.Join(all, ", ")
}

// Plain is a way to write that has no options.
func Plain[T any](write func(io.Writer, T) error) func(io.Writer, T, Options) error {
	return func(w io.Writer, v T, _ Options) error { return write(w, v) }
}

// JSON writes a value indented, with its text as it is.
func JSON[T any](w io.Writer, v T) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
