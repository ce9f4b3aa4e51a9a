package trend_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/trend"
)

// run is a repeat on a day, of which the p99 took so many milliseconds.
func run(day, repeat int, ms float64) results.Run {
	return results.Run{
		Scenario: "checkout", Trial: "gcra", Repeat: repeat, Time: "real",
		StartedAt: time.Date(2026, 1, 1, repeat, 0, 0, 0, time.UTC).AddDate(0, 0, day),
		Latency:   results.Latencies{Response: map[string]*results.Latency{"ok": {Count: 9, P99NS: int64(ms * 1e6)}}},
		Validity:  results.Validity{Verdict: results.Valid}, Environment: results.Environment{Kernel: "6.5"},
	}
}

// A point is the repeats of one file, in the order of time, without those that are not valid.
func TestCollect(t *testing.T) {
	invalid, partial := run(2, 1, 99), run(2, 2, 99)
	invalid.Validity.Verdict, partial.Partial = results.Invalid, true
	other := run(1, 1, 5)
	other.Trial = "window"
	files := []trend.File{
		{Name: "b", Runs: []results.Run{run(1, 3, 30), run(1, 1, 10), run(1, 2, 20), other}},
		{Name: "a", Runs: []results.Run{run(0, 1, 7), invalid, partial}},
		{Name: "copy of a", Runs: []results.Run{run(0, 1, 7)}},
		{Name: "appended", Runs: []results.Run{run(5, 1, 1), run(6, 1, 2), run(7, 1, 3)}},
	}
	list, err := trend.Collect(files, "response.ok.p99")
	if err != nil || len(list) != 2 || list[0].Trial != "gcra" || list[1].Trial != "window" || list[0].Dropped != 2 {
		t.Fatalf("%+v, %v; want two series, and two runs dropped", list, err)
	}
	var got []string
	for _, p := range list[0].Points {
		got = append(got, fmt.Sprintf("%s %v %d", p.File, p.Value/1e6, p.Repeats))
	}
	if want := "a 7 1, b 20 3, appended 1 1, appended 2 1, appended 3 1"; strings.Join(got, ", ") != want {
		t.Errorf("points are %q; want %q", got, want)
	}
	if _, err := trend.Collect(files, "accuracy.burst_excess"); !errors.Is(err, results.ErrNoData) {
		t.Errorf("a metric that no run has: %v", err)
	}
	if _, err := trend.Collect(files, "nonsense"); err == nil || errors.Is(err, results.ErrNoData) {
		t.Errorf("a metric that there is not: %v", err)
	}
}

// Another kernel or another workload is not a change of what is measured.
func TestConditions(t *testing.T) {
	var runs []results.Run
	for day := range 40 {
		r := run(day, 1, 10+0.01*float64(day*7%5))
		r.Workload = []byte(`{"a":1,"b":2}`)
		if day%2 == 1 {
			r.Workload = []byte(`{"b":2,"a":1}`) // which is the same
		}
		if day >= 20 {
			r.Environment.Kernel = "6.8"
			r.Latency.Response["ok"].P99NS *= 2
		}
		if day >= 38 {
			r.Workload = []byte(`{"a":2}`)
		}
		runs = append(runs, r)
	}
	list, err := trend.Collect([]trend.File{{Name: "all", Runs: runs}}, "response.ok.p99")
	if err != nil {
		t.Fatal(err)
	}
	f, err := list[0].Find(1)
	if err != nil || len(f.Changes) != 0 || fmt.Sprint(f.Cuts) != "[20 38]" {
		t.Errorf("%+v, %v; want cuts at 20 and 38", f, err)
	}
	p := list[0].Points
	if a, b := trend.Differ(p[19].Point, p[20].Point), trend.Differ(p[37].Point, p[38].Point); a != "kernel 6.5 to 6.8" || b != "another workload" {
		t.Errorf("differences are %q and %q", a, b)
	}
}
