package results

import (
	"fmt"
	"testing"
	"time"
)

func TestCausesAreCountedByOutcome(t *testing.T) {
	run := fill(t, Options{}, time.Second, []Sample{
		{Outcome: Failed, Cause: "connection refused"},
		{Outcome: Failed, Cause: "connection refused"},
		{Outcome: Shed, Cause: "full"},
		{Outcome: Rejected},
		{Outcome: Unsent, Cause: "in-flight cap"},
		{Outcome: OK, Cause: "ignored"},
	})
	want := map[string]uint64{"failed: connection refused": 2, "shed: full": 1, "unsent: in-flight cap": 1}
	same(t, run.Causes, want)
}

func TestManyCausesEndUnderOther(t *testing.T) {
	var c causes
	for i := range 10 * maxCauses {
		c.add(Failed, fmt.Sprintf("cause %d", i), 1)
	}
	c.add(Shed, "full", 5)
	c.add(Failed, "cause 0", 1)
	got := c.byName()
	if len(got) != maxCauses+2 || got["failed: other"] != 9*maxCauses || got["shed: other"] != 5 || got["failed: cause 0"] != 2 {
		t.Errorf("%d causes, failed: other %d, shed: other %d, cause 0 %d", len(got), got["failed: other"], got["shed: other"], got["failed: cause 0"])
	}
}

func TestMergeOfCausesKeepsTheMostFrequent(t *testing.T) {
	var full, sum causes
	for i := range maxCauses {
		full.add(Failed, fmt.Sprintf("cause %d", i), uint64(1+i))
	}
	sum.add(Failed, "before", 1)
	sum.merge(&full)
	got := sum.byName()
	if got["failed: cause 63"] != 64 || got["failed: before"] != 1 || got["failed: other"] != 1 {
		t.Errorf("got %v; want all but the rarest by name", got)
	}
}
