package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// cellsOf are those of the Markdown table in a text whose first column is called
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
