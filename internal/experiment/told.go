package experiment

import (
	"bytes"

	"github.com/fcbench/fcbench/internal/eventlog"
)

func formatOf(l *eventlog.Log) *eventlog.Format {
	if l == nil {
		return nil
	}
	return &l.Format
}

// told takes what a child in a bubble prints: lines for the event log as they
// come, and the rest, which is its result.
type told struct {
	events *eventlog.Log
	line   []byte // that is not whole yet
	rest   []byte
}

// Write implements [io.Writer].
func (t *told) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		end := bytes.IndexByte(rest, '\n') + 1
		if end == 0 {
			t.line = append(t.line, rest...)
			break
		}
		t.line = append(t.line, rest[:end]...)
		rest = rest[end:]
		if event, ok := bytes.CutPrefix(t.line, []byte(eventMark)); ok && t.events != nil {
			t.events.Lines(event)
		} else {
			t.rest = append(t.rest, t.line...)
		}
		t.line = t.line[:0]
	}
	return len(p), nil
}
