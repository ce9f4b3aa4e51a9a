package compare_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/compare"
)

// written is a comparison that has everything: a tested metric, one that a side
// lacks, an infinite one, a note and a trial without a partner.
func written(t *testing.T) compare.Comparison {
	t.Helper()
	a, b := service("gcra", 10, 11, 12, 13), service("gcra", 20, 21, 22, 23)
	for i := range b {
		b[i].Faults = []results.Fault{{Reached: true, After: results.Spell{Latency: results.SpellLatency{Count: 1}}}} // and never recovered
		a[i].Faults = []results.Fault{{Reached: true, Recovered: true, RecoveryNS: 5}}
	}
	delete(b[0].Latency.Response, "ok")
	c, err := compare.Files(append(a, service("old", 1)...), b, compare.Options{
		Base: "a, b.jsonl", Other: "<b>.jsonl",
		Metrics: []string{"response.ok.p99", "outcomes.ok.share", "faults.recovery", "throughput"},
	})
	if err != nil {
		t.Fatal(err)
	}
	lacking := c.Pairs[0].Differences[0]
	lacking.Metric.Path, lacking.Other, lacking.Change = "service.ok.p99", results.Spread{}, compare.NoData
	lacking.Tested = false
	c.Pairs[0].Differences = append(c.Pairs[0].Differences, lacking)
	return c
}

func TestCSV(t *testing.T) {
	var text strings.Builder
	if err := compare.CSV(&text, written(t)); err != nil {
		t.Fatal(err)
	}
	golden(t, "written.csv", text.String())
}

func TestJSON(t *testing.T) {
	var text strings.Builder
	if err := compare.JSON(&text, written(t)); err != nil {
		t.Fatal(err)
	}
	golden(t, "written.json", text.String())
	if !json.Valid([]byte(text.String())) {
		t.Error("it is not JSON")
	}
}

func TestJSONOfNothingHasNoNulls(t *testing.T) {
	var text strings.Builder
	if err := compare.JSON(&text, compare.Comparison{Pairs: []compare.Pair{{}}}); err != nil || strings.Contains(text.String(), "null") {
		t.Errorf("%v: %s", err, &text)
	}
}
