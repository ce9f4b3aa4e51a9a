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
	c.Policy.NullPairs = 6
	if text := write(nil); !strings.Contains(text, "2m20s at least and 3m20s at most") {
		t.Errorf("plan is\n%swant the null control's time in it", text)
	}
	c.Policy.NullPairs = 0
	informed := write(c.Judge())
	for _, want := range []string{"look 1, 8 pairs: the least p-value is 0.0039, one claim needs", "look 2, 14 pairs: the least p-value is 6.1e-05, one claim needs 0.0021: can fail", "claim limiters/BenchmarkGCRA/ns/op: pair SD 2.", "100% power at twice the margin", "95% takes 14 pairs; found nine times of ten: "} {
		if !strings.Contains(informed, want) {
			t.Errorf("plan is\n%swant %q in it", informed, want)
		}
	}
}

// TestPlanOfBenchmarks: which there are the lockfile says, and how long they take the
// verdict of an earlier gate.
func TestPlanOfBenchmarks(t *testing.T) {
	c := benchCase(t, world(14, 0.03, 1, 0))
	before := c.Judge()
	before.TookNS = int64(14 * 3 * time.Second)
	c.Units = nil
	write := func(before *Verdict) string {
		var b bytes.Buffer
		if err := c.Plan(0, before).Write(&b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	informed := write(before)
	for _, one := range []struct {
		plan string
		want []string
	}{
		{write(nil), []string{"1 subjects, 2 claims", "claim limiters/BenchmarkGCRA/ns/op, margin 5%", "how long they take is not known", "how much 2 of 2 claims vary"}},
		{informed, []string{"24s at least and 42s at most", "claim limiters/BenchmarkGCRA/ns/op: pair SD 2."}},
		{write(&Verdict{Gate: "another", Pairs: 1, TookNS: 1e9}), []string{"how long they take is not known"}},
	} {
		for _, want := range one.want {
			if !strings.Contains(one.plan, want) {
				t.Errorf("plan is\n%swant %q in it", one.plan, want)
			}
		}
	}
	if strings.Contains(informed, "claims vary here is not known") {
		t.Errorf("plan is\n%swant all known, as allocations do not vary", informed)
	}
	c.Lock = nil
	if text := write(nil); !strings.Contains(text, "which benchmarks there are only a run tells") {
		t.Errorf("plan is\n%swant it said that nobody knows", text)
	}
}

// TestPlanKnowsFloors: a floor that is more than the margin is what can be found.
func TestPlanKnowsFloors(t *testing.T) {
	c := benchCase(t, world(14, 0.03, 1, 0))
	before := c.Judge()
	c.Policy.Claims[0].Floor = 20
	var b bytes.Buffer
	if err := c.Plan(time.Second, before).Write(&b); err != nil {
		t.Fatal(err)
	}
	if text := b.String(); !strings.Contains(text, "claim limiters/BenchmarkGCRA/ns/op: its floor of 20 ns is 22.") {
		t.Errorf("plan is\n%swant the floor's share of what it was in it", text)
	}
}
