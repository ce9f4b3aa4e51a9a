package eventlog

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/runner"
	"github.com/fcbench/fcbench/results"
)

var (
	odd = runner.Attempt{
		Intended: 1500 * time.Millisecond, Released: 1500001 * time.Microsecond, Due: 2 * time.Second, Called: 2 * time.Second, Returned: 2100 * time.Millisecond,
		Key: "a,\"b\"\n\\é\u2028<", Cost: 3, Class: 1, Number: 2, Outcome: results.Rejected, Cause: "429", RetryAfter: time.Second, Measured: true,
	}
	of = Run{Trial: "x,y", Repeat: 4, Warmup: time.Second, Classes: []string{"a", "b b"}}
)

// write returns what a log of attempts holds.
func write(t *testing.T, f Format, all ...runner.Attempt) []byte {
	t.Helper()
	var out bytes.Buffer
	l := New(&out, f)
	w := l.Of(of)
	for i := range all {
		w.See(&all[i])
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestLinesReadBack: whatever a key holds, in both forms, compressed or not.
func TestLinesReadBack(t *testing.T) {
	want := []string{"500000000", "500001000", "x,y", "4", odd.Key, "3", "b b", "2", "rejected", "429", "1000000000", "600000000", "100000000"}
	rows, err := csv.NewReader(bytes.NewReader(write(t, Format{CSV: true}, odd))).ReadAll()
	if err != nil || len(rows) != 2 || !slices.Equal(rows[1], want) {
		t.Errorf("CSV reads back as %q, %v; want %q", rows, err, want)
	}
	unzip, err := gzip.NewReader(bytes.NewReader(write(t, Format{Gzip: true}, odd)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(unzip)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var line map[string]any
	if err := d.Decode(&line); err != nil {
		t.Fatal(err)
	}
	for i, name := range strings.Split(strings.TrimSpace(header), ",") {
		if got := fmt.Sprint(line[name]); got != want[i] {
			t.Errorf("%s reads back as %q; want %q", name, got, want[i])
		}
	}
}

// TestSchemaHasEveryColumn of the log, in its order, and no other.
func TestSchemaHasEveryColumn(t *testing.T) {
	text, err := os.ReadFile("../../docs/events.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Required   []string
		Properties map[string]any
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	columns := strings.Split(strings.TrimSpace(header), ",")
	if !slices.Equal(schema.Required, columns) || len(schema.Properties) != len(columns) {
		t.Errorf("the schema has %v, of %d; want %v", schema.Required, len(schema.Properties), columns)
	}
}

// TestWhatIsNotInTheLog: the warm-up, and that something was lost.
func TestWhatIsNotInTheLog(t *testing.T) {
	warm := odd
	warm.Measured = false
	if got := write(t, Format{}, warm, runner.Attempt{Key: "k", Lost: true}); len(got) > 0 {
		t.Errorf("the log holds %s", got)
	}
}

// TestMarkedLines are those of the log behind a mark, without names.
func TestMarkedLines(t *testing.T) {
	var marked, whole bytes.Buffer
	child, parent := Marked(&marked, Format{CSV: true, Gzip: true}, "e "), New(&whole, Format{CSV: true})
	child.Of(of).See(&odd)
	if err := child.Close(); err != nil {
		t.Fatal(err)
	}
	line, ok := bytes.CutPrefix(marked.Bytes(), []byte("e "))
	parent.Lines(line)
	if err := parent.Close(); err != nil || !ok || !bytes.Equal(whole.Bytes(), write(t, Format{CSV: true}, odd)) {
		t.Errorf("%v: handed on it is %s", err, whole.Bytes())
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// TestFullDisk is told once, at the end, and stops nobody.
func TestFullDisk(t *testing.T) {
	l := New(full{}, Format{})
	w := l.Of(of)
	for range 20_000 {
		w.See(&odd)
	}
	if err := l.Close(); err == nil || !strings.Contains(err.Error(), "event log: no space left") {
		t.Errorf("Close returned %v", err)
	}
}

func TestFormatOf(t *testing.T) {
	for path, want := range map[string]Format{"a.jsonl": {}, "a.csv": {CSV: true}, "x/a.b.csv.gz": {CSV: true, Gzip: true}, "a.jsonl.gz": {Gzip: true}} {
		if got, err := FormatOf(path); err != nil || got != want {
			t.Errorf("%s is %+v, %v; want %+v", path, got, err, want)
		}
	}
	for _, path := range []string{"", "a", "a.json", "a.gz", "csv", "a.csv.zip"} {
		if _, err := FormatOf(path); err == nil {
			t.Errorf("%s is accepted", path)
		}
	}
}

func TestEventsAllocateNothing(t *testing.T) {
	plain := odd
	plain.Key = "k17"
	for _, f := range []Format{{}, {CSV: true}} {
		w := New(io.Discard, f).Of(of)
		w.See(&plain)
		if n := testing.AllocsPerRun(1000, func() { w.See(&plain) }); n != 0 {
			t.Errorf("%+v: an event allocates %v times; want 0", f, n)
		}
	}
}
