package generators

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// maxLine is the longest line of a trace.
const maxLine = 256 << 10

// A record is one parsed line; key is valid until the next.
type record struct {
	at   int64 // nanoseconds since some epoch
	key  []byte
	cost int64
}

// A source is a trace file and how to read it.
type source struct{ file, format, key string }

func (s source) check() error {
	var problems []error
	if s.file == "" {
		problems = append(problems, errors.New("file is not given; want the name of a trace"))
	}
	for _, f := range []struct {
		what, value string
		known       []string
	}{
		{"format", s.format, []string{formatCLF, formatCSV, formatJSONL}},
		{"key", s.key, []string{keyClient, keyPath, keyUser}},
	} {
		if f.value != "" && !slices.Contains(f.known, f.value) {
			problems = append(problems, fmt.Errorf("%s is %q; want one of %s", f.what, f.value, strings.Join(f.known, ", ")))
		}
	}
	return errors.Join(problems...)
}

// reader reads the records of a source, line by line. Errors name file and line.
type reader struct {
	source
	err    error // of opening
	closer io.Closer
	lines  *bufio.Reader
	line   int // number of the line read last
	parse  func(line []byte) (record, error)
	// guessed is set while the format is only what the first line looked like.
	guessed bool
}

// open returns a reader at the start of the file; where that fails, read says so.
func (s source) open() *reader {
	file, err := os.Open(s.file)
	if err != nil {
		return &reader{err: err}
	}
	r := s.reader(file)
	r.closer = file
	return r
}

// reader reads from any stream, compressed or not.
func (s source) reader(stream io.Reader) *reader {
	r := &reader{source: s, lines: bufio.NewReaderSize(stream, maxLine)}
	if magic, _ := r.lines.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		unzipped, err := gzip.NewReader(r.lines)
		if err != nil {
			return &reader{err: fmt.Errorf("%s: %w", s.file, err)}
		}
		r.lines = bufio.NewReaderSize(unzipped, maxLine)
	}
	return r
}

func (r *reader) close() {
	if r.closer != nil {
		r.closer.Close()
		r.closer = nil
	}
}

func (r *reader) errorf(format string, args ...any) error {
	return fmt.Errorf("%s:%d: %w", r.file, r.line, fmt.Errorf(format, args...))
}

// read returns the next record, or io.EOF.
func (r *reader) read() (record, error) {
	for r.err == nil {
		text, err := r.text()
		if err != nil {
			r.err = err
			break
		}
		if len(text) == 0 {
			continue
		}
		if r.parse == nil {
			if err := r.begin(text); err != nil {
				r.err = err
				break
			}
			if r.isHeader(text) {
				continue
			}
		}
		rec, err := r.parse(text)
		if err == nil {
			r.guessed = false
			return rec, nil
		}
		r.err = r.errorf("%w%s", err, r.doubt())
	}
	return record{}, r.err
}

// doubt is what to say about a line that cannot be read: perhaps it is not at
// all of the format that it was taken for.
func (r *reader) doubt() string {
	if !r.guessed {
		return ""
	}
	return fmt.Sprintf(" (it was taken for %s by its first line; format: clf, csv or jsonl names another)", r.format)
}

// text returns the next line without its end, or io.EOF.
func (r *reader) text() ([]byte, error) {
	text, err := r.lines.ReadSlice('\n')
	if err == io.EOF && len(text) == 0 {
		return nil, io.EOF
	}
	r.line++
	switch {
	case err == bufio.ErrBufferFull:
		return nil, r.errorf("line is longer than %d KiB; want shorter lines", maxLine>>10)
	case err != nil && err != io.EOF:
		return nil, r.errorf("%w", err)
	}
	return bytes.TrimRight(text, "\r\n"), nil
}
