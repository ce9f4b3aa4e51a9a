package main

import (
	"bytes"
	"os"
	"path/filepath"
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
	written, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer written.Close()
	runs, err := results.ReadRuns(written, file)
	if err != nil {
		t.Fatal(err)
	}
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

// TestSlackIsNearlyTheOracle: who is told nothing keeps 0.97 of what the oracle does
// under every overload, nearly all of what is possible under sustained ones, recovers
// within 2 s, and drops nothing when it is quiet.
func TestSlackIsNearlyTheOracle(t *testing.T) {
	workloads := []string{
		"S7", "S13", "S15", "S8", "R10", "R2", "R3", "S6-0.5s", "S10", "S9", "S4",
		"R1.5", "R5", "S1", "S2", "S3", "S5", "S6-2s", "S6-10s", "S6-40s", "S11", "S12",
	}
	workloads = workloads[:rounds.Of(rounds.Of(len(workloads)))] // make long has them all
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

// TestNoneStaysBroken: without back-pressure a retry storm goes on when its trigger is
// gone, or the scenario is too kind.
func TestNoneStaysBroken(t *testing.T) {
	l := leagueRuns(t, "none", "S8")["S8"]["none"].League
	if l.OverloadEndNS == nil || l.RecoveryNS != nil {
		t.Errorf("the league says %+v; want an end of the overload, and no recovery", l)
	}
}

// TestLeagueOfTheDocs: the docs have what runs in virtual time find, on this machine too.
func TestLeagueOfTheDocs(t *testing.T) {
	docs, err := os.ReadFile("../../docs/pipelines.md")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "league.md")
	var out, complaints bytes.Buffer
	args := []string{"run", "-q", "overload", "--virtual", "--on-invalid=warn", "--only", "R2,codel,drop-newest,expire-reserve", "-o", "league=" + file}
	if code := Main(t.Context(), args, strings.NewReader(""), &out, &complaints); code != exitPass {
		t.Fatalf("%v ended with %d: %s", args, code, complaints.String())
	}
	found, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	documented, measured := cellsOf(string(docs)), cellsOf(string(found))
	for _, name := range []string{"codel", "drop-newest", "expire-reserve"} {
		want := measured[name]["R2"]
		if got := documented[name]["R2"]; want == "" || got != want {
			t.Errorf("the docs say that %s keeps %q under R2; want what was measured, %q", name, got, want)
		}
	}
}
