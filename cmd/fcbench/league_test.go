package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/internal/rounds"
	"github.com/fcbench/fcbench/results"
)

// cellsOf are those of the first Markdown table in a text whose first column is called
// pipeline, by row and column.
func cellsOf(text string) map[string]map[string]string {
	cells := map[string]map[string]string{}
	var heads []string
	for line := range strings.Lines(text) {
		var row []string
		for cell := range strings.SplitSeq(strings.Trim(strings.TrimSpace(line), "|"), "|") {
			row = append(row, strings.TrimSpace(cell))
		}
		switch {
		case row[0] == "pipeline" && heads != nil:
			return cells
		case row[0] == "pipeline":
			heads = row
		case heads != nil && len(row) == len(heads):
			cells[row[0]] = map[string]string{}
			for i, cell := range row {
				cells[row[0]][heads[i]] = cell
			}
		}
	}
	return cells
}

// leagueRuns are those of a league in virtual time with these subjects and workloads,
// by workload and then by subject.
func leagueRuns(t *testing.T, only ...string) map[string]map[string]*results.Run {
	t.Helper()
	file := filepath.Join(t.TempDir(), "league.jsonl")
	var out, complaints bytes.Buffer
	args := []string{"run", "-q", "overload", "--virtual", "--on-invalid=warn", "--only", strings.Join(only, ","), "-o", file}
	if code := Main(t.Context(), args, strings.NewReader(""), &out, &complaints); code != exitPass {
		t.Fatalf("%v ended with %d: %s", args, code, complaints.String())
	}
	runs := runsIn(t, file)
	found := map[string]map[string]*results.Run{}
	for i := range runs {
		l := runs[i].League
		if found[l.Scenario] == nil {
			found[l.Scenario] = map[string]*results.Run{}
		}
		found[l.Scenario][l.Strategy] = &runs[i]
	}
	return found
}

// runsIn are those that a file has.
func runsIn(t *testing.T, file string) []results.Run {
	t.Helper()
	written, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer written.Close()
	runs, err := results.ReadRuns(written, file)
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

// TestSlackIsNearlyTheOracle: who is told nothing keeps 0.97 of what the oracle does
// under every overload, nearly all of what is possible under sustained ones, recovers
// within 2 s, and drops nothing when it is quiet.
func TestSlackIsNearlyTheOracle(t *testing.T) {
	t.Parallel()
	workloads := []string{
		"S7", "S13", "S15", "S8", "R10", "R2", "R3", "S6-0.5s", "S10", "S9", "S4",
		"R1.5", "R5", "S1", "S2", "S3", "S5", "S6-2s", "S6-10s", "S6-40s", "S11", "S12",
	}
	workloads = workloads[:rounds.Of(rounds.Of(len(workloads)))] // make test has them all without the race detector
	for workload, runs := range leagueRuns(t, append(workloads, "slack", "static-oracle")...) {
		slack, oracle := runs["slack"], runs["static-oracle"]
		if kept := *slack.GoodputPerS / *oracle.GoodputPerS; kept < 0.97 {
			t.Errorf("under %s it keeps %.3f of the oracle's goodput; want 0.97", workload, kept)
		}
		if l := slack.League; strings.HasPrefix(workload, "R") && workload != "R1.5" && *l.Retention < 0.99 {
			t.Errorf("under %s it keeps %.3f of what is possible; want 0.99", workload, *l.Retention)
		}
		if l := slack.League; l.OverloadEndNS != nil && (l.RecoveryNS == nil || *l.RecoveryNS > 2e9) {
			t.Errorf("after %s it has recovered after %v; want 2 s at most", workload, l.RecoveryNS)
		}
		if workload == "S13" && slack.Outcomes["ok"] != slack.Offered {
			t.Errorf("when it is quiet %d of %d are served; want all", slack.Outcomes["ok"], slack.Offered)
		}
	}
}

// TestLeagueRefusesPatience: an slo above ten mean services is refused, with both
// figures and its place, for whichever pipeline and workload, and so is none; ten are not.
func TestLeagueRefusesPatience(t *testing.T) {
	const file = `name: long
slo: %s
workload: {arrivals: 'poisson:10/s', keys: 'uniform:10'}
duration: 1s
workloads: {a: {}, b: {set: {pipeline.service: '%s'}}}
subjects: [{pipeline: {kind: block}}, {pipeline: {kind: codel, then: [{service: 'constant:5ms'}]}}]
`
	for _, c := range []struct{ slo, service, want string }{
		{"100ms", "constant:10ms", ""},
		{"0s", "constant:4ms", "file.yaml:2:6: slo is 0s in a league; want more, and at most 40ms, which is ten times the mean service of block, 4ms"},
		{"101ms", "constant:20ms", "file.yaml:2:6: slo is 101ms in a league; want at most 100ms, which is ten times the mean service of block, 10ms"},
		{"100ms", "constant:4ms", "file.yaml:2:6: slo is 100ms in a league; want at most 90ms, which is ten times the mean service of codel, 9ms"},
	} {
		path := filepath.Join(t.TempDir(), "file.yaml")
		if err := os.WriteFile(path, fmt.Appendf(nil, file, c.slo, c.service), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, complaints bytes.Buffer
		code := Main(t.Context(), []string{"run", "--virtual", "--dry-run", path}, strings.NewReader(""), &out, &complaints)
		if refused := c.want != ""; refused != (code != exitPass) || !strings.Contains(complaints.String(), c.want) {
			t.Errorf("an slo of %s ended with %d: %s; want %q", c.slo, code, complaints.String(), c.want)
		}
	}
}

// TestLeagueHasOneDigest: what a league finds in virtual time is the same again, on one
// core and on two; that the race detector makes no difference, TestGoldenResults of
// pipelines/sim tells. make long tries ten times.
func TestLeagueHasOneDigest(t *testing.T) {
	subjects := []string{"slack", "fq-codel", "drop-oldest", "codel"}
	subjects = subjects[:rounds.Of(len(subjects))]
	only := append([]string{"S4", "S8"}[:rounds.Of(2)], subjects...)
	first := map[string]string{}
	for i := range max(2, rounds.Of(rounds.Of(10))) {
		before := runtime.GOMAXPROCS(1 + i%2)
		all := leagueRuns(t, only...)
		runtime.GOMAXPROCS(before)
		for workload, runs := range all {
			for name, run := range runs {
				place := workload + " " + name
				if i == 0 {
					first[place] = run.ResultDigest
				}
				if run.ResultDigest == "" || run.ResultDigest != first[place] {
					t.Errorf("%s has %q on %d cores; want the %q that it had on 1", place, run.ResultDigest, 1+i%2, first[place])
				}
			}
		}
	}
}

// TestNoneStaysBroken: without back-pressure a retry storm goes on when its trigger is
// gone, or the scenario is too kind.
func TestNoneStaysBroken(t *testing.T) {
	t.Parallel()
	l := leagueRuns(t, "none", "S8")["S8"]["none"].League
	if l.OverloadEndNS == nil || l.RecoveryNS != nil {
		t.Errorf("the league says %+v; want an end of the overload, and no recovery", l)
	}
}

// TestLeagueOfTheDocs: the docs have what runs in virtual time find, on this machine too.
func TestLeagueOfTheDocs(t *testing.T) {
	t.Parallel()
	docs, err := os.ReadFile("../../docs/pipelines.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := cellsOf(string(docs))
	for _, c := range []struct {
		only, column string
		names        []string
	}{
		{"R2,codel,drop-newest,expire-reserve", "R2", []string{"codel", "drop-newest", "expire-reserve"}},
		{"S2,S3,S4,S7,S8,S9,fq-codel", "recovery", []string{"fq-codel"}}, // all that tell of one
	}[:rounds.Of(2)] {
		file := filepath.Join(t.TempDir(), "league.md")
		var out, complaints bytes.Buffer
		args := []string{"run", "-q", "overload", "--virtual", "--on-invalid=warn", "--only", c.only, "-o", "league=" + file}
		if code := Main(t.Context(), args, strings.NewReader(""), &out, &complaints); code != exitPass {
			t.Fatalf("%v ended with %d: %s", args, code, complaints.String())
		}
		found, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		measured := cellsOf(string(found))
		for _, name := range c.names {
			want := measured[name][c.column]
			if got := documented[name][c.column]; want == "" || got != want {
				t.Errorf("the docs say that %s has %q of %s; want what was measured, %q", name, got, c.column, want)
			}
		}
	}
}
