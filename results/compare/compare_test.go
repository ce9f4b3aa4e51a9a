package compare_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/compare"
)

// service makes a run per p99 given, in milliseconds.
func service(trial string, p99 ...float64) []results.Run {
	var runs []results.Run
	good := 90.0
	for i, ms := range p99 {
		runs = append(runs, results.Run{
			Scenario: "checkout", Trial: trial, Repeat: i + 1, Time: "real",
			Schedule:   results.ScheduleInfo{Digest: "d1"},
			Offered:    1000,
			Outcomes:   map[string]uint64{"ok": 900, "rejected": 100},
			MeasuredNS: 10e9, ThroughputPerS: 100, GoodputPerS: &good,
			Latency: results.Latencies{Response: map[string]*results.Latency{
				"ok": {Count: 900, P50NS: 2e6, P99NS: int64(ms * 1e6), P999NS: 90e6},
			}},
			Validity: results.Validity{Verdict: results.Valid},
		})
	}
	return runs
}

// limiter makes a run per time given, in nanoseconds, of a subject in process.
func limiter(trial string, falseAdmits uint64, rateError float64, ns ...int64) []results.Run {
	var runs []results.Run
	for i, took := range ns {
		runs = append(runs, results.Run{
			Scenario: "burst", Trial: trial, Repeat: i + 1, Time: "real", InProcess: true,
			Schedule: results.ScheduleInfo{Digest: "d1"},
			Offered:  1000,
			Outcomes: map[string]uint64{"ok": 400 + falseAdmits, "rejected": 600 - falseAdmits},
			Latency: results.Latencies{Service: map[string]*results.Latency{
				"ok": {Count: 400, P50NS: took, P99NS: 2 * took},
			}},
			Accuracy: &results.Accuracy{ObservedShare: 1, FalseAdmits: falseAdmits, Compared: &results.Compared{RateError: rateError}},
			Cost:     results.Cost{Saturated: &results.Saturated{Ops: 1, NSPerOp: float64(took), CPUNSPerOp: float64(took)}},
			Validity: results.Validity{Verdict: results.Valid},
		})
	}
	return runs
}

// find returns the difference of a metric in the only pair.
func find(t *testing.T, c compare.Comparison, err error, path string) compare.Difference {
	t.Helper()
	if err != nil || len(c.Pairs) != 1 {
		t.Fatalf("%d pairs, %v; want one", len(c.Pairs), err)
	}
	for _, d := range c.Pairs[0].Differences {
		if d.Metric.Path == path {
			return d
		}
	}
	t.Fatalf("%s was not compared", path)
	return compare.Difference{}
}

func TestChange(t *testing.T) {
	for _, c := range []struct {
		name         string
		base, other  []float64
		change       compare.Change
		evidence     string
		wantRelative float64
	}{
		{"one run each", []float64{10}, []float64{20}, compare.Unclear, "n=1, apart", 1},
		{"three far apart", []float64{10, 11, 12}, []float64{20, 21, 22}, compare.Unclear, "n=3, apart", 10. / 11},
		{"three against five", []float64{10, 11, 12}, []float64{20, 21, 22, 23, 24}, compare.Unclear, "n=3+5, apart", 1},
		{"four slower", []float64{10, 11, 12, 13}, []float64{20, 21, 22, 23}, compare.Worse, "p=0.029, n=4, apart", 10 / 11.5},
		{"four faster", []float64{20, 21, 22, 23}, []float64{10, 11, 12, 13}, compare.Better, "p=0.029, n=4, apart", -10 / 21.5},
		{"noise", []float64{10, 11, 12, 13}, []float64{10.5, 11.5, 12.5, 9}, compare.Unclear, "p=0.686, n=4, overlap", -0.5 / 11.5},
		{"a coarse clock", []float64{10, 10}, []float64{11, 11}, compare.Unclear, "n=2, apart", 0.1},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := compare.Files(service("a", c.base...), service("a", c.other...), compare.Options{})
			d := find(t, got, err, "response.ok.p99")
			if d.Change != c.change || d.Evidence() != c.evidence {
				t.Errorf("change is %s (%s); want %s (%s)", d.Change, d.Evidence(), c.change, c.evidence)
			}
			if r, ok := d.Relative(); !ok || math.Abs(r-c.wantRelative) > 1e-9 {
				t.Errorf("relative difference is %v; want %v", r, c.wantRelative)
			}
		})
	}
}

// Swapping the sides mirrors every difference.
func TestMirror(t *testing.T) {
	a, b := service("a", 10, 11, 12, 13, 14), service("a", 12, 15, 16, 17, 18)
	forth, err1 := compare.Files(a, b, compare.Options{})
	back, err2 := compare.Files(b, a, compare.Options{})
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	mirrored := map[compare.Change]compare.Change{compare.Better: compare.Worse, compare.Worse: compare.Better}
	for i, d := range forth.Pairs[0].Differences {
		m := back.Pairs[0].Differences[i]
		want, ok := mirrored[d.Change]
		if !ok {
			want = d.Change
		}
		if m.Change != want || m.Delta() != -d.Delta() || math.Abs(m.P-d.P) > 1e-12 {
			t.Errorf("%s: %s by %v, p=%v; mirrored %s by %v, p=%v", d.Metric.Path, d.Change, d.Delta(), d.P, m.Change, m.Delta(), m.P)
		}
	}
}

func TestExactCountsNeedNoTest(t *testing.T) {
	got, err := compare.Trials(append(limiter("right", 0, 0, 80, 81), limiter("wrong", 12, 0.03, 80, 81)...), "", compare.Options{})
	for path, want := range map[string]compare.Change{
		"accuracy.false_admits":  compare.Worse,
		"accuracy.false_denials": compare.Same,
		"accuracy.rate_error":    compare.Worse,
		"outcomes.ok.share":      compare.Different, // to admit more is no virtue in a limiter
		"cost.saturated.per_op":  compare.Unclear,
	} {
		if d := find(t, got, err, path); d.Change != want {
			t.Errorf("%s is %s (%s); want %s", path, d.Change, d.Evidence(), want)
		}
	}
}

func TestRateErrorIsBestNearZero(t *testing.T) {
	got, err := compare.Trials(append(limiter("under", 0, -0.2, 1, 2), limiter("over", 0, 0.1, 1, 2)...), "", compare.Options{})
	if d := find(t, got, err, "accuracy.rate_error"); d.Change != compare.Better {
		t.Errorf("an error of +10%% after one of -20%% is %s; want better", d.Change)
	}
}

func TestDefaultMetrics(t *testing.T) {
	paths := func(c compare.Comparison) (out []string) {
		for _, d := range c.Pairs[0].Differences {
			out = append(out, d.Metric.Path)
		}
		return out
	}
	network, _ := compare.Files(service("a", 1), service("a", 2), compare.Options{})
	local, _ := compare.Files(limiter("a", 0, 0, 1), limiter("a", 0, 0, 2), compare.Options{})
	if got := paths(network); slices.Contains(got, "service.ok.p50") || !slices.Contains(got, "response.ok.p999") {
		t.Errorf("metrics of services are %v; want response times", got)
	}
	if got := paths(local); slices.Contains(got, "response.ok.p50") || !slices.Contains(got, "service.ok.p50") {
		t.Errorf("metrics in process are %v; want service times", got)
	}
}

func TestNotComparable(t *testing.T) {
	for name, spoil := range map[string]func(*results.Run){
		"schedule digest": func(r *results.Run) { r.Schedule.Digest = "d2" },
		"virtual":         func(r *results.Run) { r.Time = "virtual" },
		"simulated":       func(r *results.Run) { r.Simulated = true },
		"repeat 2 of the second file, is invalid: generator starved": func(r *results.Run) {
			r.Validity = results.Validity{Verdict: results.Invalid, Reasons: []string{"generator starved"}}
		},
	} {
		a, b := service("a", 1, 2, 3), service("a", 1, 2, 3)
		spoil(&b[1])
		_, err := compare.Files(a, b, compare.Options{})
		if !errors.Is(err, compare.ErrNotComparable) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error is %v; want %v and the reason", name, err, compare.ErrNotComparable)
		}
	}
}

func TestInvalidRunsByLeave(t *testing.T) {
	a, b := service("a", 1), service("a", 2)
	a[0].Validity = results.Validity{Verdict: results.Invalid, Reasons: []string{"clipped"}}
	c, err := compare.Files(a, b, compare.Options{AllowInvalid: true})
	if err != nil {
		t.Fatal(err)
	}
	if want := "a, repeat 1 of the first file, is invalid: clipped"; !slices.Contains(c.Pairs[0].Notes, want) {
		t.Errorf("notes are %q; want %q among them", c.Pairs[0].Notes, want)
	}
}

func TestAnInvalidBaseIsSaidOnce(t *testing.T) {
	runs := slices.Concat(service("a", 1), service("b", 1), service("c", 1))
	runs[0].Validity.Verdict = results.Invalid
	_, err := compare.Trials(runs, "a", compare.Options{})
	if err == nil || strings.Count(err.Error(), "invalid") != 1 {
		t.Errorf("error is %v; want one line", err)
	}
}

func TestNoData(t *testing.T) {
	a := service("a", 1)
	for name, try := range map[string]func() error{
		"no runs":         func() error { _, err := compare.Files(nil, a, compare.Options{}); return err },
		"no common trial": func() error { _, err := compare.Files(a, service("b", 1), compare.Options{}); return err },
		"one trial":       func() error { _, err := compare.Trials(a, "", compare.Options{}); return err },
		"no such base": func() error {
			_, err := compare.Trials(append(service("b", 1), a...), "c", compare.Options{})
			return err
		},
		"no value for it": func() error {
			_, err := compare.Files(a, a, compare.Options{Metrics: []string{"accuracy.false_admits"}})
			return err
		},
		"nothing in default": func() error {
			r := []results.Run{{Trial: "a"}}
			_, err := compare.Files(r, r, compare.Options{Metrics: []string{"outcomes.ok"}})
			return err
		},
	} {
		if err := try(); !errors.Is(err, compare.ErrNoData) {
			t.Errorf("%s: error is %v; want %v", name, err, compare.ErrNoData)
		}
	}
}

func TestUnknownMetricIsNoLackOfData(t *testing.T) {
	a := service("a", 1)
	_, err := compare.Files(a, a, compare.Options{Metrics: []string{"response.ok.q98"}})
	if err == nil || errors.Is(err, compare.ErrNoData) {
		t.Errorf("error is %v; want one about the metric's name", err)
	}
}

func TestUnpairedTrialsAreNamed(t *testing.T) {
	c, err := compare.Files(append(service("a", 1), service("old", 1)...), append(service("new", 1), service("a", 1)...), compare.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"old: only in the first file", "new: only in the second file"}; !slices.Equal(c.Unpaired, want) {
		t.Errorf("unpaired are %q; want %q", c.Unpaired, want)
	}
}

// TestBaseIsTheFirstSubjectOfTheScenario: not the one that the shuffle put first.
func TestBaseIsTheFirstSubjectOfTheScenario(t *testing.T) {
	place := func(runs []results.Run, n int) []results.Run {
		for i := range runs {
			runs[i].Place = n
		}
		return runs
	}
	third, first, second := place(service("c", 3, 3), 3), place(service("a", 1, 1), 1), place(service("b", 2, 2), 2)
	got, err := compare.Trials(slices.Concat(third, first, second), "", compare.Options{})
	if err != nil || len(got.Pairs) != 2 {
		t.Fatalf("%d pairs, %v; want two", len(got.Pairs), err)
	}
	for i, want := range []string{"b", "c"} {
		if p := got.Pairs[i]; p.Base != "a" || p.Other != want {
			t.Errorf("pair %d is %s against %s; want a against %s", i, p.Base, p.Other, want)
		}
	}
}
