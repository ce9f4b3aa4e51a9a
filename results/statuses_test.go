package results

import (
	"maps"
	"strings"
	"testing"
	"time"
)

// TestStatuses: answers are counted by status, over all shards; what was never
// answered has none, and what is no status of HTTP is one more name.
func TestStatuses(t *testing.T) {
	two := NewShard(Options{})
	one := NewShard(Options{})
	play(one, []Sample{
		{Outcome: OK, Status: 200},
		{Outcome: OK, Status: 204},
		{Outcome: Rejected, Status: 429},
		{Outcome: Failed, Cause: "status 500", Status: 500},
		{Outcome: TimedOut, Cause: "timeout"},
	})
	play(two, []Sample{{Outcome: OK, Status: 200}, {Outcome: Failed, Status: 999, Cause: "status 999"}, {Outcome: Failed, Status: 60000, Cause: "x"}})
	m, err := Merge(Options{}, one, two)
	if err != nil {
		t.Fatal(err)
	}
	run := new(Run)
	m.Fill(run, time.Second)
	want := map[string]uint64{"200": 2, "204": 1, "429": 1, "500": 1, "999": 1, "other": 1}
	if !maps.Equal(run.Statuses, want) {
		t.Errorf("statuses are %v; want %v", run.Statuses, want)
	}
}

// TestNoStatuses: a limiter's answers have none, and the run says nothing of them.
func TestNoStatuses(t *testing.T) {
	if run := fill(t, Options{}, time.Second, []Sample{{Outcome: OK}}); run.Statuses != nil {
		t.Errorf("statuses are %v; want none", run.Statuses)
	}
}

// TestStatusesAreMetrics: goals can be set for them. A run with statuses, but
// none of those, has 0 of them; one without any has no data.
func TestStatusesAreMetrics(t *testing.T) {
	run := fill(t, Options{}, time.Second, []Sample{{Outcome: OK, Status: 200}, {Outcome: Rejected, Status: 429}})
	for path, want := range map[string]float64{"statuses.200": 1, "statuses.429": 1, "statuses.404": 0, "statuses.5xx": 0, "statuses.2xx": 1, "statuses.4xx.share": 0.5} {
		if v, m, err := Value(run, path); v != want || err != nil || m.Path != path {
			t.Errorf("%s is %v, %v; want %v", path, v, err, want)
		}
	}
	for _, path := range []string{"statuses.20", "statuses.2000", "statuses.6xx.shares", "statuses.xx", "statuses.", "statuses.0xx", "statuses.abc"} {
		if _, _, err := Value(run, path); err == nil {
			t.Errorf("%s is a metric; want it unknown", path)
		}
	}
	if _, _, err := Value(new(Run), "statuses.429"); err == nil {
		t.Error("a run without statuses has a count of them; want no data")
	}
}

// TestUnreadRetriesAreWarned: what a service said and nobody understood is counted.
func TestUnreadRetriesAreWarned(t *testing.T) {
	refused := Sample{Outcome: Rejected, Status: 429, RetryUnread: true}
	run := fill(t, Options{}, time.Second, []Sample{{Outcome: OK}, refused, refused, {Outcome: Rejected}})
	if len(run.Warnings) != 1 || !strings.HasPrefix(run.Warnings[0], "retry-after: not understood in 2 refusals") {
		t.Errorf("warnings are %q; want one of 2 refusals", run.Warnings)
	}
	if run := fill(t, Options{}, time.Second, []Sample{{Outcome: Rejected}}); len(run.Warnings) != 0 {
		t.Errorf("warnings are %q; want none", run.Warnings)
	}
}
