package report_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/report"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares got with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	gotLines, wantLines := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(gotLines), len(wantLines)) {
		if i >= len(gotLines) || i >= len(wantLines) || gotLines[i] != wantLines[i] {
			t.Errorf("%s differs from line %d; run go test -update and look at the change. got:\n%s", path, i+1, got)
			return
		}
	}
}

func write(t *testing.T, format string, runs []results.Run, o report.Options) []byte {
	t.Helper()
	for _, f := range report.Formats() {
		if f.Name == format {
			var out bytes.Buffer
			if err := f.Write(&out, runs, o); err != nil {
				t.Fatal(err)
			}
			return out.Bytes()
		}
	}
	t.Fatalf("there is no format %s", format)
	return nil
}

func thresholds(t *testing.T, expressions ...string) []results.Threshold {
	t.Helper()
	var all []results.Threshold
	for _, e := range expressions {
		threshold, err := results.ParseThreshold(e)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, threshold)
	}
	return all
}

func TestComparisonOfLimiters(t *testing.T) {
	o := report.Options{Thresholds: thresholds(t, "accuracy.burst_excess <= 0", "outcomes.ok > 100", "response.failed.p99 < 5ms")}
	runs := comparison(t)
	table := write(t, "table", runs, o)
	golden(t, "limiters.txt", table)
	for line := range strings.Lines(string(table)) {
		if n := utf8.RuneCountInString(line) - 1; n > 120 {
			t.Errorf("line is %d columns wide; want at most 120: %s", n, line)
		}
		if strings.HasSuffix(line, " \n") {
			t.Errorf("line ends in blanks: %q", line)
		}
	}
	golden(t, "limiters.md", write(t, "markdown", runs, o))
	golden(t, "limiters.bench", write(t, "gobench", runs, o))
}

func TestNarrowASCII(t *testing.T) {
	got := write(t, "table", comparison(t), report.Options{ASCII: true, Width: 80})
	golden(t, "narrow.txt", got)
	for line := range strings.Lines(string(got)) {
		for _, r := range line {
			if r > 127 {
				t.Errorf("line has %q; want ASCII alone: %s", r, line)
				break
			}
		}
	}
}

func TestColorMarksVerdicts(t *testing.T) {
	runs := comparison(t)
	plain := write(t, "table", runs, report.Options{})
	colored := write(t, "table", runs, report.Options{Color: true})
	if bytes.Contains(plain, []byte("\x1b")) {
		t.Error("a table has colour without being asked for it")
	}
	for _, want := range []string{"\x1b[31m✗ 2\x1b[0m", "\x1b[33m? 1\x1b[0m", "\x1b[32m✓\x1b[0m"} {
		if !bytes.Contains(colored, []byte(want)) {
			t.Errorf("the coloured table lacks %q", want)
		}
	}
}

// service is one subject behind a socket, simulated, cut short and overloaded,
// in a closed loop with an slo.
func service(t *testing.T) []results.Run {
	runs := runs(t, subject{name: "gateway|a\nb", admit: 90, took: 4_100_000}, 1)
	r := &runs[0]
	r.Accuracy, r.Cost.Saturated = nil, nil
	r.Simulated, r.Partial = true, true
	r.Subject = json.RawMessage(`{"kind":"http","url":"http://127.0.0.1/"}`)
	r.Load = json.RawMessage(`{"model":"closed","max_in_flight":4096,"clients":30,"think":"100ms"}`)
	r.Protocol = json.RawMessage(`{"repeats":3,"slo":"5ms"}`)
	r.Workload = json.RawMessage(`{"streams":[{"name":"quiet","keys":{"kind":"uniform","n":"10"}},{"name":"noisy"}]}`)
	r.Causes["timed_out: timeout"] = 25
	r.MeasuredNS += 7
	r.Environment = nil
	r.GoodputPerS = 179.14
	r.Outcomes["timed_out"], r.Outcomes["ok"] = 25, r.Outcomes["ok"]-25
	return runs
}

func TestService(t *testing.T) {
	runs := service(t)
	o := report.Options{Thresholds: thresholds(t, "goodput > 100/s", "response.ok.p99 < 5ms")}
	golden(t, "service.txt", write(t, "table", runs, o))
	golden(t, "service.md", write(t, "markdown", runs, o))
	golden(t, "service.csv", write(t, "csv", runs, o))
	golden(t, "service.hgrm", write(t, "hgrm", runs, report.Options{Histogram: "response.ok"}))
}

func TestScenariosApart(t *testing.T) {
	first := runs(t, subject{name: "gcra", inProcess: true, admit: 50, took: 80}, 1)
	second := runs(t, subject{name: "gcra", inProcess: true, admit: 50, took: 80}, 1)
	second[0].Schedule.Digest = "00000000000000000000000000000000"
	got := string(write(t, "table", append(first, second...), report.Options{}))
	if n := strings.Count(got, "In process."); n != 2 {
		t.Errorf("two schedules share %d tables; want one each:\n%s", n, got)
	}
}
