package results

import (
	"bytes"
	"errors"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// written returns runs as a result file.
func written(t testing.TB, runs ...*Run) string {
	t.Helper()
	var file bytes.Buffer
	for _, run := range runs {
		if err := WriteRun(&file, run); err != nil {
			t.Fatal(err)
		}
	}
	return file.String()
}

func TestRunsComeBackAsTheyWere(t *testing.T) {
	a, b := fullRun(t), fullRun(t)
	b.Trial, b.Causes = "token-bucket", map[string]uint64{"failed: <dial> & \"wait\"": 2}
	file := written(t, a, b)
	if strings.Count(file, "\n") != 2 || !strings.Contains(file, "<dial> &") {
		t.Error("want two lines, with < and & as they are")
	}
	got, err := ReadRuns(iotest.OneByteReader(strings.NewReader(file)), "r.jsonl")
	if err != nil || !reflect.DeepEqual(got, []Run{*a, *b}) {
		t.Errorf("what came back is not what was written (%v)", err)
	}
}

func TestWriteRunLeavesNoNulls(t *testing.T) {
	if file := written(t, &Run{StartedAt: time.Unix(0, 0)}); strings.Contains(file, "null") || !strings.Contains(file, `"verdict":"suspect","reasons":["not judged"]`) {
		t.Errorf("an empty run is %s", file)
	}
}

func TestWriteRunNamesTheRunThatCannotBeWritten(t *testing.T) {
	err := WriteRun(new(bytes.Buffer), &Run{Trial: "gcra", Repeat: 2, OfferedPerS: math.NaN()})
	if err == nil || !strings.HasPrefix(err.Error(), "run gcra, repeat 2: ") {
		t.Errorf("error is %v", err)
	}
}

// countingWriter refuses to write, and counts the calls.
type countingWriter int

var errFull = errors.New("disk full")

func (w *countingWriter) Write([]byte) (int, error) { *w++; return 0, errFull }

func TestWriteRunWritesOnce(t *testing.T) {
	var w countingWriter
	if err := WriteRun(&w, fullRun(t)); !errors.Is(err, errFull) || w != 1 {
		t.Errorf("%d writes, error %v; want 1 and the writer's error", w, err)
	}
}

func TestReadRunsSaysWhereAndWhat(t *testing.T) {
	whole := written(t, fullRun(t))
	for _, tt := range []struct {
		name, file, want string
		runs             int
		cutOff           bool
	}{
		{"empty", "", "", 0, false},
		{"blank lines", "\n" + whole + "\r\n\n", "", 1, false},
		{"no newline at the end", strings.TrimSpace(whole), "", 1, false},
		{"newer schema", whole + strings.Replace(whole, "run/v1", "run/v2", 1), `r.jsonl:2: schema is "fcbench.run/v2"; want fcbench.run/v1`, 1, false},
		{"no schema", `{"a":1}`, `r.jsonl:1: line has no schema; want fcbench.run/v1`, 0, false},
		{"byte order mark", "\xef\xbb\xbf" + whole, "", 1, false},
		{"no JSON", whole + "\nhello\n" + whole, "r.jsonl:3: line is no run: invalid character 'h'", 1, false},
		{"no object", "7\n", "r.jsonl:1: line is no run", 0, false},
		{"wrong type", strings.Replace(whole, `"offered":5000`, `"offered":-1`, 1), "r.jsonl:1: line is no run: json: cannot unmarshal number -1", 0, false},
		{"cut off", whole + whole[:len(whole)/2], "r.jsonl:2: the last line is cut off; want a whole run", 1, true},
		{"cut off at the last byte", whole + whole[:len(whole)-2], "r.jsonl:2: the last line is cut off", 1, true},
		{"cut off but ended", whole[:len(whole)/2] + "\n", "r.jsonl:1: line is no run", 0, false},
		{"broken before the end", whole + `{"schema":!`, "r.jsonl:2: line is no run: invalid character '!'", 1, false},
	} {
		runs, err := ReadRuns(strings.NewReader(tt.file), "r.jsonl")
		if len(runs) != tt.runs || (err == nil) != (tt.want == "") || errors.Is(err, ErrCutOff) != tt.cutOff || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %d runs, error %v; want %d and %q", tt.name, len(runs), err, tt.runs, tt.want)
		}
	}
}

// TestReadRunsSaysWhatAFileIs: the formats for other tools are no result files.
func TestReadRunsSaysWhatAFileIs(t *testing.T) {
	for file, want := range map[string]string{
		"[\n  {\n    \"schema\": \"fcbench.run/v1\"": "a JSON array, such as the json format, for other tools; want the result file that run -o FILE writes",
		"[]":                                      "a JSON array",
		"\n {\n  \"pairs\": []\n}":                "a JSON document over several lines; want the result file",
		"scenario,trial,repeat\n":                 "the csv format",
		"Unit ns/op better=lower\n":               "the gobench format",
		"#[fcbench: values in ns]\n":              "the hlog format",
		"#[s gcra, response.ok, n=1, ms]\n Value": "the hgrm format",
		"### burst\n":                             "the markdown format",
		"\x1f\x8b\x08\x00\x00":                    "compressed with gzip; want it unpacked: gunzip",
		"\x28\xb5\x2f\xfd\x04":                    "compressed with zstd",
		"\xfd7zXZ\x00\x00":                        "compressed with xz",
		"BZh91AY":                                 "compressed with bzip2",
		"PK\x03\x04":                              "a zip archive",
		"\xff\xfe{\x00\"\x00":                     "UTF-16",
		"\x7fELF\x00\x00":                         "binary",
		"name: burst\nworkload:\n":                "a scenario; want what fcbench run makes of it",
		"<!doctype html>":                         "a page",
	} {
		runs, err := ReadRuns(strings.NewReader(file), "r.json")
		if len(runs) > 0 || err == nil || !strings.HasPrefix(err.Error(), "r.json: file is ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %d runs, error %v; want one that says %q", file, len(runs), err, want)
		}
	}
}

func TestReadRunsTakesLongLines(t *testing.T) {
	run := fullRun(t)
	run.Warnings = []string{strings.Repeat("w", 3<<20)}
	got, err := ReadRuns(strings.NewReader(written(t, run, run)), "r.jsonl")
	if err != nil || len(got) != 2 || len(got[1].Warnings[0]) != 3<<20 {
		t.Errorf("%d runs, %v", len(got), err)
	}
}

func TestReadRunsKeepsWhatWasReadBeforeAnError(t *testing.T) {
	broken := iotest.ErrReader(errFull)
	whole := strings.NewReader(written(t, fullRun(t)))
	runs, err := ReadRuns(io.MultiReader(whole, broken), "r.jsonl")
	if len(runs) != 1 || !errors.Is(err, errFull) || !strings.HasPrefix(err.Error(), "r.jsonl:2: ") {
		t.Errorf("%d runs, %v", len(runs), err)
	}
}

func FuzzReadRuns(f *testing.F) {
	f.Add([]byte(`{"schema":"fcbench.run/v1","trial":"a"}` + "\n" + `{"schema":"fcbench.run/v1","outcomes":{"ok":1}}`))
	f.Add([]byte("{\"schema\":\"fcbench.run/v1\",\"latency\":{\"response\":{\"ok\":null},\"send_delay\":{\"ok\":null,\"shed\":{\"hdr\":\"AA==\"}}}}\n{"))
	f.Add([]byte("\n\r\n\x00"))
	f.Fuzz(func(t *testing.T, file []byte) {
		runs, _ := ReadRuns(bytes.NewReader(file), "f")
		for i := range runs {
			var line bytes.Buffer
			if err := WriteRun(&line, &runs[i]); err != nil {
				t.Fatalf("a run that was read cannot be written: %v", err)
			}
			again, err := ReadRuns(&line, "f")
			if err != nil || len(again) != 1 {
				t.Fatalf("a run that was written cannot be read: %v", err)
			}
			for _, e := range catalogue {
				_, _ = e.get(&runs[i])
			}
			Assess(&runs[i], Evidence{Model: "open"})
		}
	})
}
