package main

import (
	"io"
	"os"

	"golang.org/x/term"
)

// terminal reports whether w is one.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// colored reports whether w wants colour: a terminal, unless NO_COLOR is set.
func colored(w io.Writer) bool { return os.Getenv("NO_COLOR") == "" && terminal(w) }
