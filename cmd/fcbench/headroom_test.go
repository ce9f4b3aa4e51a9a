package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/fcbench/fcbench/internal/capacity"
	"github.com/fcbench/fcbench/internal/headroom"
)

// TestHeadroomPage does what the page on headroom says, and holds what comes out against
// it: no line is wider than 80 columns.
func TestHeadroomPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/headroom.md")
	if err != nil {
		t.Fatal(err)
	}
	script, commands, outputs := scriptOf(t, string(page))
	if commands != 3 || outputs != 3 {
		t.Errorf("the page has %d commands and %d outputs; want 3 of each, or it is not read right", commands, outputs)
	}
	path := filepath.Join(t.TempDir(), "page.txt")
	if err := os.WriteFile(path, []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	runScriptFiles(t, []string{path})
}

var fenced = regexp.MustCompile("(?ms)^```(\\w+) ?([\\w.]*)\n(.*?)^```$")

// scriptOf is a page as a script: its files, and its commands with what they print.
func scriptOf(t *testing.T, page string) (script string, commands, outputs int) {
	t.Helper()
	var files strings.Builder
	for _, b := range fenced.FindAllStringSubmatch(page, -1) {
		language, name, text := b[1], b[2], b[3]
		switch {
		case name != "":
			fmt.Fprintf(&files, "-- %s --\n%s", name, text)
		case language == "sh":
			command, code, ends := strings.Cut(strings.TrimSpace(text), " # ends with ")
			if !ends {
				code = "0"
			}
			script += fmt.Sprintf("exits %s %s\n", code, command)
			commands++
		case language == "output":
			outputs++
			script += fmt.Sprintf("cmp stdout output%d\n", outputs)
			fmt.Fprintf(&files, "-- output%d --\n%s", outputs, text)
			for line := range strings.Lines(text) {
				if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 80 {
					t.Errorf("line is %d columns wide; want at most 80: %s", n, line)
				}
			}
		}
	}
	return script + files.String(), commands, outputs
}

// TestHeadroomAllTheSame: an interval that was not narrow enough can be gone by, by hand.
func TestHeadroomAllTheSame(t *testing.T) {
	found := capacity.Answer{Estimate: capacity.Estimate{Value: 77, Low: 74.25, High: 80.5}}
	flag, _, _ := strings.Cut(strings.TrimPrefix(allTheSame(found), " "), " ")
	if i, err := intervalOf(flag); err != nil || i != (headroom.Interval{Low: 74.25, High: 80.5}) {
		t.Errorf("%q is %v, %v", flag, i, err)
	}
	if got := allTheSame(capacity.Answer{}); got != "" {
		t.Errorf("of nothing it is %q", got)
	}
}

// TestHeadroomOfPrometheus: what a server says is the traffic, or it is said what is wrong.
func TestHeadroomOfPrometheus(t *testing.T) {
	matrix := func(result, more string) string {
		return `{"status":"success","data":{"resultType":"matrix","result":[` + result + `]}` + more + `}`
	}
	two := `{"metric":{"job":"a"},"values":[[1772323200,"4000"],[1772323260,"5000"],[1772323380,"4500"]]}`
	for _, tt := range []struct {
		name string
		body string
		code int
		out  string // patterns
		err  string
	}{
		{"traffic", matrix(two, ""), 0, `(?s)peak 5000/s, the highest of 3 intervals of 1m\n           at 2026-03-01T00:01:00Z; .*2 intervals are missing.*headroom   1.08 times`, `^$`},
		{"a warning", matrix(two, `,"warnings":["a store was down"]`), exitInvalid, `warning: a store was down`, `traffic is not all there is: a store was down`},
		{"a note", matrix(two, `,"infos":["no counter"]`), 0, `note: no counter`, `^$`},
		{"several series", matrix(two+`,{"metric":{"job":"b"},"values":[]}`, ""), exitUsage, `^$`, `the query finds 2 series: \{job="a"\}, \{job="b"\}; want one, as by sum`},
		{"many series", matrix(two+strings.Repeat(`,{"metric":{"job":"b"},"values":[]}`, 9), ""), exitUsage, `^$`, `finds 10 series: .*, 5 more; want one`},
		{"no series", matrix("", ""), exitNoData, `^$`, `the query finds no series: there is no traffic`},
		{"no samples", matrix(`{"metric":{"job":"a"},"values":[]}`, ""), exitNoData, `^$`, `\{job="a"\} has no samples: there is no traffic`},
		{"one sample", matrix(`{"metric":{},"values":[[1,"5"]]}`, ""), exitUsage, `^$`, `there is 1 interval; want 2`},
		{"no numbers", matrix(`{"metric":{},"values":[[1,"5"],[2,"NaN"],[3,"-1"]]}`, ""), exitUsage, `^$`, `(?s)at 1970-01-01T00:00:02Z the rate is NaN; want .*at 1970-01-01T00:00:03Z the rate is -1`},
		{"a query that is none", `{"status":"error","errorType":"bad_data","error":"parse error"}`, exitUsage, `^$`, `"parse error" \(bad_data, 200 OK\)`},
		{"a server that cannot", `{"status":"error","errorType":"timeout","error":"too slow"}`, exitError, `^$`, `"too slow" \(timeout`},
		{"something else", `<html>`, exitError, `^$`, `it answers "<html>"; want what a Prometheus answers`},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, tt.body) }))
		var out, complaints bytes.Buffer
		args := []string{"headroom", "--capacity", "5400/s", "--prometheus", server.URL, "--query", "q", "--until", "2026-03-01T00:04:00Z", "--last", "4m"}
		code := Main(t.Context(), args, strings.NewReader(""), &out, &complaints)
		if code != tt.code || !regexp.MustCompile(tt.out).MatchString(out.String()) || !regexp.MustCompile(tt.err).MatchString(complaints.String()) {
			t.Errorf("%s: ended with %d; want %d:\n%s%s", tt.name, code, tt.code, out.String(), complaints.String())
		}
		if tt.code == exitInvalid {
			if code := Main(t.Context(), append(args, "--on-invalid=warn"), strings.NewReader(""), &out, &complaints); code != exitPass {
				t.Errorf("%s: with --on-invalid=warn ended with %d; want 0", tt.name, code)
			}
		}
		server.Close()
	}
}
