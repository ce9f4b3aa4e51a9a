package generators

import (
	"bufio"
	"bytes"
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
	unit int64 // nanoseconds that the last digit of at stands for
	zero bool  // at counts from the start of a window
	key  []byte
	cost int64
	// trial and repeat are the run of an event log; empty elsewhere. Valid until the next.
	trial, repeat []byte
}

// errNoArrival is what a parser returns for a line that is right, but of no arrival.
var errNoArrival = errors.New("line is of no arrival")

// A source is a trace file and how to read it.
type source struct {
	file, format, key string
	skip              uint64 // lines that may be unreadable
}

func (s source) check() error {
	var problems []error
	switch whole := s.file + ":" + s.format; {
	case s.file == "":
		problems = append(problems, errors.New("file is not given; want the name of a trace"))
	case s.file == "-":
		return errors.New("file is -; want /dev/stdin for what stands there, or the name of a trace")
	case checkFormat(s.format) != nil && exists(whole):
		return fmt.Errorf("file is %s, because what follows a colon is the format; want {kind: trace, file: %q} for a name with a colon", s.file, whole)
	}
	return errors.Join(append(problems,
		checkFormat(s.format),
		checkOneOf("key", s.key, keyClient, keyPath, keyUser, keyRequest))...)
}

func checkFormat(format string) error {
	return checkOneOf("format", format, formatCLF, formatVhost, formatCSV, formatJSONL)
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// checkOneOf refuses a word that is given and is none of those known.
func checkOneOf(what, value string, known ...string) error {
	if value == "" || slices.Contains(known, value) {
		return nil
	}
	return fmt.Errorf("%s is %q; want one of %s", what, value, strings.Join(known, ", "))
}

// reader reads the records of a source, line by line. Errors name file and line.
type reader struct {
	run, trial, repeat string // of an event log, once known
	source
	err   error // it stays
	lines *bufio.Reader
	line  int // number of the line read last
	parse func(line []byte) (record, error)
	// guessed is set while the format is only what the first line looked like.
	guessed   bool
	begun     bool // a line was right
	seen      fingerprint
	skipped   uint64
	firstSkip error // why the first line was skipped that was
}

// reader reads from the start of a stream, compressed or not.
func (s source) reader(stream io.Reader) *reader {
	r := &reader{source: s}
	r.lines, r.err = plain(bufio.NewReaderSize(stream, maxLine))
	if r.err != nil {
		r.err = fmt.Errorf("%s: %w", s.file, r.err)
	}
	return r
}

// errorf returns an error that names the place.
func (r *reader) errorf(format string, args ...any) error {
	return fmt.Errorf("%s:%d: %w", r.file, r.line, fmt.Errorf(format, args...))
}

// read returns the next record, or io.EOF.
func (r *reader) read() (record, error) {
	for r.err == nil {
		text, err := r.text()
		switch {
		case err != nil:
			r.refuse(err)
			continue
		case len(text) == 0 || r.parse == nil && r.begin(text):
			continue
		}
		rec, err := r.parse(text)
		switch {
		case err == nil && !r.sameRun(&rec):
			r.refuse(r.errorf("line is of trial %s, repeat %s, and earlier ones are of %s; want the log of one run", rec.trial, rec.repeat, r.run))
		case err == nil:
			r.guessed, r.begun = false, true
			return rec, nil
		case err == errNoArrival:
			r.guessed, r.begun = false, true
		default:
			r.refuse(r.errorf("%w%s", err, r.doubt()))
			r.startAgain()
		}
	}
	return record{}, r.err
}

// sameRun reports whether a line of an event log is of the run of those before.
func (r *reader) sameRun(rec *record) bool {
	if rec.trial == nil && rec.repeat == nil {
		return true
	}
	if r.run == "" {
		r.run = fmt.Sprintf("trial %s, repeat %s", rec.trial, rec.repeat)
		r.trial, r.repeat = string(rec.trial), string(rec.repeat)
	}
	return r.trial == string(rec.trial) && r.repeat == string(rec.repeat)
}

// startAgain takes the next line for the first, where none was right yet: perhaps it
// was the line that is not like the others.
func (r *reader) startAgain() {
	if r.begun || r.err != nil {
		return
	}
	if r.parse = nil; r.guessed {
		r.format = ""
	}
}

// refuse ends the reading with an error, unless it is of a line that may be skipped.
func (r *reader) refuse(err error) {
	var unreadable *damage
	switch {
	case err == io.EOF || errors.As(err, &unreadable) || r.skip == 0:
		r.err = err
	case r.skipped == r.skip:
		r.err = fmt.Errorf("%w (%d before it skipped already, as many as skip allows)", err, r.skipped)
	default:
		if r.skipped++; r.firstSkip == nil {
			r.firstSkip = err
		}
	}
}

// notes says what was skipped.
func (r *reader) notes() []string {
	switch r.skipped {
	case 0:
		return nil
	case 1:
		return []string{fmt.Sprintf("1 line is skipped: %v", r.firstSkip)}
	}
	return []string{fmt.Sprintf("%d lines are skipped, first: %v", r.skipped, r.firstSkip)}
}

// doubt is what to say about a line that cannot be read: perhaps it is not at
// all of the format that it was taken for.
func (r *reader) doubt() string {
	if !r.guessed {
		return ""
	}
	return fmt.Sprintf(" (it was taken for %s by its first line; format: clf, clf-vhost, csv or jsonl names another)", r.format)
}

// text returns the next line without its end, or io.EOF.
func (r *reader) text() ([]byte, error) {
	r.passMarks()
	text, err := r.lines.ReadSlice('\n')
	if err == io.EOF && len(text) == 0 {
		if !r.seen.whole() {
			return nil, r.changed()
		}
		return nil, io.EOF
	}
	r.line++
	switch {
	case err == bufio.ErrBufferFull:
		return nil, r.passLong(text)
	case err != nil && err != io.EOF:
		return nil, r.damaged(err)
	}
	text = bytes.TrimRight(text, "\r\n")
	switch {
	case !r.seen.add(text):
		return nil, r.changed()
	case bytes.IndexByte(text, 0) >= 0:
		return nil, r.errorf("line holds NUL bytes, as UTF-16 does; want UTF-8, such as by iconv -f UTF-16 -t UTF-8")
	}
	return text, nil
}

// passLong reads to the end of a line that is too long.
func (r *reader) passLong(start []byte) error {
	same := r.seen.add(start)
	for err := bufio.ErrBufferFull; err == bufio.ErrBufferFull; {
		_, err = r.lines.ReadSlice('\n')
	}
	if !same {
		return r.changed()
	}
	return r.errorf("line is longer than %d KiB; want shorter lines", maxLine>>10)
}

// passMarks leaves out what may stand before a line and is no text: marks of
// byte order, and the NULs that are left where a log that is written to is cut.
func (r *reader) passMarks() {
	for {
		next, _ := r.lines.Peek(len(byteOrderMark))
		switch {
		case string(next) == byteOrderMark:
			_, _ = r.lines.Discard(len(next))
		case len(next) > 0 && next[0] == 0:
			_, _ = r.lines.Discard(1)
		default:
			return
		}
	}
}

const byteOrderMark = "\ufeff"
