package report

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/fcbench/fcbench/results"
)

// JSONL writes the result file: one run per line.
func JSONL(w io.Writer, runs []results.Run, _ Options) error {
	for i := range runs {
		if err := results.WriteRun(w, &runs[i]); err != nil {
			return err
		}
	}
	return nil
}

// JSON writes the same runs as one indented array, for tools that want a document.
func JSON(w io.Writer, runs []results.Run, _ Options) error {
	lines := make([]json.RawMessage, len(runs))
	for i := range runs {
		var line bytes.Buffer
		if err := results.WriteRun(&line, &runs[i]); err != nil {
			return err
		}
		lines[i] = line.Bytes()
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(lines)
}
