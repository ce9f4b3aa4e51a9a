package gating

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/ci"
	"github.com/fcbench/fcbench/internal/capacity"
)

// queued is a scenario of M/M/1 with 1,000 services a second, and of a service without a queue.
const queued = `name: web
workload: {arrivals: 'poisson:1k/s'}
subjects:
  - {name: queue, pipeline: {kind: drop-newest, capacity: 100000, workers: 1, service: 'exponential:1ms'}}
  - {name: service, target: 'delay:2ms:100:0'}
duration: 1s
thresholds: ['response.ok.p99 < 20ms']
`

// TestBounded: each capacity is searched once by the goals of the scenario and of the policy,
// and is held against its bound.
func TestBounded(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"s.yaml": queued})
	g, said := gateOf(t, dir, "scenario: s.yaml\nvirtual: true\ncapacity: {goals: 'outcomes.failed.share < 1%', most: 150/s, from: 60, budget: 8m}\nclaims: [{metric: capacity, at_least: 120/s}]\n")
	if err := g.Prepare(soon(t)); err != nil {
		t.Fatal(err)
	}
	if a, b := g.Sides(); a != "what the claims say" || b != "the scenario" {
		t.Errorf("sides are %q and %q", a, b)
	}
	s := g.b.(seeker).searchOf(0)
	if len(s.plan.Goals) != 2 || s.plan.From != 60 || s.plan.Most != 150 || s.plan.Budget != 8*time.Minute {
		t.Errorf("plan is %+v; want the goals of both, and what the policy says", s.plan)
	}
	g.Trials = filepath.Join(t.TempDir(), "trials")
	if _, err := g.Measure(soon(t), nil); err != nil {
		t.Fatal(err)
	}
	if len(g.Kept()) != 2 {
		t.Fatalf("trials are in %v; want a file for each subject", g.Kept())
	}
	for i, u := range g.Units() {
		found := u.Pairs[0].B.Search
		if len(u.Pairs) != 1 || found.Value != 150 || math.Abs(found.Low*1.02-150) > 1e-9 || !strings.HasPrefix(found.Reason, "AT-LEAST: ") || len(u.Digest) != 64 {
			t.Errorf("%s: found %+v; want at least 150/s", u.Subject, found)
		}
		f, err := os.Open(g.Kept()[i])
		if err != nil {
			t.Fatal(err)
		}
		j, _, err := capacity.ReadJournal(f)
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		answer, err := capacity.Search(t.Context(), j.Plan, j.Measure(nil))
		if again := g.b.(seeker).searchOf(i).searched(answer); err != nil || *again != *found || !strings.Contains(string(j.Scenario), `"name":"web"`) || !j.Virtual || j.Side != "" {
			t.Errorf("%s: of its trials it is %+v, %v; want %+v", u.Subject, again, err, found)
		}
	}
	if text := strings.Join(*said, "\n"); !strings.Contains(text, "web/service: trial 1, floor of ") {
		t.Errorf("it said\n%s\nwant every trial", text)
	}
}

// TestSearchesThatCannotBeMade say so before anything is sent, all of them.
func TestSearchesThatCannotBeMade(t *testing.T) {
	for name, c := range map[string]struct{ capacity, want string }{
		"no budget":     {"{budget: 20s}", "a budget of 20s is too short for ±2 %; want at least "},
		"contradiction": {"{goals: 'response.ok.p99 > 30ms'}", "is kept by more load"},
		"over":          {"{over: clients}", "--over clients stands beside an open loop"},
	} {
		dir := t.TempDir()
		write(t, dir, map[string]string{"s.yaml": queued})
		g, _ := gateOf(t, dir, "scenario: s.yaml\nvirtual: true\ncapacity: "+c.capacity+"\nclaims: [{metric: capacity, at_least: 120/s}]\n")
		err := g.Prepare(soon(t))
		if err == nil || strings.Count(err.Error(), c.want) != 2 || !strings.Contains(err.Error(), "web/queue: ") {
			t.Errorf("%s: %v; want %q of both subjects", name, err, c.want)
		}
	}
}

// TestMaxRateBoundsASearch: what the scenario may send in any second bounds the mean rate.
func TestMaxRateBoundsASearch(t *testing.T) {
	for bound, want := range map[string]float64{"2k/s": 2000 - 5*math.Sqrt(2000), "9k/s": 1900, "max": 1900} {
		dir := t.TempDir()
		write(t, dir, map[string]string{"s.yaml": queued + "max_rate: " + bound + "\n"})
		g, _ := gateOf(t, dir, "scenario: s.yaml\nvirtual: true\ncapacity: {most: 1900/s}\nclaims: [{metric: capacity, at_least: 120/s}]\n")
		if err := g.Prepare(soon(t)); err != nil {
			t.Fatal(err)
		}
		if got := g.b.(seeker).searchOf(0).plan.Most; math.Abs(got-want) > 1e-9 {
			t.Errorf("max_rate %s: at most %g is tried; want %g", bound, got, want)
		}
	}
}

// TestWorkOfASearch: its digest is that of what arrives, but for the rate, and of the goals.
func TestWorkOfASearch(t *testing.T) {
	digest := func(scenario, capacity string) string {
		dir := t.TempDir()
		write(t, dir, map[string]string{"s.yaml": scenario})
		g, _ := gateOf(t, dir, "scenario: s.yaml\nvirtual: true\ncapacity: "+capacity+"\nclaims: [{metric: capacity, at_least: 120/s}]\n")
		if err := g.Prepare(soon(t)); err != nil {
			t.Fatal(err)
		}
		return g.Units()[0].Digest
	}
	first := digest(queued, "{}")
	for name, c := range map[string]struct {
		scenario, capacity string
		same               bool
	}{
		"rate":     {strings.Replace(queued, "poisson:1k/s", "poisson:2k/s", 1), "{from: 50, budget: 9m}", true},
		"arrivals": {strings.Replace(queued, "'poisson:1k/s'", "{kind: constant, rate: 1k/s}", 1), "{}", false},
		"keys":     {strings.Replace(queued, "1k/s'", "1k/s', keys: 'uniform:9'", 1), "{}", false},
		"goal":     {strings.Replace(queued, "20ms", "21ms", 1), "{}", false},
		"another":  {queued, "{goals: 'outcomes.failed.share < 1%'}", false},
	} {
		if got := digest(c.scenario, c.capacity); (got == first) != c.same {
			t.Errorf("%s: digest is %s after %s; want the same: %t", name, got, first, c.same)
		}
	}
}

// TestAnswers: what a gate takes of each verdict of a search.
func TestAnswers(t *testing.T) {
	s := &search{plan: capacity.Plan{From: 100, Precision: 0.25}}
	estimate := capacity.Estimate{Value: 1000, Low: 990, High: 1010}
	for verdict, want := range map[capacity.Verdict]ci.Searched{
		capacity.Capacity:         {Value: 1000, Low: 990, High: 1010},
		capacity.NoCapacity:       {Value: 100, High: math.Nextafter(100, 0), Reason: "NO-CAPACITY: why"},
		capacity.AtLeast:          {Value: 1000, Low: 800, High: math.Inf(1), Reason: "AT-LEAST: why"},
		capacity.Inconclusive:     {Value: 1000, Low: 990, High: 1010, Outcome: ci.Inconclusive, Reason: "INCONCLUSIVE: why"},
		capacity.GeneratorLimited: {High: math.Inf(1), Outcome: ci.Invalid, Reason: "GENERATOR-LIMITED: why"},
		capacity.UnstableTarget:   {High: math.Inf(1), Outcome: ci.Invalid, Reason: "UNSTABLE-TARGET: why"},
	} {
		a := capacity.Answer{Verdict: verdict}
		switch verdict {
		case capacity.Capacity, capacity.Inconclusive:
			a.Estimate = estimate
		case capacity.AtLeast:
			a.Estimate = capacity.Estimate{Value: 1000, Low: 1000}
		}
		if verdict != capacity.Capacity {
			a.Reasons = []string{"why"}
		}
		want.Rough = true
		if got := s.searched(a); *got != want {
			t.Errorf("%s is %+v; want %+v", verdict, *got, want)
		}
	}
}

// TestTrialsOfAnotherBuild: it is told to run the trial, and what it says is heard.
func TestTrialsOfAnotherBuild(t *testing.T) {
	dir := repository(t, map[string]string{"s.yaml": queued})
	g, _ := gateOf(t, dir, "scenario: s.yaml\nvirtual: true\ncapacity: {}\nb: {fcbench: {ref: HEAD}}\nclaims: [{metric: capacity, at_least: 120/s}]\n")
	o := g.b.(*otherself)
	o.scratch = t.TempDir()
	o.built.binary = filepath.Join(o.scratch, "program")
	write(t, o.scratch, map[string]string{"program": "#!/bin/sh\necho \"$@\"; cat $2; echo >&2 not today; exit 3\n"})
	if err := os.Chmod(o.built.binary, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := o.inWorld.prepare(soon(t)); err != nil {
		t.Fatal(err)
	}
	err := o.around(soon(t), 1, func(ctx context.Context) error {
		_, err := o.searchOf(1).maker.Measure(ctx, capacity.Trial{Number: 1, Value: 777, Warmup: time.Second, Length: 2 * time.Second, Seed: 5})
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "not today") {
		t.Errorf("a build that fails: %v; want what it said", err)
	}
	text, err := os.ReadFile(filepath.Join(o.scratch, "trial.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"rate":"777.000/s"`, `"duration":"2s"`, `"warmup":"1s"`, `"name":"service"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the trial is\n%s\nwant %s in it", text, fmt.Sprintf("%q", want))
		}
	}
}
