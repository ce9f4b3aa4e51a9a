// Package imported reads what other load generators wrote into runs, so that they can be
// compared: k6, vegeta, ghz, wrk2, and tables of percentiles (.hgrm).
//
// What a file does not say stays unknown, and is never 0. A time that runs from when a
// request was sent is service time; only where the tool says that it runs from when the
// request was due is it response time. Times of answers that were ok and of others are
// kept apart, or left out where the file does not tell them apart. Nobody but the tool
// knows whether it was itself the bottleneck: an imported run is suspect, as not judged.
package imported

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/fcbench/fcbench/results"
)

// Tool is a load generator whose files are read.
type Tool struct {
	Name string
	Doc  string // which of its files
	read func(in *input) (*results.Run, error)
}

// Tools lists every tool.
func Tools() []Tool {
	return []Tool{
		{"k6", "--summary-export, the data of handleSummary, or --out json", readK6},
		{"vegeta", "encode --to json, or report --type json", readVegeta},
		{"ghz", "--format json", readGhz},
		{"wrk2", "what it prints with --latency", readWrk2},
		{"hgrm", "a table of percentiles of HdrHistogram", readHgrm},
	}
}

// Options say what a file does not.
type Options struct {
	Scenario  string        // "" is "imported"
	Trial     string        // "" is the tool's name
	Repeat    int           // from 1
	Histogram string        // of an .hgrm: "response.ok", "service.ok" or the like
	Unit      time.Duration // of the values of an .hgrm; 0 is that it says so itself
}

// Sizes of what is read; what is larger is refused before it fills the memory.
const (
	mostFile = 2 << 30
	mostLine = 1 << 20
)

// Read reads a file into a run; name is what it is called in errors.
func (t Tool) Read(r io.Reader, name string, o Options) (*results.Run, error) {
	in := &input{name: name, tool: t.Name, o: o, r: bufio.NewReaderSize(&limited{r, mostFile}, mostLine)}
	if in.o.Scenario == "" {
		in.o.Scenario = "imported"
	}
	if in.o.Trial == "" {
		in.o.Trial = t.Name
	}
	in.o.Repeat = max(1, o.Repeat)
	head, err := in.r.Peek(512)
	switch {
	case len(head) == 0 && err != nil && !errors.Is(err, io.EOF):
		return nil, fmt.Errorf("%s: %w", name, err)
	case len(bytes.TrimSpace(head)) == 0:
		return nil, fmt.Errorf("%s: file is empty; want %s's %s", name, t.Name, t.Doc)
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		return nil, fmt.Errorf("%s: file is compressed with gzip; want it unpacked", name)
	case bytes.IndexByte(head, 0) >= 0:
		return nil, fmt.Errorf("%s: file is binary; want %s's %s", name, t.Name, t.Doc)
	}
	return t.read(in)
}

// input is a file that is being read.
type input struct {
	name, tool string
	o          Options
	r          *bufio.Reader
	line       int
}

// wrong is an error at the line that was read last, or in the whole file.
func (in *input) wrong(format string, args ...any) error {
	if in.line == 0 {
		return fmt.Errorf("%s: "+format, append([]any{in.name}, args...)...)
	}
	return fmt.Errorf("%s:%d: "+format, append([]any{in.name, in.line}, args...)...)
}

// next reads a line without its end; io.EOF is that there is none.
func (in *input) next() ([]byte, error) {
	line, err := in.r.ReadSlice('\n')
	if len(line) > 0 || err == nil {
		in.line++
	}
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, in.wrong("line is longer than %d bytes; want %s's %s", mostLine, in.tool, in.doc())
	case err != nil && !errors.Is(err, io.EOF):
		return nil, in.wrong("%w", err)
	case err != nil && len(line) == 0:
		return nil, io.EOF
	}
	return bytes.TrimRight(line, "\r\n"), nil
}

func (in *input) doc() string {
	for _, t := range Tools() {
		if t.Name == in.tool {
			return t.Doc
		}
	}
	return "file"
}

// document reads a whole file of JSON.
func (in *input) document(into any) error {
	text, err := io.ReadAll(in.r)
	if err != nil {
		return fmt.Errorf("%s: %w", in.name, err)
	}
	err = json.Unmarshal(text, into)
	if err == nil {
		return nil
	}
	in.line = 1 + bytes.Count(text[:offsetOf(err, len(text))], []byte("\n"))
	return in.wrong("file is not what %s writes: %w; want its %s", in.tool, err, in.doc())
}

// offsetOf is where JSON is not what it should be.
func offsetOf(err error, size int) int {
	var syntax *json.SyntaxError
	var typed *json.UnmarshalTypeError
	at := size
	switch {
	case errors.As(err, &syntax):
		at = int(syntax.Offset)
	case errors.As(err, &typed):
		at = int(typed.Offset)
	}
	return min(max(at, 0), size)
}

// limited is a reader of so many bytes, of which more are an error.
type limited struct {
	r    io.Reader
	left int64
}

func (l *limited) Read(b []byte) (int, error) {
	n, err := l.r.Read(b)
	if l.left -= int64(n); l.left < 0 {
		return 0, fmt.Errorf("file is larger than %d MiB; want a smaller one, such as a summary", int64(mostFile)>>20)
	}
	return n, err
}
