package compare_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
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
		{"one run each", []float64{10}, []float64{20}, compare.Unclear, "n=1, apart, too few repeats", 1},
		{"three far apart", []float64{10, 11, 12}, []float64{20, 21, 22}, compare.Unclear, "n=3, apart, too few repeats", 10. / 11},
		{"three against five", []float64{10, 11, 12}, []float64{20, 21, 22, 23, 24}, compare.Unclear, "n=3+5, apart, too few repeats", 1},
		{"four slower", []float64{10, 11, 12, 13}, []float64{20, 21, 22, 23}, compare.Worse, "p=0.029, n=4, apart", 10 / 11.5},
		{"four faster", []float64{20, 21, 22, 23}, []float64{10, 11, 12, 13}, compare.Better, "p=0.029, n=4, apart", -10 / 21.5},
		{"noise", []float64{10, 11, 12, 13}, []float64{10.5, 11.5, 12.5, 9}, compare.Unclear, "p=0.686, n=4, overlap", -0.5 / 11.5},
		{"a coarse clock", []float64{10, 10}, []float64{11, 11}, compare.Unclear, "n=2, apart, too few repeats", 0.1},
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

// Swapping the sides mirrors every difference, whatever the sizes and the ties.
func TestMirror(t *testing.T) {
	for _, pair := range [][2][]results.Run{
		{service("a", 10, 11, 12, 13, 14), service("a", 12, 15, 16, 17, 18)},
		{service("a", 11, 12, 11, 11, 11), service("a", 10, 11, 10, 11)},
		{service("a", 1, 1, 1, 1, 2), service("a", 2, 2, 2, 2, 2, 1, 2, 2)},
		{service("a", 1, 2), service("a", 3, 4, 5, 6)},
		{service("a", 5), service("a", 6)},
	} {
		mirrors(t, pair[0], pair[1])
	}
}

func mirrors(t *testing.T, a, b []results.Run) {
	t.Helper()
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
		if m.Change != want || m.Delta() != -d.Delta() || m.P != d.P || d.P <= 0 || d.P > 1 || m.Overlap() != d.Overlap() {
			t.Errorf("%s: %s by %v, p=%v; mirrored %s by %v, p=%v", d.Metric.Path, d.Change, d.Delta(), d.P, m.Change, m.Delta(), m.P)
		}
	}
}

// inVirtualTime is what runs would be there.
func inVirtualTime(runs []results.Run) []results.Run {
	for i := range runs {
		runs[i].Time = "virtual"
	}
	return runs
}

// TestOnlyWhatCanOnlyRepeatItselfIsExact: in virtual time one run says it all; in
// real time two runs that agree are a coin tossed twice.
func TestOnlyWhatCanOnlyRepeatItselfIsExact(t *testing.T) {
	pairs := func() []results.Run {
		return append(limiter("right", 0, 0, 80, 81), limiter("wrong", 12, 0.03, 80, 81)...)
	}
	real, realErr := compare.Trials(pairs(), "", compare.Options{})
	virtual, virtualErr := compare.Trials(inVirtualTime(pairs()), "", compare.Options{})
	for path, want := range map[string][2]compare.Change{
		"accuracy.false_admits":  {compare.Unclear, compare.Worse},
		"accuracy.false_denials": {compare.Same, compare.Same},
		"accuracy.rate_error":    {compare.Unclear, compare.Worse},
		"outcomes.ok.share":      {compare.Unclear, compare.Different}, // to admit more is no virtue in a limiter
	} {
		if d := find(t, real, realErr, path); d.Change != want[0] {
			t.Errorf("%s is %s (%s) in real time; want %s", path, d.Change, d.Evidence(), want[0])
		}
		if d := find(t, virtual, virtualErr, path); d.Change != want[1] {
			t.Errorf("%s is %s (%s) in virtual time; want %s", path, d.Change, d.Evidence(), want[1])
		}
	}
	if d := find(t, real, realErr, "cost.saturated.per_op"); d.Change != compare.Unclear {
		t.Errorf("time per decision is %s; want unclear", d.Change)
	}
}

// TestRunsThatDifferInVirtualTimeAreNotExact: another seed each, perhaps.
func TestRunsThatDifferInVirtualTimeAreNotExact(t *testing.T) {
	a, b := inVirtualTime(service("a", 10, 11)), inVirtualTime(service("a", 20, 21))
	got, err := compare.Files(a, b, compare.Options{})
	if d := find(t, got, err, "response.ok.p99"); d.Exact || d.Change != compare.Unclear {
		t.Errorf("%s (%s); want unclear", d.Change, d.Evidence())
	}
	if d := find(t, got, err, "response.ok.p50"); !d.Exact || d.Change != compare.Same {
		t.Errorf("%s (%s); want the same, exactly", d.Change, d.Evidence())
	}
}

// TestCoinTossesAreNotTold: of two repeats a side with failures by chance, none
// is called better or worse.
func TestCoinTossesAreNotTold(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 4))
	toss := func() []results.Run {
		runs := service("a", 1, 1)
		for i := range runs {
			n := uint64(r.IntN(2))
			runs[i].Outcomes = map[string]uint64{"ok": 1000 - n, "failed": n}
		}
		return runs
	}
	for range 500 {
		got, err := compare.Files(toss(), toss(), compare.Options{Metrics: []string{"outcomes.failed", "outcomes.failed.share"}})
		for _, path := range []string{"outcomes.failed", "outcomes.failed.share"} {
			if d := find(t, got, err, path); d.Change != compare.Unclear && d.Change != compare.Same {
				t.Fatalf("%s is %s (%s): %+v against %+v", path, d.Change, d.Evidence(), d.Base, d.Other)
			}
		}
	}
}

// TestAllocationsAreExact: where every repeat makes as many.
func TestAllocationsAreExact(t *testing.T) {
	allocs := func(counts ...float64) []results.Run {
		runs := service("a", make([]float64, len(counts))...)
		for i, n := range counts {
			runs[i].Cost = results.Cost{CPUNSPerOp: 5, AllocsPerOp: n}
		}
		return runs
	}
	for _, tt := range []struct {
		base, other []results.Run
		want        compare.Change
	}{
		{allocs(1, 1), allocs(2, 2), compare.Worse},
		{allocs(2, 2), allocs(0, 0), compare.Better},
		{allocs(1, 1), allocs(1, 1), compare.Same},
		{allocs(1), allocs(2), compare.Unclear},
		{allocs(1, 1.5), allocs(3, 3), compare.Unclear},
	} {
		got, err := compare.Files(tt.base, tt.other, compare.Options{Metrics: []string{"cost.allocs_per_op"}})
		if d := find(t, got, err, "cost.allocs_per_op"); d.Change != tt.want {
			t.Errorf("%+v against %+v is %s (%s); want %s", d.Base, d.Other, d.Change, d.Evidence(), tt.want)
		}
	}
}

func TestRateErrorIsBestNearZero(t *testing.T) {
	got, err := compare.Trials(inVirtualTime(append(limiter("under", 0, -0.2, 1, 2), limiter("over", 0, 0.1, 1, 2)...)), "", compare.Options{})
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
		"requests digest is that of no mix (the first file) and that of no mix, m2 (the second file)": func(r *results.Run) { r.Schedule.Requests = "m2" },
		"virtual":   func(r *results.Run) { r.Time = "virtual" },
		"simulated": func(r *results.Run) { r.Simulated = true },
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

// TestMixesOfOneFile: subjects that are sent other requests are compared for that.
func TestMixesOfOneFile(t *testing.T) {
	runs := append(service("a", 1, 2), service("b", 1, 2)...)
	runs[0].Schedule.Requests, runs[1].Schedule.Requests = "m1", "m1"
	if c, err := compare.Trials(runs, "a", compare.Options{}); err != nil || len(c.Pairs) != 1 {
		t.Errorf("%d pairs (%v); want one", len(c.Pairs), err)
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

// TestMissingSidesAreTold: a metric that one side lacks has a row that says so,
// and is an error where it was asked for.
func TestMissingSidesAreTold(t *testing.T) {
	a, b := limiter("a", 0, 0, 80), limiter("b", 0, 0, 90)
	b[0].Accuracy, b[0].Latency = nil, results.Latencies{}
	got, err := compare.Trials(append(a, b...), "", compare.Options{})
	for _, path := range []string{"accuracy.false_admits", "service.ok.p99"} {
		d := find(t, got, err, path)
		if d.Complete() || d.Change != compare.NoData || d.Base.N != 1 || d.Other.N != 0 || d.Evidence() != "" {
			t.Errorf("%s is %+v; want no data on the other side", path, d)
		}
	}
	_, rows := got.Pairs[0].Grid(func(v float64, _ string) string { return fmt.Sprint(v) })
	i := slices.IndexFunc(rows, func(row []string) bool { return row[0] == "accuracy.false_admits" })
	if want := []string{"accuracy.false_admits", "0", "", "no data", "", "", "", "", "no data", ""}; !slices.Equal(rows[i], want) {
		t.Errorf("row is %q; want %q", rows[i], want)
	}
	got, err = compare.Trials(append(a, b...), "", compare.Options{Metrics: []string{"service.ok.p99", "outcomes.ok"}})
	if !errors.Is(err, compare.ErrNoData) || !strings.Contains(err.Error(), "a and b: no service.ok.p99 in b") {
		t.Errorf("error is %v; want one that names the metric and the side", err)
	}
	if len(got.Pairs) != 1 || len(got.Pairs[0].Differences) != 2 {
		t.Errorf("%d pairs; want what could be compared beside the error", len(got.Pairs))
	}
}

// TestMultiplesAreToldAsSuch: +65633 % is ×657.
func TestMultiplesAreToldAsSuch(t *testing.T) {
	for _, tt := range []struct {
		base, other float64
		want        string
	}{
		{1, 657.33, "×657"},
		{1, 5.5, "×5.5"},
		{1, 3.01, "×3.01"},
		{1, 3, "+200.0%"},
		{1, 2, "+100.0%"},
		{1, 99.96, "×100"},
		{3, 1, "-66.7%"},
		{1000, 1, "-99.9%"},
		{2, 2, "0%"},
		{0.5, 1234567, "×2469134"},
	} {
		got, err := compare.Files(service("a", tt.base), service("a", tt.other), compare.Options{Metrics: []string{"response.ok.p99"}})
		if err != nil {
			t.Fatal(err)
		}
		_, rows := got.Pairs[0].Grid(func(v float64, _ string) string { return fmt.Sprint(v) })
		if rows[0][6] != tt.want {
			t.Errorf("%v after %v is %s; want %s", tt.other, tt.base, rows[0][6], tt.want)
		}
	}
}

// TestSweepsAreComparedInEachCombination: subjects with the base beside them, and
// what has no other subject beside it, or was named, with one for all.
func TestSweepsAreComparedInEachCombination(t *testing.T) {
	combination := func(name, value string) []results.Run {
		runs := inVirtualTime(service(name, 10))
		runs[0].Params = json.RawMessage(fmt.Sprintf(`{"limiter.rate":%q}`, value))
		runs[0].Trial, runs[0].Schedule.Digest = results.CombinedName(name, runs[0].Params), value
		return runs
	}
	all := slices.Concat(combination("a", "1/s"), combination("b", "1/s"), combination("a", "2/s"), combination("b", "2/s"))
	for _, base := range []string{"", "a"} {
		got, err := compare.Trials(all, base, compare.Options{})
		if err != nil || len(got.Pairs) != 2 {
			t.Fatalf("%d pairs, %v; want two", len(got.Pairs), err)
		}
		for i, value := range []string{"1/s", "2/s"} {
			if p := got.Pairs[i]; p.Base != "a[limiter.rate="+value+"]" || p.Other != "b[limiter.rate="+value+"]" {
				t.Errorf("pair %d is %s against %s; want a against b at %s", i, p.Base, p.Other, value)
			}
		}
	}
	if got, err := compare.Trials(all, "b", compare.Options{}); err != nil || len(got.Pairs) != 2 || got.Pairs[1].Base != "b[limiter.rate=2/s]" {
		t.Errorf("pairs are %+v, %v; want two with b as base", got.Pairs, err)
	}
	for i := range all {
		all[i].Schedule.Digest = "one"
	}
	for base, runs := range map[string][]results.Run{"": {all[0], all[2]}, "b[limiter.rate=1/s]": all} {
		got, err := compare.Trials(runs, base, compare.Options{})
		if err != nil || len(got.Pairs) != len(runs)-1 || got.Pairs[0].Base != got.Pairs[len(runs)-2].Base {
			t.Errorf("base %q: pairs are %+v, %v; want all others against one", base, got.Pairs, err)
		}
	}
}
