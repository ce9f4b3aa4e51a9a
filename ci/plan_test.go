package ci

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// TestPlan says before a gate is run how long it takes, what each look can do, and what
// will be found of claims whose noise an earlier verdict knows.
func TestPlan(t *testing.T) {
	c := benchCase(t, world(14, 0.03, 1, 0))
	write := func(before *Verdict) string {
		var b bytes.Buffer
		if err := c.Plan(10*time.Second, before).Write(&b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	fresh := write(nil)
	for _, want := range []string{"1 subjects, 2 claims", "1m20s at least and 2m20s at most", "how much 2 of 2 claims vary here is not known"} {
		if !strings.Contains(fresh, want) {
			t.Errorf("plan is\n%swant %q in it", fresh, want)
		}
	}
	informed := write(c.Judge())
	for _, want := range []string{"look 1, 8 pairs: the least p-value is 0.0039, one claim needs", "look 2, 14 pairs: the least p-value is 6.1e-05, one claim needs 0.0021: can fail", "claim limiters/BenchmarkGCRA/ns/op: pair SD 2.", "100% power at twice the margin"} {
		if !strings.Contains(informed, want) {
			t.Errorf("plan is\n%swant %q in it", informed, want)
		}
	}
}
