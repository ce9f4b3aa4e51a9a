package report_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/report"
)

// frontOf lists what the table says of the front of two metrics: its title, and the
// names below it.
func frontOf(t *testing.T, all []results.Run, paths ...string) (title string, lines []string) {
	t.Helper()
	var o report.Options
	for _, path := range paths {
		m, err := results.MetricOf(path)
		if err != nil {
			t.Fatal(err)
		}
		o.Pareto = append(o.Pareto, m)
	}
	o.Width = 400
	_, after, found := strings.Cut(string(write(t, "table", all, o)), "pareto front of ")
	if !found {
		return "", nil
	}
	title, rest, _ := strings.Cut(after, "\n")
	for line := range strings.Lines(rest) {
		if !strings.HasPrefix(line, "  ") {
			break
		}
		lines = append(lines, strings.TrimSpace(line))
	}
	return title, lines
}

// TestParetoFront: who is beaten by none, whichever way is better, ties included.
func TestParetoFront(t *testing.T) {
	var all []results.Run
	for _, s := range []struct {
		name            string
		ok              uint64
		errorOf, excess float64
	}{
		{"most", 900, 0.5, 9}, {"right", 500, -0.01, 5}, {"tied", 500, 0.01, 5}, {"beaten", 400, 0.2, 6}, {"least", 300, 0.3, 0}, {"invalid", 999, 0, 0},
	} {
		r := run(t, subject{name: s.name, admit: 50, took: 80}, 0)
		r.Outcomes["ok"], r.Accuracy.Compared.RateError, r.Accuracy.Compared.BurstExcess = s.ok, s.errorOf, s.excess
		if s.name == "invalid" {
			r.Validity.Verdict = results.Invalid
		}
		all = append(all, r)
	}
	without := run(t, subject{name: "without", admit: 50, took: 80}, 0)
	without.Accuracy = nil
	all = append(all, without)
	left := []string{"invalid: not compared: invalid", "without: not compared: no accuracy.rate_error"}
	for _, c := range []struct {
		paths []string
		title string
		want  []string
	}{
		{
			[]string{"outcomes.ok", "accuracy.rate_error"},
			"outcomes.ok (higher is better) and accuracy.rate_error (near zero is better): 3 of 5",
			append([]string{"most: 900, 0.5", "right: 500, -0.01", "tied: 500, 0.01"}, left...),
		},
		{
			[]string{"accuracy.rate_error", "accuracy.burst_excess"},
			"accuracy.rate_error (near zero is better) and accuracy.burst_excess (lower is better): 3 of 5",
			append([]string{"right: -0.01, 5", "tied: 0.01, 5", "least: 0.3, 0"}, left...),
		},
	} {
		title, lines := frontOf(t, all, c.paths...)
		if title != c.title || !slices.Equal(lines, c.want) {
			t.Errorf("front is %s\n%q; want %s\n%q", title, lines, c.title, c.want)
		}
	}
	if title, _ := frontOf(t, all); title != "" {
		t.Errorf("front is %s; want none where none is asked for", title)
	}
}
