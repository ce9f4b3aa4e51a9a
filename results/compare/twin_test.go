package compare_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/compare"
)

// recorded are the runs of one pipeline: twice the capacity for 1.5 s.
func recorded(t *testing.T, name string) []results.Run {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	runs, err := results.ReadRuns(f, name)
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

// TestSimulatedAgainstLive: the sides say which is which, whichever is the base, and
// how far they are apart; nothing is exact that was live on one side.
func TestSimulatedAgainstLive(t *testing.T) {
	simulated, live := recorded(t, "simulated.jsonl"), recorded(t, "live.jsonl")
	again := recorded(t, "simulated.jsonl")
	for i := range again {
		again[i].StartedAt = again[i].StartedAt.Add(time.Hour) // not the same runs
	}
	retention := 0.99 * *simulated[0].Pipeline.Retention
	live[0].Pipeline.Retention = &retention
	for _, c := range []struct {
		base, other []results.Run
		metrics     []string
		title, gap  string
	}{
		{simulated, live, []string{"pipeline.retention", "pipeline.most_queued"}, "twins, drop-oldest: a.jsonl, simulated (base) against b.jsonl, live", "at most 1.0%, of pipeline.retention"},
		{live, simulated, []string{"pipeline.most_queued"}, "twins, drop-oldest: a.jsonl, live (base) against b.jsonl, simulated", "at most 0.0%, of pipeline.most_queued"},
		{simulated, live, []string{"pipeline.dead_share", "league.fairness"}, "twins, drop-oldest: a.jsonl, simulated (base) against b.jsonl, live", "of league.fairness"},
		{simulated, again, []string{"throughput"}, "twins, drop-oldest: a.jsonl (base) against b.jsonl", ""},
	} {
		got, err := compare.Files(c.base, c.other, compare.Options{Base: "a.jsonl", Other: "b.jsonl", Metrics: c.metrics})
		if err != nil || len(got.Pairs) != 1 {
			t.Errorf("%q: %d pairs, %v; want one", c.metrics, len(got.Pairs), err)
			continue
		}
		p := got.Pairs[0]
		if p.Title() != c.title {
			t.Errorf("title is %q; want %q", p.Title(), c.title)
		}
		told := slices.ContainsFunc(p.Notes, func(note string) bool {
			return strings.HasPrefix(note, "one side is simulated and the other live") && strings.Contains(note, c.gap)
		})
		if told != (c.gap != "") {
			t.Errorf("%q: notes are %q; want the gap told: %q", c.metrics, p.Notes, c.gap)
		}
		for _, d := range p.Differences {
			if d.Exact != (c.gap == "") {
				t.Errorf("%s is exact: %t", d.Metric.Path, d.Exact)
			}
		}
	}
}

// TestSimulatedIsNoTwin: of other metrics, of other subjects, of runs of both times on
// one side, and of another schedule nothing is compared.
func TestSimulatedIsNoTwin(t *testing.T) {
	retention := []string{"pipeline.retention"}
	for name, c := range map[string]struct {
		spoil   func(live *results.Run)
		metrics []string
		want    string
	}{
		"what there is by default": {nil, nil, "time is virtual (the first file) and real (the second file); want the same in all runs, or, of a pipeline that was simulated and run live, metrics of pipeline. and league. alone"},
		"another metric":           {nil, []string{"pipeline.retention", "response.ok.p99"}, "metrics of pipeline. and league. alone"},
		"no pipeline":              {func(r *results.Run) { r.Pipeline = nil }, retention, "time is virtual (the first file) and real (the second file); want the same in all runs"},
		"another subject":          {func(r *results.Run) { r.Subject = []byte(`{"kind":"drop-oldest","capacity":"3"}`) }, retention, "want the same in all runs"},
		"another schedule":         {func(r *results.Run) { r.Schedule.Digest = "other" }, retention, "schedule digest is"},
		"on a stand-in":            {func(r *results.Run) { r.Simulated = true }, retention, "simulated is false (the first file) and true (the second file)"},
		"in a bubble":              {func(r *results.Run) { r.Time = results.Bubble }, retention, "time is virtual"},
	} {
		live := recorded(t, "live.jsonl")
		if c.spoil != nil {
			c.spoil(&live[0])
		}
		_, err := compare.Files(recorded(t, "simulated.jsonl"), live, compare.Options{Metrics: c.metrics})
		if !errors.Is(err, compare.ErrNotComparable) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v; want %v and %s", name, err, compare.ErrNotComparable, c.want)
		}
	}
	mixed := slices.Concat(recorded(t, "simulated.jsonl"), recorded(t, "live.jsonl"))
	if _, err := compare.Files(mixed, recorded(t, "live.jsonl"), compare.Options{Metrics: retention}); !errors.Is(err, compare.ErrNotComparable) {
		t.Errorf("runs of both times on one side: error is %v; want %v", err, compare.ErrNotComparable)
	}
}
