package report_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
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

// widths are those of terminals at which every table is looked at.
var widths = []int{60, 80, 100, 120, 200}

// goldenWidths compares the table of runs at each width with a golden file, and
// holds it to the width.
func goldenWidths(t *testing.T, name string, runs []results.Run, o report.Options) {
	t.Helper()
	for _, width := range widths {
		o.Width = width
		table := write(t, "table", runs, o)
		golden(t, fmt.Sprintf("%s.%d.txt", name, width), table)
		for line := range strings.Lines(string(table)) {
			if n := utf8.RuneCountInString(line) - 1; n > width {
				t.Errorf("line is %d columns wide; want at most %d: %s", n, width, line)
			}
			if strings.HasSuffix(line, " \n") {
				t.Errorf("line ends in blanks: %q", line)
			}
		}
	}
}

// TestEveryWidth: no width is too small to write in, and from 50 columns on no
// line is wider.
func TestEveryWidth(t *testing.T) {
	for name, all := range map[string][]results.Run{
		"limiters": comparison(t), "services": gateways(t), "faults": troubled(t), "stages": staged(t), "service": service(t),
	} {
		for width := 1; width <= 200; width += 13 {
			for line := range strings.Lines(string(write(t, "table", all, report.Options{Width: width}))) {
				if n := utf8.RuneCountInString(line) - 1; n > width && width >= 50 {
					t.Errorf("%s in %d columns: line is %d wide: %s", name, width, n, line)
				}
			}
		}
	}
}

func TestComparisonOfLimiters(t *testing.T) {
	o := report.Options{Thresholds: thresholds(t, "accuracy.burst_excess <= 0", "outcomes.ok > 100", "response.failed.p99 < 5ms")}
	runs := comparison(t)
	goldenWidths(t, "limiters", runs, o)
	if usual := write(t, "table", runs, o); !bytes.Equal(usual, write(t, "table", runs, report.Options{Width: 120, Thresholds: o.Thresholds})) {
		t.Errorf("without a width the table is not 120 columns wide:\n%s", usual)
	}
	golden(t, "limiters.md", write(t, "markdown", runs, o))
	golden(t, "limiters.bench", write(t, "gobench", runs, o))
}

func TestASCII(t *testing.T) {
	for line := range strings.Lines(string(write(t, "table", comparison(t), report.Options{ASCII: true, Width: 80}))) {
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

// sgr is what colours text.
var sgr = regexp.MustCompile("\x1b\\[[0-9;]*m")

// TestColorTakesNoRoom: without its colours a coloured table is the plain one, at
// every width.
func TestColorTakesNoRoom(t *testing.T) {
	var local []results.Run
	for _, r := range comparison(t) {
		if r.InProcess {
			local = append(local, r)
		}
	}
	for _, width := range widths {
		plain := write(t, "table", local, report.Options{Width: width})
		if colored := write(t, "table", local, report.Options{Width: width, Color: true}); !bytes.Equal(sgr.ReplaceAll(colored, nil), plain) {
			t.Errorf("in %d columns the coloured table is laid out otherwise:\n%s\nwant\n%s", width, colored, plain)
		}
	}
}

// TestFewSamplesAreFaint: a percentile beyond which fewer than ten samples lie is
// grey, or in brackets, and it is said what that means.
func TestFewSamplesAreFaint(t *testing.T) {
	all := runs(t, subject{name: "http", admit: 100, took: 80_000}, 1) // of 2,000 samples 20 lie beyond p99, 2 beyond p99.9
	has(t, all, true, "p99.9 (640 µs).", "(…): fewer than ten samples lie beyond that percentile")
	colored := string(write(t, "table", all, report.Options{Color: true}))
	if !strings.Contains(colored, "\x1b[2m640 µs\x1b[0m") || !strings.Contains(colored, "\x1b[2m…\x1b[0m: fewer than ten") || strings.Contains(colored, "(640") {
		t.Errorf("what may be chance is not grey:\n%s", colored)
	}
	local := runs(t, subject{name: "gcra", inProcess: true, admit: 100, took: 80_000}, 1)
	has(t, local, false, "fewer than ten")
}

// service is one subject behind a socket, simulated, cut short and overloaded,
// in a closed loop with an slo.
func service(t *testing.T) []results.Run {
	runs := runs(t, subject{name: "gateway|a\nb", admit: 90, took: 4_100_000}, 1)
	r := &runs[0]
	r.Accuracy, r.Cost.Saturated = nil, nil
	r.Simulated, r.Partial = true, true
	r.Subject = json.RawMessage(`{"kind":"http","scope":"service","url":"http://127.0.0.1/"}`)
	r.Load = as[results.Load](`{"model":"closed","max_in_flight":4096,"clients":30,"think":"100ms"}`)
	r.Protocol = as[results.Protocol](`{"repeats":3,"slo":"5ms"}`)
	r.Workload = json.RawMessage(`{"streams":[{"name":"quiet","keys":{"kind":"uniform","n":"10"}},{"name":"noisy"}]}`)
	r.Causes["timed_out: timeout"] = 25
	r.MeasuredNS += 7
	r.Environment = results.Environment{}
	*r.GoodputPerS = 179.14
	r.Outcomes["timed_out"], r.Outcomes["ok"] = 25, r.Outcomes["ok"]-25
	return runs
}

func TestService(t *testing.T) {
	runs := service(t)
	o := report.Options{Thresholds: thresholds(t, "goodput > 100/s", "response.ok.p99 < 5ms")}
	goldenWidths(t, "service", runs, o)
	golden(t, "service.md", write(t, "markdown", runs, o))
	golden(t, "service.csv", write(t, "csv", runs, o))
	golden(t, "service.hgrm", write(t, "hgrm", runs, report.Options{Histogram: "response.ok"}))
}

// gateways are two services of two classes of callers, one of which answers
// more slowly and in more ways, three times each.
func gateways(t *testing.T) []results.Run {
	t.Helper()
	all := append(
		runs(t, subject{name: "old", admit: 99, took: 4_100_000, jitter: 0.03}, 3),
		runs(t, subject{name: "new", admit: 90, took: 310_000, jitter: 0.07}, 3)...)
	for i := range all {
		r := &all[i]
		r.Accuracy = nil
		r.Subject = json.RawMessage(fmt.Sprintf(`{"kind":"http","scope":"service","method":"GET","url":"http://127.0.0.1:80%d/items?q=x"}`, i/3))
		r.Statuses = map[string]uint64{"200": r.Outcomes["ok"], "429": r.Outcomes["rejected"]}
		if r.Trial == "new" {
			r.Statuses["304"], r.Statuses["200"] = 120, r.Statuses["200"]-120
		}
		r.Workload = json.RawMessage(`{"streams":[{"name":"web","arrivals":{"kind":"poisson","rate":"150/s"}},{"name":"batch","arrivals":{"kind":"poisson","rate":"50/s"}}]}`)
		ok := r.Latency.Response["ok"]
		r.Classes = map[string]results.ClassInfo{
			"batch": {Offered: 500, Outcomes: map[string]uint64{"ok": 450, "rejected": 50}, Response: ok},
			"web":   {Offered: 1_500, Outcomes: map[string]uint64{"ok": 1_500 - uint64(i), "rejected": uint64(i)}, Response: ok},
		}
		if i == 0 {
			r.Subject = json.RawMessage(strings.TrimSuffix(string(r.Subject), "}") + `,"requests":[{"name":"search"},{"name":"buy"}]}`)
		}
		if r.Trial == "new" {
			r.Latency.Phases = map[string]*results.Latency{"connect": ok, "first_byte": ok}
		}
		r.Requests = map[string]results.ClassInfo{
			"buy":    {Offered: 200, Outcomes: map[string]uint64{"ok": 190, "failed": 10}, Response: ok},
			"search": {Offered: 1_800, Outcomes: map[string]uint64{"ok": 1_800}, Response: ok},
		}
	}
	return all
}

func TestServices(t *testing.T) {
	all := gateways(t)
	goldenWidths(t, "services", all, report.Options{})
	golden(t, "services.md", write(t, "markdown", all, report.Options{}))
	head, lines, _ := strings.Cut(string(write(t, "csv", all, report.Options{})), "\n")
	if !strings.Contains(head, ",statuses.200 (count),statuses.304 (count),statuses.429 (count),") || !strings.Contains(lines, ",1680,120,200,") {
		t.Errorf("the CSV lacks statuses:\n%s\n%s", head, lines)
	}
}

// TestStatusesAreFewColumns: the rare ones share a column.
func TestStatusesAreFewColumns(t *testing.T) {
	all := runs(t, subject{name: "http", admit: 90, took: 80_000}, 1)
	all[0].Accuracy = nil
	all[0].Statuses = map[string]uint64{"200": 1_700, "201": 90, "204": 10, "429": 150, "503": 50}
	has(t, all, true, "status  status  status   other", "1,700      90     150      60")
	all[0].Statuses = map[string]uint64{"200": 1_700, "201": 90, "429": 160, "503": 50}
	has(t, all, false, "other")
}

// staged is a service under a staircase, of which it keeps up with the first step.
func staged(t *testing.T) []results.Run {
	t.Helper()
	all := append(
		runs(t, subject{name: "http", admit: 100, took: 2_000_000}, 1),
		runs(t, subject{name: "gcra", inProcess: true, admit: 60, took: 70}, 1)...)
	for i := range all {
		r := &all[i]
		r.Workload = json.RawMessage(`{"arrivals":{"kind":"stages","stages":"3s@100/s,4s@200/s,4s@300/s"}}`)
		r.Protocol = as[results.Protocol](`{"warmup":"1s"}`)
		*r.Intervals[60].P99NS *= 7
		r.Intervals[61].Other, r.Intervals[61].OK = r.Intervals[61].OK, 0
	}
	return all
}

func TestStages(t *testing.T) {
	goldenWidths(t, "stages", staged(t), report.Options{})
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
