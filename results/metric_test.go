package results

import (
	"errors"
	"math"
	"strings"
	"testing"
)

func TestValue(t *testing.T) {
	run := fullRun(t)
	l, c := run.Latency, run.Classes["noisy"]
	for path, want := range map[string]struct {
		v      float64
		unit   string
		better Direction
	}{
		"offered":                         {5000, UnitCount, Neither},
		"offered.rate":                    {500, UnitRate, Neither},
		"attempts":                        {5003, UnitCount, Neither},
		"goodput":                         {*run.GoodputPerS, UnitRate, Higher},
		"throughput":                      {run.ThroughputPerS, UnitRate, Higher},
		"response.ok.p99":                 {float64(l.Response["ok"].P99NS), UnitNS, Lower},
		"response.ok.p9999":               {float64(l.Response["ok"].P9999NS), UnitNS, Lower},
		"service.rejected.mean":           {l.Service["rejected"].MeanNS, UnitNS, Lower},
		"send_delay.timed_out.count":      {float64(l.SendDelay["timed_out"].Count), UnitCount, Neither},
		"outcomes.rejected":               {float64(run.Outcomes["rejected"]), UnitCount, Neither},
		"outcomes.rejected.share":         {float64(run.Outcomes["rejected"]) / 5000, UnitShare, Neither},
		"outcomes.failed":                 {float64(run.Outcomes["failed"]), UnitCount, Lower},
		"outcomes.ok.share":               {float64(run.Outcomes["ok"]) / 5000, UnitShare, Higher},
		"decisions.fail_open":             {float64(run.Decisions["fail_open"]), UnitCount, Neither},
		"accuracy.rate_error":             {-0.5, UnitRatio, NearZero},
		"accuracy.burst_excess":           {3, UnitTokens, Lower},
		"accuracy.observed_share":         {1, UnitShare, Higher},
		"accuracy.starvation":             {2, UnitRatio, Lower},
		"accuracy.jitter.cv":              {0.5, UnitRatio, Lower},
		"accuracy.callers_jain":           {0.9, UnitRatio, Higher},
		"keys.jain":                       {run.Keys.Jain, UnitRatio, Higher},
		"keys.top_share.10":               {run.Keys.TopShare["10"], UnitShare, Neither},
		"cost.cpu_per_op":                 {100, UnitNS, Lower},
		"cost.peak_rss":                   {1 << 24, UnitBytes, Lower},
		"cost.saturated.per_op":           {70, UnitNS, Lower},
		"classes.noisy.offered":           {float64(c.Offered), UnitCount, Neither},
		"classes.noisy.outcomes.ok":       {float64(c.Outcomes["ok"]), UnitCount, Higher},
		"classes.noisy.outcomes.ok.share": {float64(c.Outcomes["ok"]) / float64(c.Offered), UnitShare, Higher},
		"classes.noisy.response_ok.p99":   {float64(c.Response.P99NS), UnitNS, Lower},
	} {
		got, m, err := Value(run, path)
		if err != nil || got != want.v || m.Path != path || m.Unit != want.unit || m.Better != want.better || m.Doc == "" {
			t.Errorf("%s is %v (%+v, %v); want %+v", path, got, m, err, want)
		}
	}
}

// Every metric of the catalogue has a value in a run that has everything.
func TestEveryMetricHasAValue(t *testing.T) {
	run := fullRun(t)
	for _, e := range catalogue {
		v, _, err := Value(run, e.Path)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			t.Errorf("%s is %v, %v", e.Path, v, err)
		}
	}
}

func TestMissingValueIsNoData(t *testing.T) {
	run := &Run{Outcomes: map[string]uint64{"ok": 0}, Classes: map[string]ClassInfo{"quiet": {}}}
	for _, path := range []string{
		"response.ok.p99", "accuracy.burst_excess", "keys.jain", "keys.top_share.1", "cost.saturated.per_op", "cost.cpu_per_op",
		"decisions.local", "outcomes.ok.share", "outcomes.shed", "classes.quiet.response_ok.p99", "classes.noisy.offered",
	} {
		if v, m, err := Value(run, path); !errors.Is(err, ErrNoData) || m.Path != path {
			t.Errorf("%s is %v, %v; want no data", path, v, err)
		}
	}
	if v, _, err := Value(run, "outcomes.ok"); v != 0 || err != nil {
		t.Errorf("outcomes.ok is %v, %v; want 0", v, err)
	}
}

// No false admits among no decisions is no praise, and keeps no threshold.
func TestUnobservedAccuracyIsNoData(t *testing.T) {
	run := &Run{Accuracy: &Accuracy{}}
	for _, path := range []string{"accuracy.false_admits", "accuracy.false_denials", "accuracy.rate_error", "accuracy.burst_excess"} {
		if v, _, err := Value(run, path); !errors.Is(err, ErrNoData) {
			t.Errorf("%s is %v, %v; want no data", path, v, err)
		}
	}
	if v, _, err := Value(run, "accuracy.observed_share"); v != 0 || err != nil {
		t.Errorf("accuracy.observed_share is %v, %v; want 0", v, err)
	}
}

// Nor is an excess of 0 over a limit that nobody asked for.
func TestNothingToCompareWithIsNoData(t *testing.T) {
	run := &Run{Accuracy: &Accuracy{ObservedShare: 1}}
	for _, path := range []string{"accuracy.rate_error", "accuracy.burst_excess"} {
		if v, _, err := Value(run, path); !errors.Is(err, ErrNoData) {
			t.Errorf("%s is %v, %v; want no data", path, v, err)
		}
	}
	if v, _, err := Value(run, "accuracy.false_admits"); v != 0 || err != nil {
		t.Errorf("accuracy.false_admits is %v, %v; want 0", v, err)
	}
}

func TestUnknownMetricNamesItsNeighbours(t *testing.T) {
	for path, want := range map[string]string{
		"response.ok.q99":              "want one like response.ok.p9",
		"outcome.rejected":             "want one like outcomes.rejected",
		"latency.response.ok.p99":      "want one like response.ok.p99",
		"causes":                       `metric "causes" is unknown`,
		"":                             `metric "" is unknown`,
		"response.unsent.p99":          "want one like response",
		"classes.quiet.p99":            "want classes.NAME.offered",
		"classes.quiet.response_ok.p1": "want two digits and then decimals",
		"classes.quiet.response_ok.x1": "classes.NAME.response_ok.p99",
		"response.ok.p100":             "min and max are the ends",
		"classes.quiet.outcomes.lost":  "classes.NAME.outcomes.ok",
	} {
		_, _, err := Value(&Run{}, path)
		if err == nil || errors.Is(err, ErrNoData) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error is %v; want it to say %q", path, err, want)
		}
	}
}

func TestClassNamesMayHaveDots(t *testing.T) {
	run := &Run{Classes: map[string]ClassInfo{"a.outcomes.b": {Offered: 4, Outcomes: map[string]uint64{"ok": 1}}}}
	for path, want := range map[string]float64{
		"classes.a.outcomes.b.offered": 4, "classes.a.outcomes.b.outcomes.ok": 1, "classes.a.outcomes.b.outcomes.ok.share": 0.25,
	} {
		if v, _, err := Value(run, path); v != want || err != nil {
			t.Errorf("%s is %v, %v; want %v", path, v, err, want)
		}
	}
}

func TestMetricsAreListedOnce(t *testing.T) {
	list := Metrics()
	seen := make(map[string]bool)
	for _, m := range list {
		if seen[m.Path] {
			t.Errorf("%s is listed twice", m.Path)
		}
		seen[m.Path] = true
		if m.Doc == "" || m.Unit == "" || m.Better.String() == "" {
			t.Errorf("%+v lacks something", m)
		}
	}
	for _, path := range []string{
		"offered", "response.{ok,rejected,shed,timed_out,failed}.p99", "outcomes.ok", "outcomes.unsent.share", "keys.top_share.{1,10,100}",
		"decisions.{primary,fail_open,fail_closed,local}", "classes.NAME.offered", "classes.NAME.outcomes.ok.share", "classes.NAME.response_ok.p99",
	} {
		if !seen[path] {
			t.Errorf("%s is not listed", path)
		}
	}
}

func TestPrefers(t *testing.T) {
	for _, c := range []struct {
		d    Direction
		a, b float64
		want bool
	}{
		{Lower, 1, 2, true},
		{Lower, 2, 1, false},
		{Lower, 1, 1, false},
		{Higher, 2, 1, true},
		{Higher, 1, 2, false},
		{Higher, 1, 1, false},
		{NearZero, -1, 2, true},
		{NearZero, 1, -2, true},
		{NearZero, -2, 1, false},
		{NearZero, -1, 1, false},
		{Neither, 1, 2, false},
		{Neither, 2, 1, false},
	} {
		if got := c.d.Prefers(c.a, c.b); got != c.want {
			t.Errorf("%v prefers %v to %v: %t; want %t", c.d, c.a, c.b, got, c.want)
		}
	}
	if m, err := MetricOf("goodput"); err != nil || m.Better != Higher {
		t.Errorf("goodput is %+v, %v; want higher to be better", m, err)
	}
	if _, err := MetricOf("godput"); err == nil {
		t.Error("godput is a metric")
	}
}
