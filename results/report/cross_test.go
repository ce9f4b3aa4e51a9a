package report_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/report"
)

// TestGridOfASweep: the last path across, subjects and the other path down.
func TestGridOfASweep(t *testing.T) {
	all := combinations(t)
	all[3].Validity = results.Validity{Verdict: results.Invalid, Reasons: []string{"steal"}}
	all = append(all[:5], all[6:]...) // one that was not made
	md := string(write(t, "grid", all, report.Options{Metric: "outcomes.ok"}))
	for _, want := range []string{
		"### burst-limiters\n\noutcomes.ok: arrivals that ended so; higher is better.\n",
		"| subject      | limiter rate | workload.arrivals.rate=200/s | workload.arrivals.rate=400/s |\n",
		"| gcra         |         50/s |                        1,000 |                        1,200 |\n",
		"| gcra         |        100/s |                        1,000 |                        1,200 |\n",
		"| fixed-window |         50/s |                        1,000 |                    1,200 ✗ 1 |\n",
		"| fixed-window |        100/s |                              |                        1,200 |\n",
		"steal",
	} {
		if !strings.Contains(md, want) {
			t.Errorf("want\n%s in\n%s", want, md)
		}
	}
	csv := string(write(t, "grid", all, report.Options{Metric: "outcomes.ok", CSV: true}))
	want := `scenario,metric,subject,limiter.rate,workload.arrivals.rate=200/s,workload.arrivals.rate=400/s
burst-limiters,outcomes.ok (count),gcra,50/s,1000,1200
burst-limiters,outcomes.ok (count),gcra,100/s,1000,1200
burst-limiters,outcomes.ok (count),fixed-window,50/s,1000,1200
burst-limiters,outcomes.ok (count),fixed-window,100/s,,1200
`
	if csv != want {
		t.Errorf("CSV is\n%s; want\n%s", csv, want)
	}
}

// TestGridOfNoSweep is a column, and cells are medians.
func TestGridOfNoSweep(t *testing.T) {
	all := runs(t, subject{name: "gcra", admit: 50, took: 80}, 3)
	for i, n := range []uint64{10, 30, 20} {
		all[i].Outcomes["ok"] = n
	}
	if got, want := string(write(t, "grid", all, report.Options{Metric: "outcomes.ok", CSV: true})), "scenario,metric,subject,outcomes.ok\nburst-limiters,outcomes.ok (count),gcra,20\n"; got != want {
		t.Errorf("CSV is\n%s; want\n%s", got, want)
	}
}

// TestMetricOfAGrid: that of the first threshold, or the response time, or where
// nothing was timed the throughput; and an error for what there is not.
func TestMetricOfAGrid(t *testing.T) {
	all := combinations(t)
	is := func(want string) {
		t.Helper()
		if got := string(write(t, "grid", all, report.Options{CSV: true})); !strings.Contains(got, "burst-limiters,"+want+" (") {
			t.Errorf("grid is of\n%s; want %s", got, want)
		}
	}
	is("response.ok.p99")
	for i := range all {
		all[i].Latency.Response = nil
	}
	is("throughput")
	for i := range all {
		all[i].Protocol.Thresholds = []string{"outcomes.ok.share > 0.5", "goodput > 1"}
	}
	is("outcomes.ok.share")
	if err := report.Cross(io.Discard, all, report.Options{Metric: "no.such"}); err == nil || !strings.Contains(err.Error(), `metric "no.such" is unknown`) {
		t.Errorf("error is %v; want one about the metric", err)
	}
	if err := report.Cross(full{}, all, report.Options{}); !errors.Is(err, errFull) {
		t.Errorf("error is %v; want %v", err, errFull)
	}
}
