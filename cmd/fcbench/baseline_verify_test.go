package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/compare"
)

// realRuns are so many runs in real time whose p99 is around so many ms.
func realRuns(trial string, day, n int, ms float64) (all []results.Run) {
	for i := range n {
		took := int64(1e6 * ms * (1 + 0.001*float64((i*7)%11)))
		all = append(all, results.Run{
			Scenario: "s", Trial: trial, Repeat: i + 1, Order: i + 1, Time: results.Real, Schedule: results.ScheduleInfo{Digest: "abc"},
			StartedAt: time.Date(2026, 1, day, 0, 0, i, 0, time.UTC), Offered: 1000, MeasuredNS: 1e9, ThroughputPerS: 1000,
			Outcomes: map[string]uint64{"ok": 1000},
			Latency: results.Latencies{Response: map[string]*results.Latency{
				"ok": {Count: 1000, P50NS: 1e6 + int64((i*5)%13), P99NS: took, P999NS: 9e6 + int64((i*3)%7)},
			}},
			Validity: results.Validity{Verdict: results.Valid},
		})
	}
	return all
}

// TestUnverified: a baseline is verified by runs that would have told a difference, and
// by nothing less.
func TestUnverified(t *testing.T) {
	for name, c := range map[string]struct {
		other []results.Run
		code  int
		want  string
	}{
		"as many, the same":    {append(realRuns("a", 2, 8, 5), realRuns("b", 2, 8, 5)...), 0, ""},
		"one run":              {append(realRuns("a", 2, 1, 5), realRuns("b", 2, 1, 5)...), exitInconclusive, "want at least 4 runs of each trial"},
		"four runs":            {append(realRuns("a", 2, 4, 5), realRuns("b", 2, 4, 5)...), exitInconclusive, "is of 4 runs, which cannot show a difference of one in 6 metrics; want at least 5"},
		"one trial":            {realRuns("a", 2, 8, 5), exitNoData, "b: only in base; want runs of every trial"},
		"another trial":        {append(realRuns("a", 2, 8, 5), append(realRuns("b", 2, 8, 5), realRuns("c", 2, 8, 5)...)...), exitNoData, "c: only in other"},
		"one trial got slower": {append(realRuns("a", 2, 8, 5), realRuns("b", 2, 8, 6)...), exitMissed, "b: response.ok.p99 is worse"},
	} {
		base := append(realRuns("a", 1, 6, 5), realRuns("b", 1, 6, 5)...)
		got, problem := compare.Files(base, c.other, compare.Options{Base: "base", Other: "other"})
		err := unverified(got)
		if problem != nil || exitCode(err) != c.code || !strings.Contains(fmt.Sprint(err), c.want) {
			t.Errorf("%s: %v, %v with code %d; want %q and %d", name, problem, err, exitCode(err), c.want, c.code)
		}
	}
}

// TestChanceIsNoDifference: of many metrics one that chance moves is none.
func TestChanceIsNoDifference(t *testing.T) {
	var all []named
	for i := range 20 {
		all = append(all, named{"a", compare.Difference{P: 0.03 + 0.04*float64(i), Tested: true, Base: results.Spread{N: 12}, Other: results.Spread{N: 12}}})
	}
	if err := differing(all); err != nil {
		t.Errorf("%v; want no difference, as one of twenty has p <= 0.05", err)
	}
	all[7].P = 0.002
	if err := differing(all); exitCode(err) != exitMissed {
		t.Errorf("%v; want the difference that twenty do not explain", err)
	}
}
