package compare_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/compare"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// From 10 % to 55 % is 45 points, whatever 450 % might suggest.
func TestSharesDifferByPoints(t *testing.T) {
	a, b := service("a", 1), service("a", 1)
	a[0].Outcomes, b[0].Outcomes = map[string]uint64{"ok": 100}, map[string]uint64{"ok": 550}
	for _, r := range []*results.Run{&a[0], &b[0]} {
		r.Accuracy = &results.Accuracy{ObservedShare: 1, Compared: &results.Compared{RateError: float64(r.Outcomes["ok"]) / 1000}}
	}
	c, err := compare.Files(a, b, compare.Options{Metrics: []string{"outcomes.ok.share", "outcomes.ok", "accuracy.rate_error"}})
	if err != nil {
		t.Fatal(err)
	}
	_, rows := c.Pairs[0].Grid(func(v float64, _ string) string { return fmt.Sprintf("%.4g", v) })
	for i, want := range [][2]string{{"+45 pp", ""}, {"+450", "×5.5"}, {"+0.45", ""}} {
		if got := [2]string{rows[i][5], rows[i][6]}; got != want {
			t.Errorf("%s: difference and relative are %q; want %q", rows[i][0], got, want)
		}
	}
}

func TestGrid(t *testing.T) {
	a := service("redis-gcra", 10, 11, 12, 13)
	b := service("redis-gcra", 20, 21, 22, 23)
	b[0].Outcomes = map[string]uint64{"ok": 890, "rejected": 110}
	c, err := compare.Files(a, b, compare.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	head, rows := c.Pairs[0].Grid(func(v float64, unit string) string { return fmt.Sprintf("%.4g%s", v, unit) })
	for _, row := range append([][]string{head}, rows...) {
		fmt.Fprintln(&text, strings.Join(row, " | "))
	}
	fmt.Fprintln(&text, strings.Join(c.Pairs[0].Notes, "\n"))
	golden(t, "pair.txt", text.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run go test -update and look at the change. got:\n%s", path, got)
	}
}
