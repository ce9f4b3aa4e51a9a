package ci

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/paired"
)

// admitting makes pairs of a limiter whose goodput varies by noise; B admits factor
// times as much.
func admitting(pairs int, noise, factor float64) Unit {
	u := Unit{Scenario: "s", Subject: "gcra"}
	draws := seed.New(11).Sub("noise")
	run := func(i int, factor float64) Measured {
		v := factor * 1000 * (1 + noise*(2*float64(draws.Uint64(uint64(i))>>11)/(1<<53)-1))
		return Measured{Run: &results.Run{MeasuredNS: 1e9, Offered: 2000, GoodputPerS: &v, Outcomes: map[string]uint64{"ok": uint64(v)}, Accuracy: &results.Accuracy{ObservedShare: 1}}}
	}
	for i := range pairs {
		u.Pairs = append(u.Pairs, Pair{Number: i + 1, Order: "AB", A: run(2*i, 1), B: run(2*i+1, factor)})
	}
	return u
}

func caseOf(t *testing.T, policy string, units ...Unit) Case {
	t.Helper()
	p, err := ParsePolicy("ci/gate.yaml", []byte(policy))
	if err != nil {
		t.Fatal(err)
	}
	c := Case{Policy: p, Units: units, Look: max(0, len(p.Pairs)-1), Now: time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)}
	if c.Lock, err = c.NewLock(); err != nil {
		t.Fatal(err)
	}
	return c
}

const limiterPolicy = "scenario: s.yaml\na: {subject: gcra}\nb: {subject: token-bucket}\nclaims: [{metric: goodput, margin: 2%}]\npairs: [8, 14]\n"

// TestLimitersMustAdmitTheSame: in a sampled gate too a limiter that admits more is no
// better than one that admits less.
func TestLimitersMustAdmitTheSame(t *testing.T) {
	for _, c := range []struct {
		name          string
		noise, factor float64
		want          Outcome
	}{
		{"the same", 0.003, 1, Pass},
		{"a little more", 0.003, 1.01, Pass},
		{"a little less", 0.003, 0.99, Pass},
		{"more", 0.003, 1.1, Regressed},
		{"less", 0.003, 0.9, Regressed},
		{"twice as much", 0.003, 2.5, Regressed},
		{"nearly nothing", 0.003, 0.01, Regressed},
		{"more, by noise alone", 0.3, 1.05, Inconclusive},
	} {
		v := caseOf(t, limiterPolicy, admitting(14, c.noise, c.factor)).Judge()
		if f := v.Claims[0]; f.Verdict != c.want || v.Verdict != c.want || f.Better != "neither" {
			t.Errorf("%s: %s (better %s), gate %s (%v); want %s", c.name, f.Said(), f.Better, v.Verdict, v.Reasons, c.want)
		} else if f.Low != nil && f.High != nil && *f.Low > *f.High {
			t.Errorf("%s: the interval is %s; want its ends in order", c.name, f.Interval())
		}
	}
}

// TestAcceptedEitherWay: what is accepted of a limiter is a change of that size, up or down.
func TestAcceptedEitherWay(t *testing.T) {
	const policy = "scenario: s.yaml\nvirtual: true\nclaims: [{metric: outcomes.ok}]\n"
	c := caseOf(t, policy, admitting(1, 0, 1))
	c.Accepted = &Acceptances{All: []Acceptance{{Claim: "s/gcra/outcomes.ok", Until: "2026-12-31", Most: "5%", By: "the reviewer", Reason: "rounds"}}}
	for factor, want := range map[float64]Outcome{0: Regressed, 0.9: Regressed, 0.96: Accepted, 1: Pass, 1.04: Accepted, 1.1: Regressed} {
		c.Units = []Unit{admitting(1, 0, factor)}
		if v := c.Judge(); v.Verdict != want {
			t.Errorf("%v times as many: %s (%s); want %s", factor, v.Verdict, v.Claims[0].Reason, want)
		}
	}
}

const countPolicy = `a: {bench: {ref: merge-base}}
b: {bench: {ref: worktree}}
claims: [{metric: ns/op, margin: 5%}, {metric: allocs/op}, {metric: B/op}]
pairs: [8, 20]
`

// flickering is a world in which every third run allocates once more, and B so many more.
func flickering(more float64) Unit {
	u := world(20, 0.03, 1, 0)
	for i, p := range u.Pairs {
		for k, m := range []Measured{p.A, p.B} {
			n := 2 + float64(k)*more
			if (2*i+k)%3 == 0 {
				n++
			}
			m.Bench["allocs/op"], m.Bench["B/op"] = n, 512*n
		}
	}
	return u
}

// TestCountsThatVary: a count that is not the same in every run is judged by steps, and
// spoils no other claim.
func TestCountsThatVary(t *testing.T) {
	for more, want := range map[float64]Outcome{0: Pass, 1: Regressed, 2: Regressed} {
		v := caseOf(t, countPolicy, flickering(more)).Judge()
		if v.Claims[0].Verdict != Pass || v.Claims[1].Verdict != want {
			t.Errorf("%v more: %s; %s; want %s and %s", more, v.Claims[0].Said(), v.Claims[1].Said(), Pass, want)
		}
		if f := v.Claims[1]; f.Relative || f.Exact || f.Floor != 1 {
			t.Errorf("%v more: claim is %+v; want it in allocations, with a step of one", more, f)
		}
	}
	u := world(20, 0.03, 1, 0)
	for i, p := range u.Pairs {
		p.A.Bench["B/op"], p.B.Bench["B/op"] = 1000+float64(i%5), 1002+float64(i%3)
	}
	if v := caseOf(t, countPolicy, u).Judge(); v.Verdict != Pass || v.Claims[2].Floor != 10.02 {
		t.Errorf("%s, %s; want a hundredth of the bytes let pass", v.Headline(), v.Claims[2].Said())
	}
}

// TestOneFaultyClaim: it alone is undecided.
func TestOneFaultyClaim(t *testing.T) {
	c := benchCase(t, world(14, 0.03, 1, 1))
	c.Policy.Claims[0].Margin, c.Lock.Claims[0].Margin = Margin{text: "0"}, "0"
	v := c.Judge()
	if a, b := v.Claims[0], v.Claims[1]; a.Verdict != Invalid || !strings.Contains(a.Reason, "margin is 0") || b.Verdict != Regressed {
		t.Errorf("%s; %s; want the one without a margin invalid and the other judged", a.Said(), b.Said())
	}
}

// TestCheckOfBenchmarks: that no look could find anything is said before they have run,
// by the claims of the lockfile.
func TestCheckOfBenchmarks(t *testing.T) {
	c := benchCase(t, world(14, 0.03, 1, 0))
	c.Units, c.Policy.Pairs = nil, []int{6}
	if err := c.Check(); !errors.Is(err, paired.ErrUnreachable) {
		t.Errorf("%v; want %v", err, paired.ErrUnreachable)
	}
	if c.Policy.Pairs = []int{14}; c.Check() != nil {
		t.Errorf("%v; want nothing wrong with 14 pairs", c.Check())
	}
}

// TestNothingMeasuredIsNoData, which no flag lets pass.
func TestNothingMeasuredIsNoData(t *testing.T) {
	u := admitting(14, 0, 1)
	for i, p := range u.Pairs {
		p.A.Run.Accuracy, p.B.Run.Accuracy, u.Pairs[i].A = nil, nil, p.B
	}
	if v := caseOf(t, limiterPolicy, u).Judge(); v.Verdict != NoData || !strings.Contains(fmt.Sprint(v.Reasons), "as if nothing was measured") {
		t.Errorf("%s, %v; want no data", v.Headline(), v.Reasons)
	}
}

// TestFloorIsLocked: what makes a claim easier to pass is in the lockfile.
func TestFloorIsLocked(t *testing.T) {
	c := caseOf(t, strings.Replace(benchPolicy, "margin: 5%", "margin: 5%, floor: 20", 1), world(14, 0.03, 1.15, 0))
	file := filepath.Join(t.TempDir(), "gate.lock")
	var text bytes.Buffer
	if err := errors.Join(c.Lock.Write(&text), os.WriteFile(file, text.Bytes(), 0o644)); err != nil {
		t.Fatal(err)
	}
	lock, err := ReadLockfile(file)
	if err != nil {
		t.Fatal(err)
	}
	if c.Lock = lock; c.Judge().Verdict != Pass {
		t.Errorf("%s; want it passed by its floor", c.Judge().Headline())
	}
	c.Policy.Claims[0].Floor = 30
	if v := c.Judge(); v.Verdict != NoData {
		t.Errorf("%s; want another floor than was locked refused", v.Headline())
	}
}
