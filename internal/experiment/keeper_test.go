package experiment

import (
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/results"
)

// TestKeeper: a run in progress says that it was not ended, and nothing that is only
// known at the end; the run itself is whole.
func TestKeeper(t *testing.T) {
	p := planOf(t, "name: kept\nworkload: {arrivals: 'constant:1k/s', keys: 'uniform:10'}\nload: {lanes: 2}\nsubjects: [{name: it, limiter: {kind: gcra, rate: 20/s}}]\nduration: 300ms\nwarmup: 50ms\n")
	p.Scenario.Notes = []string{"by the way"}
	var kept []*results.Run
	p.Keep, p.KeepEvery = func(r *results.Run) { kept = append(kept, r) }, 20*time.Millisecond
	whole := collect(t, p)["it"]
	if len(kept) == 0 {
		t.Fatalf("nothing was kept in 350 ms; want it every 20 ms")
	}
	for i, r := range kept {
		reasons := strings.Join(r.Validity.Reasons, "; ")
		if !r.Partial || r.Validity.Verdict == results.Valid || !strings.Contains(reasons, "the run was not ended") {
			t.Errorf("partial is %t, the verdict %s: %s", r.Partial, r.Validity.Verdict, reasons)
		}
		if r.Accuracy != nil || r.Cost != (results.Cost{}) || r.Generator != nil || len(r.Warnings) == 0 || r.Warnings[0] != "by the way" {
			t.Errorf("accuracy %v, cost %v, generator %v, warnings %q", r.Accuracy, r.Cost, r.Generator, r.Warnings)
		}
		if r.Trial != "it" || r.Repeat != 1 || r.Schedule != whole.Schedule || !r.StartedAt.Equal(whole.StartedAt) {
			t.Errorf("it is %+v; want the run that goes on", r)
		}
		var ended uint64
		for _, n := range r.Outcomes {
			ended += n
		}
		if r.Offered != ended || r.Offered > whole.Offered || i > 0 && r.Offered < kept[i-1].Offered {
			t.Errorf("offered %d, ended %d", r.Offered, ended)
		}
	}
	if whole.Partial || whole.Offered != 300 || whole.Accuracy == nil || whole.Cost == (results.Cost{}) {
		t.Errorf("the run itself is %+v", whole)
	}
}

// TestKeeperInVirtualTime: nobody could look.
func TestKeeperInVirtualTime(t *testing.T) {
	p := planOf(t, "name: kept\nworkload: {arrivals: 'constant:1k/s'}\nsubjects: [{name: it, target: {kind: noop}}]\nduration: 10s\n")
	p.Time = results.Virtual
	p.Keep, p.KeepEvery = func(*results.Run) { t.Error("it is kept") }, time.Microsecond
	collect(t, p)
}
