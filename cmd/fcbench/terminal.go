package main

import (
	"io"
	"os"
	"strconv"
	"sync"

	"golang.org/x/term"

	"github.com/fcbench/fcbench/results/report"
)

// terminal reports whether w is one that can be written to out of order.
func terminal(w io.Writer) bool {
	_, ok := display(w)
	return ok
}

// display is the terminal that w is.
func display(w io.Writer) (*os.File, bool) {
	if u, ok := w.(unclosed); ok {
		w = u.Writer
	}
	if s, ok := w.(*stdout); ok {
		w = s.Writer
	}
	f, ok := w.(*os.File)
	return f, ok && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(f.Fd()))
}

// colored reports whether w wants colour: a terminal, unless NO_COLOR is set.
func colored(w io.Writer) bool { return os.Getenv("NO_COLOR") == "" && terminal(w) }

// The widths at which a table is laid out, in columns.
const (
	leastColumns   = 20  // fewer are taken for a mistake
	usualColumns   = 80  // of a terminal that does not say
	writtenColumns = 120 // of what is no terminal, without $COLUMNS
)

// widthOf is how many columns there are on w now: those of the terminal that
// it is, else $COLUMNS, else 120.
func widthOf(w io.Writer) int {
	usual := writtenColumns
	if f, ok := display(w); ok {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 {
			return columns
		}
		usual = usualColumns
	}
	if columns, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && columns >= leastColumns {
		return columns
	}
	return usual
}

// tableOptions are those of a table on w.
func tableOptions(w io.Writer) report.Options {
	return report.Options{Color: colored(w), Width: widthOf(w)}
}

// foot is a terminal's last line, redrawn in place below all that is written.
//
// The cursor rests at the line's start, or behind a ^C that the terminal shows
// there. Wherever a terminal that became narrower moves the line to, and however
// many rows it makes of it, they lie behind the cursor, so that erasing from there
// to the end takes all of it and nothing else.
type foot struct {
	w     io.Writer
	width func() int

	mu    sync.Mutex
	drawn bool
}

const eraseBelow = "\x1b[J"

// Write takes the line away and writes b. The next draw puts it below.
func (f *foot) Write(b []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.wipe()
	return f.w.Write(b)
}

// draw shows as much of the line as the terminal is wide now. The last column
// stays empty, because some terminals go on to the next row behind it.
func (f *foot) draw(line string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, _ = io.WriteString(f.w, "\r"+report.Crop(line, f.width()-1)+eraseBelow+"\r") // a terminal that is gone shows nothing
	f.drawn = true
}

func (f *foot) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.wipe()
}

func (f *foot) wipe() {
	if f.drawn {
		_, _ = io.WriteString(f.w, "\r"+eraseBelow)
		f.drawn = false
	}
}
