package results

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// ErrCutOff says that a result file ends within a line, as it does when its
// writer was killed or the disk was full. The lines before are whole.
var ErrCutOff = errors.New("the last line is cut off; want a whole run")

// WriteRun writes run as one line, with one call of Write, so that a line is
// whole or not there unless the system tears it.
func WriteRun(w io.Writer, run *Run) error {
	var line bytes.Buffer
	e := json.NewEncoder(&line)
	e.SetEscapeHTML(false)
	if err := e.Encode(run.complete()); err != nil {
		return fmt.Errorf("run %s, repeat %d: %w", run.Trial, run.Repeat, err)
	}
	_, err := w.Write(run.absent.withNulls(line.Bytes()))
	return err
}

// complete returns a copy in which what was not given is empty, not null.
func (run *Run) complete() *Run {
	r := *run
	r.Schema = Schema
	for _, raw := range []*json.RawMessage{&r.Subject, &r.Workload} {
		if *raw == nil {
			*raw = json.RawMessage("{}")
		}
	}
	if r.Outcomes == nil {
		r.Outcomes = new(class).outcomesByName()
	}
	r.Causes = orEmpty(r.Causes)
	r.Latency = Latencies{orEmpty(r.Latency.Response), orEmpty(r.Latency.Service), orEmpty(r.Latency.SendDelay), r.Latency.Phases}
	if r.Intervals == nil {
		r.Intervals = []Interval{}
	}
	r.Faults = slices.Clone(r.Faults)
	for i := range r.Faults {
		for _, s := range []*Spell{&r.Faults[i].Before, &r.Faults[i].During, &r.Faults[i].After} {
			s.Decisions = orEmpty(s.Decisions)
		}
	}
	if r.Warnings == nil {
		r.Warnings = []string{}
	}
	if r.Validity.Verdict == "" {
		r.Validity = Validity{Verdict: Suspect, Reasons: []string{"not judged"}}
	}
	if r.Validity.Reasons == nil {
		r.Validity.Reasons = []string{}
	}
	return &r
}

func orEmpty[V any](m map[string]V) map[string]V {
	if m == nil {
		return map[string]V{}
	}
	return m
}

// ReadRuns reads a result file; name is what it is called in errors, which say of
// another file what it is. It stops at the first line that is not a run and returns the runs before it with the
// error, which is [ErrCutOff] when only the end of the file is missing.
func ReadRuns(r io.Reader, name string) ([]Run, error) {
	var runs []Run
	lines := bufio.NewReader(r)
	head, _ := lines.Peek(512) // what is wrong with it comes again
	if bytes.HasPrefix(head, byteOrderMark) {
		_, _ = lines.Discard(len(byteOrderMark))
	}
	if what := foreign(head); what != "" {
		return nil, fmt.Errorf("%s: %s", name, what)
	}
	for number := 1; ; number++ {
		line, err := lines.ReadBytes('\n')
		if err != nil && err != io.EOF {
			return runs, fmt.Errorf("%s:%d: %w", name, number, err)
		}
		atEnd := err == io.EOF
		if line = bytes.TrimSpace(line); len(line) > 0 {
			run, err := readRun(line, atEnd)
			if err != nil {
				return runs, fmt.Errorf("%s:%d: %w", name, number, err)
			}
			runs = append(runs, *run)
		}
		if atEnd {
			return runs, nil
		}
	}
}

// readRun reads one line, the schema first, because another version's lines
// need not look like this one's.
func readRun(line []byte, unterminated bool) (*Run, error) {
	var head struct{ Schema string }
	if err := json.Unmarshal(line, &head); err != nil {
		if unterminated && endsWithin(line) {
			return nil, fmt.Errorf("%w (%d bytes are there)", ErrCutOff, len(line))
		}
		return nil, fmt.Errorf("line is no run: %w; want %s", err, resultFile)
	}
	if head.Schema == "" {
		return nil, fmt.Errorf("line has no schema; want %s, as in %s", Schema, resultFile)
	}
	if head.Schema != Schema {
		return nil, fmt.Errorf("schema is %q; want %s", head.Schema, Schema)
	}
	run := new(Run)
	if err := json.Unmarshal(line, run); err != nil {
		return nil, fmt.Errorf("line is no run: %w", err)
	}
	run.absent = findAbsent(run, line)
	return run, nil
}

// endsWithin reports whether line is the beginning of a JSON value.
func endsWithin(line []byte) bool {
	var value json.RawMessage
	return errors.Is(json.NewDecoder(bytes.NewReader(line)).Decode(&value), io.ErrUnexpectedEOF)
}
