package report_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/report"
)

// combinations are two subjects at two limits under two rates of arrivals: the runs
// of a sweep, in the order of its trials.
func combinations(t testing.TB) (all []results.Run) {
	for _, limit := range []string{"50/s", "100/s"} {
		for i, rate := range []string{"200/s", "400/s"} {
			for _, name := range []string{"gcra", "fixed-window"} {
				r := run(t, subject{name: name, admit: 50 + 10*i, took: 80}, 0)
				r.Params = json.RawMessage(fmt.Sprintf(`{"limiter.rate":%q,"workload.arrivals.rate":%q}`, limit, rate))
				r.Trial, r.Place = results.CombinedName(name, r.Params), len(all)+1
				r.Subject = json.RawMessage(fmt.Sprintf(`{"kind":%q,"rate":%q,"burst":"20"}`, name, limit))
				r.Workload = json.RawMessage(fmt.Sprintf(`{"arrivals":{"kind":"burst","rate":%q},"keys":{"kind":"zipf","n":"10"}}`, rate))
				r.Schedule.Digest = fmt.Sprintf("%032d", i)
				all = append(all, r)
			}
		}
	}
	return all
}

// TestSweepIsOneTable: with a column for each path, whatever the runs were sent, and
// a heading that says what holds of all.
func TestSweepIsOneTable(t *testing.T) {
	all := combinations(t)
	text := string(write(t, "table", all, report.Options{}))
	if strings.Count(text, "burst-limiters") != 1 || strings.Count(text, "subject") != 1 {
		t.Errorf("want one table:\n%s", text)
	}
	for _, want := range []string{"keys zipf n 10", "seed 42", "\ngcra             50/s              200/s ", "\nfixed-window    100/s              400/s "} {
		if !strings.Contains(text, want) {
			t.Errorf("want %q in\n%s", want, text)
		}
	}
	for _, not := range []string{"burst rate", "schedule 0", "limits\n", "gcra["} {
		if strings.Contains(text, not) {
			t.Errorf("want no %q, which is not of all or said in a column, in\n%s", not, text)
		}
	}
}

// TestLimitsThatASweepLeavesAlone are told once.
func TestLimitsThatASweepLeavesAlone(t *testing.T) {
	all := combinations(t)
	for i := range all {
		all[i].Subject = json.RawMessage(fmt.Sprintf(`{"kind":"x","rate":"%d/s","burst":"20"}`, i%2+1))
	}
	text := string(write(t, "table", all, report.Options{}))
	if !strings.Contains(text, "limits\n  gcra: 1/s burst 20\n  fixed-window: 2/s burst 20\n") {
		t.Errorf("want each limit once:\n%s", text)
	}
}

// TestRepeatsHaveOneSchedule: two trials of one name on other schedules are not
// repeats of each other, in a sweep or not.
func TestRepeatsHaveOneSchedule(t *testing.T) {
	all := combinations(t)
	again := combinations(t)
	for i := range again {
		again[i].Schedule.Digest = digest
	}
	text := string(write(t, "table", append(all, again...), report.Options{}))
	if strings.Count(text, "burst-limiters") != 2 {
		t.Errorf("want a table for each:\n%s", text)
	}
	single := all[:1]
	text = string(write(t, "table", append(single, runs(t, subject{name: "gcra", admit: 50, took: 80}, 1)...), report.Options{}))
	if strings.Count(text, "burst-limiters") != 2 {
		t.Errorf("want a table for the sweep, and one for the run of none:\n%s", text)
	}
}

func TestCSVHasTheParams(t *testing.T) {
	all := append(combinations(t), runs(t, subject{name: "noop", admit: 50, took: 80}, 1)...)
	lines := strings.Split(string(write(t, "csv", all, report.Options{})), "\n")
	if !strings.HasPrefix(lines[0], "scenario,trial,params.limiter.rate,params.workload.arrivals.rate,url,") {
		t.Errorf("head is %s", lines[0])
	}
	cells := strings.Split(strings.ReplaceAll(lines[2], all[1].Trial, "trial"), ",")
	if !slices.Contains(cells, "50/s") || !slices.Contains(cells, "200/s") {
		t.Errorf("the second line is %s; want 50/s and 200/s", lines[2])
	}
	if !strings.HasPrefix(lines[9], "burst-limiters,noop,,,") {
		t.Errorf("the last line is %s; want nothing for paths of which it has none", lines[9])
	}
}

// TestHeadingHasOneDigest: of the results of all runs, if all have one, in the order
// of the table.
func TestHeadingHasOneDigest(t *testing.T) {
	all := runs(t, subject{name: "gcra", admit: 50, took: 80}, 2)
	for i := range all {
		all[i].ResultDigest = strings.Repeat(fmt.Sprint(i), 32)
	}
	want := "results " + results.DigestOfAll(all)
	if got := heading(t, all); !strings.Contains(got, want) {
		t.Errorf("heading is %s; want %s", got, want)
	}
	if got := heading(t, all[:1]); !strings.Contains(got, "results "+strings.Repeat("0", 32)) {
		t.Errorf("heading of one run is %s; want its own digest", got)
	}
	all[1].ResultDigest = ""
	if got := heading(t, all); strings.Contains(got, "results ") {
		t.Errorf("heading is %s; want no digest where a run has none", got)
	}
}
