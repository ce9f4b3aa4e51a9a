// Package eventlog writes a line for every attempt of a run: when its arrival was
// due, when it was sent, what became of it and how long that took. It is a witness
// of the run: what the disk cannot keep up with is lost and counted, and delays
// no request.
//
// There are two forms, JSON Lines and CSV with a line of names, either compressed
// by gzip or not, with the same columns; docs/events.schema.json describes a line.
// An arrival that was never sent has one line, with attempt 0. Instants count from
// the start of the measured window, whose arrivals alone are in the log.
package eventlog

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/fcbench/fcbench/internal/runner"
)

// Format is how a log is written.
type Format struct {
	CSV  bool
	Gzip bool
}

// FormatOf is what the name of a file asks for by its ending.
func FormatOf(path string) (f Format, err error) {
	name, zipped := strings.CutSuffix(path, ".gz")
	f.Gzip = zipped
	switch {
	case strings.HasSuffix(name, ".csv"):
		f.CSV = true
	case strings.HasSuffix(name, ".jsonl"):
	default:
		return Format{}, fmt.Errorf("event log is %q; want a file that ends in .jsonl or .csv, and .gz behind that if it is to be compressed", path)
	}
	return f, nil
}

// Log takes the events of any number of runs, from any number of goroutines. What
// was wrong with writing is kept until Close; nothing is written after that.
type Log struct {
	Format
	mu     sync.Mutex
	out    *bufio.Writer
	zip    *gzip.Writer // nil where nothing is compressed
	line   []byte       // reused
	mark   string       // before every line
	begun  bool
	failed error
}

// buffered is how many bytes wait to be written at most.
const buffered = 1 << 20

// New returns a log that is written to w, which stays open.
func New(w io.Writer, f Format) *Log {
	l := &Log{Format: f}
	if f.Gzip {
		l.zip = gzip.NewWriter(w)
		w = l.zip
	}
	l.out = bufio.NewWriterSize(w, buffered)
	return l
}

// Marked returns a log whose lines, without a line of names and never compressed,
// each begin with a mark, for a process that knows them by it and hands them on to
// [Log.Lines] of a log of the same format.
func Marked(w io.Writer, f Format, mark string) *Log {
	l := New(w, Format{CSV: f.CSV})
	l.mark, l.begun = mark, true
	return l
}

// Run is the run whose attempts are logged.
type Run struct {
	Trial   string
	Repeat  int
	Warmup  time.Duration // before the window
	Classes []string      // by number; empty where there is one
}

// Of returns the witness of a run.
func (l *Log) Of(r Run) runner.Witness { return &witness{log: l, run: r} }

type witness struct {
	log *Log
	run Run
}

// See implements [runner.Witness].
func (w *witness) See(a *runner.Attempt) {
	if a.Lost || !a.Measured {
		return
	}
	l := w.log
	l.mu.Lock()
	defer l.mu.Unlock()
	l.line = l.append(append(l.line[:0], l.mark...), &w.run, a)
	l.write(l.line)
}

// Settled implements [runner.Witness].
func (*witness) Settled(time.Duration) {}

// Lines takes whole lines of the same format that another process wrote of a run.
func (l *Log) Lines(lines []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.write(lines)
}

func (l *Log) append(line []byte, r *Run, a *runner.Attempt) []byte {
	if l.CSV {
		return appendCSV(line, r, a)
	}
	return appendJSON(line, r, a)
}

func (l *Log) write(lines []byte) {
	if l.failed != nil {
		return
	}
	if !l.begun && l.CSV {
		_, l.failed = l.out.WriteString(header)
	}
	l.begun = true
	if l.failed == nil {
		_, l.failed = l.out.Write(lines)
	}
}

// Close writes what waits. Its error is the first that there was.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed == nil {
		l.failed = l.out.Flush()
	}
	if l.zip != nil && l.failed == nil {
		l.failed = l.zip.Close()
	}
	if l.failed != nil {
		return fmt.Errorf("event log: %w", l.failed)
	}
	l.failed = errClosed
	return nil
}

var errClosed = errors.New("it is closed")
