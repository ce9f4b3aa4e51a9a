package ci

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/results"
)

const benchPolicy = `a: {bench: {ref: merge-base}}
b: {bench: {ref: worktree}}
claims: [{metric: ns/op, margin: 5%}, {metric: allocs/op}]
pairs: [8, 14]
`

// world makes pairs of a benchmark that takes 100 ns and varies by noise; B takes
// factor times as long, and allocates so much more.
func world(pairs int, noise, factor, allocs float64) Unit {
	u := Unit{Scenario: "limiters", Subject: "BenchmarkGCRA"}
	draws := seed.New(7).Sub("noise")
	draw := func(i int) float64 {
		return 1 + noise*(2*float64(draws.Uint64(uint64(i))>>11)/(1<<53)-1)
	}
	for i := range pairs {
		u.Pairs = append(u.Pairs, Pair{
			Number: i + 1, Order: "AB",
			A: Measured{Bench: map[string]float64{"ns/op": 100 * draw(2*i), "allocs/op": 2}},
			B: Measured{Bench: map[string]float64{"ns/op": 100 * factor * draw(2*i+1), "allocs/op": 2 + allocs}},
		})
	}
	return u
}

// benchCase is a case of these units, and locked as they are.
func benchCase(t *testing.T, units ...Unit) Case {
	t.Helper()
	p, err := ParsePolicy("ci/gate.yaml", []byte(benchPolicy))
	if err != nil {
		t.Fatal(err)
	}
	c := Case{Policy: p, Units: units, Look: 1, Now: time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)}
	if c.Lock, err = c.NewLock(); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestJudge: what a gate says of worlds whose truth is known.
func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name           string
		noise          float64
		factor, allocs float64
		time, alloc    Outcome
		gate           Outcome
	}{
		{"nothing changed", 0.03, 1, 0, Pass, Pass, Pass},
		{"slower by far", 0.03, 1.15, 0, Regressed, Pass, Regressed},
		{"faster", 0.03, 0.80, 0, Improved, Pass, Improved},
		{"one allocation more", 0.03, 1, 1, Pass, Regressed, Regressed},
		{"one allocation less", 0.03, 1, -1, Pass, Improved, Improved},
		{"noise", 0.60, 1.04, 0, Inconclusive, Pass, Inconclusive},
		{"stopped to work", 0.03, 0.03, 0, Invalid, Pass, Invalid},
		{"the same numbers", 0, 1, 0, NoData, Pass, NoData},
	} {
		v := benchCase(t, world(14, c.noise, c.factor, c.allocs)).Judge()
		if v.Claims[0].Verdict != c.time || v.Claims[1].Verdict != c.alloc || v.Verdict != c.gate || v.ExitCode != c.gate.Code() {
			t.Errorf("%s: %s, %s, gate %s with code %d; want %s, %s, %s (%+v)", c.name, v.Claims[0].Verdict, v.Claims[1].Verdict, v.Verdict, v.ExitCode, c.time, c.alloc, c.gate, v.Reasons)
		}
	}
}

// TestSwapMirrors: with the sides swapped what was worse is better.
func TestSwapMirrors(t *testing.T) {
	u := world(14, 0.03, 1.15, 0)
	v := benchCase(t, u).Judge()
	for i, p := range u.Pairs {
		u.Pairs[i].A, u.Pairs[i].B = p.B, p.A
	}
	w := benchCase(t, u).Judge()
	a, b := v.Claims[0].Change, w.Claims[0].Change
	if v.Verdict != Regressed || w.Verdict != Improved || math.Abs((1+a)*(1+b)-1) > 1e-12 {
		t.Errorf("%s by %v, and swapped %s by %v; want a mirror", v.Verdict, a, w.Verdict, b)
	}
}

// TestBalancedOrders: of a sampled claim the file has the share of orders that would have
// looked as bad, of what is exact or of more pairs than are counted out it has none.
func TestBalancedOrders(t *testing.T) {
	u := world(14, 0.03, 1.15, 0)
	for i := range u.Pairs {
		u.Pairs[i].Order = []string{"AB", "BA"}[i%2]
	}
	c := benchCase(t, u)
	v := c.Judge()
	if p := v.Claims[0].PDesign; p == nil || math.Abs(*p*70*20-1) > 1e-9 {
		t.Errorf("slower in every pair: %v; want one of %d orders", p, 70*20)
	}
	if p := v.Claims[1].PDesign; p != nil {
		t.Errorf("of what is exact: %v; want none", *p)
	}
	for i := range u.Pairs {
		u.Pairs[i].A, u.Pairs[i].B = u.Pairs[i].B, u.Pairs[i].A
	}
	if p := benchCase(t, u).Judge().Claims[0].PDesign; p == nil || math.Abs(*p-1) > 1e-9 {
		t.Errorf("faster in every pair: %v; want all orders", p)
	}
}

// TestNeverVacuous: whatever keeps a claim from being judged, the gate is not green
// and says what is missing.
func TestNeverVacuous(t *testing.T) {
	for _, c := range []struct {
		name string
		harm func(c *Case)
		want Outcome
		said string
	}{
		{"nothing measured", func(c *Case) { c.Units = nil }, NoData, "nothing of that name was measured"},
		{"no pairs", func(c *Case) { c.Units[0].Pairs = nil }, NoData, "nothing was measured"},
		{"renamed", func(c *Case) { c.Units[0].Subject = "BenchmarkGcra" }, NoData, "nothing of that name was measured"},
		{"another more", func(c *Case) { u := world(14, 0.03, 1, 0); u.Subject = "BenchmarkNew"; c.Units = append(c.Units, u) }, NoData, "it is not in the lockfile"},
		{"metric gone", func(c *Case) { delete(c.Units[0].Pairs[3].B.Bench, "ns/op") }, NoData, "side b produced 13 of 14 values"},
		{"metric gone from both", func(c *Case) {
			for _, p := range c.Units[0].Pairs {
				delete(p.A.Bench, "ns/op")
				delete(p.B.Bench, "ns/op")
			}
		}, NoData, "side a produced 0 of 14 values, side b produced 0 of 14 values"},
		{"NaN", func(c *Case) { c.Units[0].Pairs[2].A.Bench["ns/op"] = math.NaN() }, NoData, "ns/op is NaN; want a finite number"},
		{"infinite", func(c *Case) { c.Units[0].Pairs[2].A.Bench["ns/op"] = math.Inf(1) }, NoData, "ns/op is +Inf; want a finite number"},
		{"zero", func(c *Case) { c.Units[0].Pairs[2].A.Bench["ns/op"] = 0 }, Invalid, "a value of A is 0; want finite numbers above 0"},
		{"no lockfile", func(c *Case) { c.Lock = nil }, NoData, "it is not in the lockfile"},
		{"no claims", func(c *Case) { c.Policy.Claims, c.Lock = nil, nil }, NoData, "nothing was compared"},
		{"another margin", func(c *Case) { c.Lock.Claims[1].Margin, c.Lock.Claims[0].Margin = "1%", "1%" }, NoData, "the lockfile has 1%"},
		{"another floor", func(c *Case) { c.Policy.Claims[0].Floor = 50 }, NoData, "its floor is 50 ns and the lockfile has 0 ns"},
		{"another schedule", func(c *Case) { c.Units[0].Digest = "abc" }, Invalid, "the work is not the same"},
		{"steal", func(c *Case) { c.Health.StealShare = 0.11 }, Invalid, "the box, not the code: the hypervisor took 11.0%"},
		{"throttled", func(c *Case) { c.Health.Throttled = 0.02 }, Invalid, "the box, not the code: a CPU quota"},
		{"an invalid run", func(c *Case) {
			c.Units[0].Pairs[1].B.Run = &results.Run{Validity: results.Validity{Verdict: results.Invalid, Reasons: []string{"late"}}}
		}, Invalid, "pair 2, side b: it calls itself invalid: late"},
	} {
		one := benchCase(t, world(14, 0.03, 1, 0))
		c.harm(&one)
		v := one.Judge()
		var text bytes.Buffer
		if err := v.Write(&text); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if v.Verdict != c.want || v.ExitCode == 0 || !strings.Contains(text.String(), c.said) {
			t.Errorf("%s: verdict is %s with code %d; want %s, saying %q:\n%s", c.name, v.Verdict, v.ExitCode, c.want, c.said, text.String())
		}
	}
}

// TestNullControl: where two runs of A differ as A and B do, the box is blamed.
func TestNullControl(t *testing.T) {
	u := world(14, 0.03, 1.15, 0)
	u.Null = world(6, 0.01, 1.12, 0).Pairs
	if v := benchCase(t, u).Judge(); v.Verdict != Invalid || !strings.Contains(fmt.Sprint(v.Reasons), "differs between runs of side a alone by +1") {
		t.Errorf("verdict is %s (%v); want the box blamed", v.Verdict, v.Reasons)
	}
	for name, null := range map[string][]Pair{
		"quiet":       world(6, 0.01, 1, 0).Pairs,
		"of one pair": world(1, 0.01, 1.12, 0).Pairs,
		"of five":     world(5, 0.01, 1.12, 0).Pairs,
		"of two ways": append(world(6, 0.01, 1.12, 0).Pairs, world(2, 0.01, 0.5, 0).Pairs...),
	} {
		u.Null = null
		if v := benchCase(t, u).Judge(); v.Verdict != Regressed {
			t.Errorf("verdict is %s (%v); want the code convicted, as the null control is %s", v.Verdict, v.Reasons, name)
		}
	}
}

// TestAttempts: another attempt has less of the chance of a false alarm to spend.
func TestAttempts(t *testing.T) {
	p := benchCase(t, world(14, 0.03, 1, 0)).Policy
	if one, three := p.Design(1), p.Design(3); math.Abs(three.Fail()-one.Fail()/4) > 1e-12 || math.Abs(one.Fail()-0.01) > 1e-12 {
		t.Errorf("the third attempt spends %v and the first %v; want a quarter of it", three.Fail(), one.Fail())
	}
	fail, pass := 0.0, 0.0
	for n := range 1000 {
		fail, pass = fail+p.Design(n+1).Fail(), pass+p.Design(n+1).Pass()
	}
	if fail > 2*p.Alpha+1e-12 || pass > 2*p.PassAlpha+1e-12 {
		t.Errorf("a thousand attempts spend %v and %v; want less than twice %v and %v", fail, pass, p.Alpha, p.PassAlpha)
	}
}

// TestAccepted: a regression that a reviewed file accepts passes, as long as it says
// so and as far as it goes.
func TestAccepted(t *testing.T) {
	const id = "limiters/BenchmarkGCRA/ns/op"
	file := filepath.Join(t.TempDir(), "accepted.yaml")
	accept := func(until, most string) *Acceptances {
		if err := Accept(file, Acceptance{Claim: id, Until: until, Most: most, By: "the reviewer", Reason: "\"new\" check: it's needed"}); err != nil {
			t.Fatal(err)
		}
		all, err := ReadAcceptances(file)
		if err != nil || len(all.All) != 1 {
			t.Fatalf("read back %+v, %v; want the one that replaced the other", all, err)
		}
		return all
	}
	c := benchCase(t, world(14, 0.03, 1.15, 0))
	for _, one := range []struct {
		until, most string
		want        Outcome
		said        string
	}{
		{"2026-11-27", "20%", Accepted, "accepted by the reviewer until 2026-11-27"},
		{"2026-11-26", "20%", Regressed, "it was accepted until 2026-11-26 only"},
		{"2026-12-31", "8%", Regressed, "it was accepted up to 8% only"},
	} {
		c.Accepted = accept(one.until, one.most)
		v := c.Judge()
		if f := v.Claims[0]; f.Verdict != one.want || v.Verdict != one.want || !strings.Contains(f.Reason, one.said) {
			t.Errorf("until %s, up to %s: %s (%s), gate %s; want %s", one.until, one.most, f.Verdict, f.Reason, v.Verdict, one.want)
		}
	}
	if err := os.WriteFile(file, []byte("accepted: [{claim: a/b/nothing, until: tomorrow, most: lots}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := ReadAcceptances(file)
	for _, want := range []string{":1:12: reason is empty", "by is empty", `until is "tomorrow"`, "whose metric nothing is unknown"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v; want %q in it", err, want)
		}
	}
}

// TestSameBytes: the same data have the same verdict, byte by byte, read back or not.
func TestSameBytes(t *testing.T) {
	text := func(v *Verdict) string {
		var b bytes.Buffer
		if err := v.Write(&b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	c := benchCase(t, world(14, 0.03, 1.15, 1))
	first := text(c.Judge())
	if again := text(c.Judge()); again != first {
		t.Error("the same case has another verdict")
	}
	file := filepath.Join(t.TempDir(), "verdict.json")
	if err := c.Judge().Save(file); err != nil {
		t.Fatal(err)
	}
	v, err := ReadVerdict(file)
	if err != nil || text(v) != first {
		t.Errorf("read back it is another (%v)", err)
	}
	if left, _ := filepath.Glob(file + ".*"); len(left) > 0 {
		t.Errorf("%v are left behind", left)
	}
}

// TestVerdictsNotToBelieve: a file that says pass and does not go together is refused.
func TestVerdictsNotToBelieve(t *testing.T) {
	file := filepath.Join(t.TempDir(), "verdict.json")
	for text, want := range map[string]string{
		"":                                "is no whole verdict",
		"{":                               "is no whole verdict",
		`{"schema":"fcbench.verdict/v9"}`: "schema is",
		`{"schema":"fcbench.verdict/v1"}`: "exit_code is 0 and verdict is",
		`{"schema":"fcbench.verdict/v1","verdict":"PASS","finished":false}`:                                                     "exit_code is 0",
		`{"schema":"fcbench.verdict/v1","verdict":"PASS","finished":true}`:                                                      "of no claim",
		`{"schema":"fcbench.verdict/v1","verdict":"PASS","finished":true,"claims":[{"gated":true,"verdict":"REGRESSED"}]}`:      "that of its claims is REGRESSED",
		`{"schema":"fcbench.verdict/v1","verdict":"REGRESSED","finished":true,"claims":[{"gated":true,"verdict":"REGRESSED"}]}`: "exit_code is 0 and verdict is REGRESSED",

		`{"schema":"fcbench.verdict/v1","verdict":"REGRESSED","exit_code":11,"finished":true,"claims":[{"gated":true,"verdict":"REGRESSED"}]}`:    "exit_code is 11 and verdict is REGRESSED",
		`{"schema":"fcbench.verdict/v1","verdict":"REGRESSED","exit_code":12,"finished":true,"claims":[{"gated":true,"verdict":"REGRESSED"}]}`:    "exit_code is 12 and verdict is REGRESSED",
		`{"schema":"fcbench.verdict/v1","verdict":"INCONCLUSIVE","exit_code":11,"finished":true,"claims":[{"gated":true,"verdict":"REGRESSED"}]}`: "that of its claims is REGRESSED",
		`{"schema":"fcbench.verdict/v1","verdict":"INCONCLUSIVE","exit_code":11,"claims":[{"gated":true,"verdict":"INCONCLUSIVE"}]}`:              "the gate did not finish",
		`{"schema":"fcbench.verdict/v1","verdict":"PASS","exit_code":13,"finished":true,"claims":[{"gated":true,"verdict":"PASS"}]}`:              "exit_code is 13 and verdict is PASS",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadVerdict(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q", text, err, want)
		}
	}
}
