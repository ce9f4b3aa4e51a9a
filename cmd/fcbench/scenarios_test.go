package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/fcbench/fcbench/internal/redistest"
	"github.com/fcbench/fcbench/internal/rounds"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results/report"
	"github.com/fcbench/fcbench/scenarios"
)

// shown says how each scenario that comes with fcbench is run in a moment, and
// what its tables must have, in the words of a regular expression, so that the
// answer to its question is on the screen.
func shown() map[string]struct{ flags, want []string } {
	type run = struct{ flags, want []string }
	virtual := []string{"--virtual"}
	return map[string]run{
		"api-gateway": {virtual, []string{
			`(?m)^subject .* error excess`, `(?m)^gcra .* 39 +20\+20 `, `(?m)^fixed-window .* 34 +20 +-\d`, `(?m)^sliding-window-log .* 20 +20 +-\d`,
			`(?m)^class +subject +offered`, `(?m)^bursts +sliding-window-log +\d`,
		}},
		"channels": {virtual, []string{
			`(?m)^unbuffered +3,600 .* 1\.99 s`, `(?m)^buffered-5 +3,600 .* 1\.99 s`, `(?m)^buffered-10 +3,600 .* 1\.99 s`,
			`(?m)^drop +2,610 +0 +990 .* 435 +100\.3% +0% .* 24\.0 ms`, `(?m)^semaphore +2,600 +1,000 .* 433 +0 +0 +2 +0 `,
		}},
		"classes":          {virtual, []string{`(?m)^interactive +together +615 +\d+ +[1-9]\d* +\d`, `(?m)^interactive +apart +615 +615 +0 +100`}},
		"compare-limiters": {[]string{"-d", "100ms", "--repeats", "1"}, []string{`false `, `saturated`, `(?m)^gcra .* [nµm]s `, `(?m)^redis-gcra .* [µm]s`}},
		"edge-sweep":       {virtual, []string{`(?m)^fixed-window .* 9\d(\.\d)? +✓`}},
		"exact-limit":      {virtual, []string{`(?m)^pairs +gcra +40 +21 +19`, `(?m)^steady +naive-lazy-bucket +21 +12 +9`}},
		"flash-sale":       {virtual, []string{`(?m)^redis-gcra +1,000 +1,625 .* 0 +✓`, `(?m)^fixed-window +1,000 +1,625 `}},
		"gateway-local":    {[]string{"-d", "200ms"}, []string{`(?m)^gateway +\d+ +[1-9]\d* .* \d+ +0 `, `(?m)^limiter +\d+ +[1-9]`, `429`, `✓ accuracy.burst_excess <= 0`}},
		"gateway-redis":    {[]string{"-d", "200ms"}, []string{`(?m)^gateway +\d+ +[1-9]\d* .* \d+ +0 `, `(?m)^script +\d+ +[1-9]`, `429`, `✓ accuracy.burst_excess <= 0`}},
		"gateways":         {virtual, []string{`(?m)^leased .* [12]\d(\.\d)? +✓`, `(?m)^split .* 0 +✓`}},
		"hot-key":          {[]string{"-d", "100ms"}, []string{`\d keys came, the busiest \d`, `(?m)^gcra .* [nµm]s `, `(?m)^redis-sliding-window-log .* [µm]s`}},
		"ladder":           {virtual, []string{`(?m)^signal .* [0-2]\.\d% `, `(?m)^dynamic-rate .* 9\d\.\d% `}},
		"libraries":        {[]string{"-d", "100ms"}, []string{`(?m)^ulule +\d`, `(?m)^redis-rate +\d`, `burst`}},
		"noisy-neighbour":  {virtual, []string{`(?m)^quiet +fixed-window +244 +244 +0 +100`, `(?m)^noisy +gcra +5,000 +\d+ +4,\d\d\d`}},
		"overload": {[]string{"--virtual", "--only", "none,drop-newest,codel,R3,S1", "-d", "2s"}, []string{
			`goodput kept by 3 pipelines under 2 workloads`, `(?m)^codel +(9\d|10\d)\.\d% +(9\d|10\d)\.\d% `, `(?m)^none +\d\.\d% `,
		}},
		"overloaded-queue": {virtual, []string{`(?m)^delay +4,050 +0 +1,950 .* 50\.\d ms`, `(?m)^two-servers +6,000 +0 +0 .* 1\.00 ms`, `two-servers: service 1ms servers 2`}},
		"pressure":         {virtual, []string{`(?m)^literal-delay .* [1-4]\d\.\d% `, `(?m)^calibrated-delay .* [89]\d\.\d% `, `modelled`}},
		// How soon Redis decides again, TestScenarios of internal/experiment tells: it knows of busy machines.
		"redis-down": {[]string{"--set", "faults=[{at: 50ms, kind: kill, for: 100ms}]", "-d", "700ms", "--set", "thresholds=[]"}, []string{
			`(?m)^kill +50ms +fail-open`, `(?m)^kill +50ms +fail-closed`, `(?m)^kill +50ms +local`, `(?m)^kill +50ms +error`, `recovery`,
		}},
		"redis-failover": {[]string{"--set", "faults=[{at: 700ms, kind: failover, for: 200ms}]", "-d", "1500ms", "--only", "redis-gcra", "--set", "thresholds=[]"}, []string{
			`(?m) lost `, `(?m)^failover 700ms +redis-gcra +[1-9].* [1-9]\d*  +\d`, `redis-gcra is (SUSPECT|INVALID)`, `redis lost on purpose .*failover at 700ms`,
		}},
		"retry-herd":          {virtual, []string{`attempts`, `(?m)^gcra +\d+ +\d+ +1,\d\d\d`, `(?m)^fixed-window +\d+ +\d+ +[6-9]\d\d`}},
		"shape-or-police":     {virtual, []string{`(?m)^leaky-bucket-meter +384 +256`, `(?m)^leaky-bucket-queue +384 +256 .*\d ms`, `(?m)^uber +640 +0 .*\d ms`}},
		"slow-backend":        {virtual, []string{`most in`, `limit 10 at once`, `(?m)^concurrency +\d+ +[1-9]\d+ .*\d ms`}},
		"three-level-buffers": {virtual, []string{`flaps`, `(?m)^on-demand .* 46\.\d% .* 6\d\d +165\.\d%`, `(?m)^one-mark .* 74\.\d% .* 159 +126\.\d%`, `(?m)^hysteresis .* 74\.\d% .* 66\.8 +115\.\d%`}},
		"two-limits":          {virtual, []string{`(?m)^  both: 20/s burst 20 and 300/m burst 100$`, `(?m)^per-second +418 .* 20/s\+20 `, `(?m)^both +199 .* 300/m\+100 `}},
		"window-edge":         {virtual, []string{`(?m)^fixed-window +800 +0 .* 200 +100 .* 9\d(\.\d)? +✓`, `(?m)^gcra +400 +400 .* 100\+100 `}},
	}
}

// TestScenariosShowTheirAnswer of those that run in real time, at the usual width.
func TestScenariosShowTheirAnswer(t *testing.T) {
	for _, file := range scenarios.Names() {
		name := scenarioName(file)
		s, ok := shown()[name]
		if !ok {
			t.Errorf("%s has no entry in shown; say what its table must show", name)
		}
		if ok && s.flags[0] != "--virtual" {
			t.Run(name, func(t *testing.T) { answers(t, name, s.flags, s.want) })
		}
	}
}

// TestVirtualScenariosShowTheirAnswer, and without a line beyond a terminal of 80
// columns. Under the race detector one of four does; make test has all without, too.
func TestVirtualScenariosShowTheirAnswer(t *testing.T) {
	every := 4 / rounds.Of(4)
	for i, file := range scenarios.Names() {
		name := scenarioName(file)
		s := shown()[name]
		if len(s.flags) == 0 || s.flags[0] != "--virtual" || i%every != every/3 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "runs.jsonl")
			answers(t, name, slices.Concat(s.flags, []string{"-o", file}), s.want)
			for line := range strings.Lines(narrowly(t, name, file)) {
				if n := utf8.RuneCountInString(line) - 1; n > 80 {
					t.Errorf("line is %d columns wide; want at most 80: %s", n, line)
				}
			}
		})
	}
}

// answers fails where the table of a scenario lacks what it must show.
func answers(t *testing.T, name string, flags, wanted []string) {
	t.Helper()
	table := runTable(t, name, flags)
	for _, want := range wanted {
		if !regexp.MustCompile(want).MatchString(table) {
			t.Errorf("the table of %s lacks %q:\n%s", name, want, table)
		}
	}
}

// narrowly is the table of a scenario's runs, from the file that they were written to, as a
// terminal of 80 columns has it.
func narrowly(t *testing.T, name, file string) string {
	t.Helper()
	doc, err := strictyaml.Parse(name, scenarios.Read(name+scenarioSuffix))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	runs, options := runsIn(t, file), report.Options{Width: 80}
	if doc.Get("workloads") != nil {
		err = report.League(&out, runs, options)
	} else {
		var s *scenario.Scenario
		if s, err = scenario.New(doc, false); err == nil {
			options.Thresholds = s.Thresholds
			err = report.Table(&out, runs, options)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// runTable is what a run prints at the usual width.
func runTable(t *testing.T, name string, flags []string) string {
	t.Helper()
	t.Setenv("COLUMNS", "120")
	if src := scenarios.Read(name + scenarioSuffix); bytes.Contains(src, []byte("hooks:")) {
		name = served(t, src)
	}
	var out, complaints bytes.Buffer
	args := append([]string{"run", "-q", "--on-invalid=warn", name}, flags...)
	if code := Main(t.Context(), args, strings.NewReader(""), &out, &complaints); code != exitPass {
		t.Fatalf("%v ended with %d: %s", args, code, complaints.String())
	}
	return out.String()
}

// served is a file with a scenario whose own service is this program, on another port:
// several tests run it at a time.
func served(t *testing.T, src []byte) (file string) {
	t.Helper()
	program, err := exec.LookPath("fcbench") // which testscript put there
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("FCBENCH", program)
	file = filepath.Join(t.TempDir(), "scenario.yaml")
	src = regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAll(src, []byte("127.0.0.1:"+redistest.FreePort(t)))
	if err := os.WriteFile(file, src, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
