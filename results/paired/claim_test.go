package paired_test

import (
	"errors"
	"testing"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/paired"
)

func TestClaimOf(t *testing.T) {
	for path, want := range map[string]paired.Claim{
		"response.ok.p50":                 {Better: results.Lower, Scale: paired.Ratio, Margin: 0.03},
		"response.ok.p99":                 {Better: results.Lower, Scale: paired.Ratio, Margin: 0.05},
		"service.rejected.p99.9":          {Better: results.Lower, Scale: paired.Ratio, Margin: 0.05},
		"response.ok.mean":                {Better: results.Lower, Scale: paired.Ratio, Margin: 0.05},
		"classes.a.b.response_ok.p99":     {Better: results.Lower, Scale: paired.Ratio, Margin: 0.05},
		"goodput":                         {Better: results.Higher, Scale: paired.Ratio, Margin: 0.02, Steady: true},
		"cost.saturated.per_op":           {Better: results.Lower, Scale: paired.Ratio, Margin: 0.10},
		"target.cpu_per_op":               {Better: results.Lower, Scale: paired.Ratio, Margin: 0.10},
		"target.peak_rss":                 {Better: results.Lower, Scale: paired.Ratio, Margin: 0.10, Steady: true},
		"outcomes.failed.share":           {Better: results.Lower, Scale: paired.Additive, Margin: 0.001, Steady: true},
		"accuracy.rate_error":             {Better: results.NearZero, Scale: paired.Additive, Margin: 0.01, Steady: true},
		"accuracy.burst_excess":           {Better: results.Lower, Scale: paired.Additive, Margin: 1, Steady: true},
		"classes.x.outcomes.failed.share": {Better: results.Lower, Scale: paired.Additive, Margin: 0.001, Steady: true},
	} {
		want.Name = path
		if got, err := paired.ClaimOf(path); err != nil || got != want {
			t.Errorf("%s is %+v, %v; want %+v", path, got, err, want)
		}
	}
	for _, path := range []string{"response.ok.max", "response.ok.min", "response.ok.count", "offered", "outcomes.rejected", "response.ok.p100", "nonsense", "classes.a.response_ok.max"} {
		if c, err := paired.ClaimOf(path); err == nil {
			t.Errorf("%s is %+v; want an error", path, c)
		}
	}
}

func TestStamped(t *testing.T) {
	for path, want := range map[string]bool{
		"response.ok.p50": true, "service.ok.mean": true, "send_delay.ok.p99": true, "classes.a.response_ok.p99": true,
		"cost.saturated.per_op": false, "cost.cpu_per_op": false, "goodput": false, "response.ok.count": false, "classes.a.offered": false,
	} {
		if got := paired.Stamped(path); got != want {
			t.Errorf("%s is stamped per request: %v; want %v", path, got, want)
		}
	}
}

func TestCheckSamples(t *testing.T) {
	run := func(n int64) *results.Run {
		return &results.Run{
			Time:    "real",
			Latency: results.Latencies{Response: map[string]*results.Latency{"ok": {Count: n}}},
			Classes: map[string]results.ClassInfo{},
		}
	}
	for _, c := range []struct {
		path string
		n    int64
		want error
	}{
		{"response.ok.p50", 199, paired.ErrTooFew},
		{"response.ok.p50", 200, nil},
		{"response.ok.p99", 9999, paired.ErrTooFew},
		{"response.ok.p99", 10000, nil},
		{"response.ok.p999", 99999, paired.ErrTooFew},
		{"response.ok.p99.9", 100000, nil},
		{"response.ok.p9999", 1000000, nil},
		{"response.ok.p01", 9999, paired.ErrTooFew},
		{"response.ok.p01", 10000, nil},
		{"response.ok.mean", 1, nil},
		{"cost.peak_rss", 1, nil},
		{"response.failed.p50", 1, results.ErrNoData},
	} {
		if err := paired.CheckSamples(c.path, run(c.n)); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s of %d values: %v; want %v", c.path, c.n, err, c.want)
		}
	}
}
