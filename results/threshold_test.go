package results

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestParseThreshold(t *testing.T) {
	for expr, want := range map[string]struct {
		op    string
		bound float64
	}{
		"response.ok.p99 < 5ms":                 {"<", 5e6},
		"response.ok.p99<=1m30s":                {"<=", 90e9},
		"  send_delay.ok.max  <  1d  ":          {"<", 86400e9},
		"service.ok.mean > 0":                   {">", 0},
		"goodput >= 1.5k/s":                     {">=", 1500},
		"throughput >= 6/m":                     {">=", 0.1},
		"offered.rate == 100":                   {"==", 100},
		"outcomes.rejected.share <= 1%":         {"<=", 0.01},
		"outcomes.rejected.share <= 0.01":       {"<=", 0.01},
		"accuracy.rate_error > -0.5 %":          {">", -0.005},
		"keys.jain >= .9":                       {">=", 0.9},
		"accuracy.burst_excess<=0":              {"<=", 0},
		"outcomes.failed != 10k":                {"!=", 10_000},
		"cost.peak_rss < 64MiB":                 {"<", 1 << 26},
		"cost.allocs_per_op < 0.5":              {"<", 0.5},
		"cost.cpu_per_op < 2us":                 {"<", 2000},
		"classes.noisy.response_ok.p99 < 10ms":  {"<", 1e7},
		"classes.noisy.outcomes.ok.share > 50%": {">", 0.5},
	} {
		got, err := ParseThreshold(expr)
		if err != nil || got.Op != want.op || math.Abs(got.Bound-want.bound) > 1e-12 {
			t.Errorf("%q is %+v, %v; want %+v", expr, got, err, want)
		}
	}
}

func TestParseThresholdSaysWhatIsWrong(t *testing.T) {
	for expr, want := range map[string]string{
		"":                                "want METRIC OPERATOR VALUE",
		"response.ok.p99":                 "want METRIC OPERATOR VALUE",
		"< 5ms":                           "want METRIC OPERATOR VALUE",
		"response.ok.p99 <":               "want METRIC OPERATOR VALUE",
		"response.ok.p99 = 5ms":           "one of < <= > >= == !=",
		"response.ok.p99 < 5":             "want a unit, such as 5s",
		"response.ok.p99 < 5parsecs":      "want a duration",
		"response.ok.p99 << 5ms":          "want a duration",
		"response.ok.q99 < 5ms":           "want one like response.ok.p9",
		"response.ok.p100 < 5ms":          "want two digits and then decimals",
		"classes.a.response_ok.p5 < 5ms":  "want two digits and then decimals",
		"goodput > fast":                  "want",
		"goodput > max":                   "want a number, such as 100/s",
		"outcomes.rejected.share < much":  "want a share, such as 0.01 or 1%",
		"outcomes.rejected.share < %":     "want a share, such as 0.01 or 1%",
		"outcomes.rejected.share < NaN":   "want a share",
		"accuracy.burst_excess < Inf":     "want a number",
		"accuracy.burst_excess < 0x1p4":   "want a number",
		"cost.peak_rss < 5 elephants":     "want",
		"classes.noisy.response.p99 < 1s": "want classes.NAME",
	} {
		if got, err := ParseThreshold(expr); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is %+v, %v; want an error with %q", expr, got, err, want)
		}
	}
}

func TestThresholdCheck(t *testing.T) {
	run := &Run{MeasuredNS: 1e9, GoodputPerS: perSecond(100)}
	for expr, want := range map[string]bool{
		"goodput < 100": false, "goodput <= 100": true, "goodput > 100": false, "goodput >= 100": true, "goodput == 100": true, "goodput != 100": false,
		"goodput < 101": true, "goodput > 99": true, "goodput == 99": false, "goodput != 99": true, "goodput >= 101": false, "goodput <= 99": false,
	} {
		threshold, err := ParseThreshold(expr)
		if err != nil {
			t.Fatal(err)
		}
		if got := threshold.Check(run); got.OK != want || got.Value != 100 || got.NoData || got.Threshold.String() != expr {
			t.Errorf("%s: %+v; want %v", expr, got, want)
		}
	}
}

// TestRoundingDecidesNoThreshold: what is equal in numbers is so however it was reckoned.
func TestRoundingDecidesNoThreshold(t *testing.T) {
	share := func(ok, offered uint64) *Run { return &Run{Offered: offered, Outcomes: map[string]uint64{"ok": ok}} }
	tenth := 0.1
	off := func(by float64) *Run {
		return &Run{Accuracy: &Accuracy{ObservedShare: 1, Compared: &Compared{RateError: by}}}
	}
	for _, tt := range []struct {
		expr string
		run  *Run
		want bool
	}{
		{"outcomes.ok.share <= 0.7%", share(7, 1000), true},
		{"outcomes.ok.share < 0.7 %", share(7, 1000), false},
		{"outcomes.ok.share == 0.7e0%", share(7, 1000), true},
		{"outcomes.ok.share <= 0.7%", share(70_000_001, 10_000_000_000), false},
		{"outcomes.ok.share >= 33.3%", share(333, 1000), true},
		{"outcomes.ok.share >= 1.1%", share(11, 1000), true},
		{"accuracy.rate_error <= 0.3", off(tenth + 0.2), true},
		{"accuracy.rate_error == 30%", off(tenth + 0.2), true},
		{"accuracy.rate_error > 0.3", off(tenth + 0.2), false},
		{"accuracy.rate_error <= 0.3", off(0.3 + 1e-12), false},
		{"outcomes.ok <= 9007199254740990", share(9007199254740991, 1), false},
	} {
		if got := threshold(t, tt.expr).Check(tt.run); got.OK != tt.want || got.NoData {
			t.Errorf("%s of %v is %t; want %t", tt.expr, got.Value, got.OK, tt.want)
		}
	}
	for n := range uint64(1000) { // every tenth of a per cent
		expr := fmt.Sprintf("outcomes.ok.share == %.1f%%", float64(n)/10)
		if got := threshold(t, expr).Check(share(n, 1000)); !got.OK {
			t.Errorf("%s of %d in 1000 is %v; want it kept", expr, n, got.Value)
		}
	}
}

func TestThresholdWithoutDataIsNotMet(t *testing.T) {
	threshold, err := ParseThreshold("accuracy.burst_excess <= 0")
	if err != nil {
		t.Fatal(err)
	}
	if got := threshold.Check(&Run{}); got.OK || !got.NoData {
		t.Errorf("got %+v; want no data and not ok", got)
	}
}

func TestStandingOfRunsIsTheGravest(t *testing.T) {
	threshold, err := ParseThreshold("accuracy.burst_excess <= 0")
	if err != nil {
		t.Fatal(err)
	}
	run := func(excess float64) *Run {
		return &Run{Accuracy: &Accuracy{ObservedShare: 1, Compared: &Compared{BurstExcess: excess}}}
	}
	for _, tt := range []struct {
		runs []*Run
		want Standing
	}{
		{[]*Run{run(0), run(0)}, Kept},
		{[]*Run{run(0), {}}, Unknown},
		{[]*Run{{}, run(1), run(0)}, Missed},
	} {
		var got Standing
		for _, r := range tt.runs {
			got = max(got, threshold.Check(r).Standing())
		}
		if got != tt.want {
			t.Errorf("standing over %d runs is %d; want %d", len(tt.runs), got, tt.want)
		}
	}
}

func TestThresholdNamesItsClass(t *testing.T) {
	for expr, want := range map[string]string{
		"goodput > 100": "", "classes.noisy.offered > 0": "noisy",
		"classes.a.b.outcomes.ok.share > 1%": "a.b", "classes.quiet.response_ok.p99 < 1s": "quiet",
	} {
		threshold, err := ParseThreshold(expr)
		if err != nil || threshold.Class() != want {
			t.Errorf("%s is of class %q, %v; want %q", expr, threshold.Class(), err, want)
		}
	}
}

func FuzzParseThreshold(f *testing.F) {
	for _, expr := range []string{"response.ok.p99 < 5ms", "goodput>=6/m", "outcomes.ok.share != 1%", "a<=>b", "cost.peak_rss == 4KiB", "classes.<.offered > 1"} {
		f.Add(expr)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		first, err := ParseThreshold(expr)
		if err != nil {
			return
		}
		second, err := ParseThreshold(first.String())
		if err != nil || first != second {
			t.Errorf("%q is %+v, written as %q, which is %+v, %v", expr, first, first, second, err)
		}
		first.Check(&Run{})
	})
}
