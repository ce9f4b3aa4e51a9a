package gating

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/ci"
	"github.com/fcbench/fcbench/internal/capacity"
	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/results"
)

// compared is a gate of two queues that take 77/s and 27/s, by short trials of few requests.
const compared = "scenario: s.yaml\nvirtual: true\na: {set: {pipeline.service: 'exponential:10ms'}}\nb: {set: {pipeline.service: 'exponential:20ms'}}\ncapacity: {budget: 6m, precision: 20%, from: 20/s}\nclaims: [{metric: capacity}]\npairs: [8]\n"

const slow = `name: web
workload: {arrivals: 'poisson:80/s'}
subjects: [{name: queue, pipeline: {kind: drop-newest, capacity: 100000, workers: 1, service: 'exponential:10ms'}}]
duration: 10s
thresholds: ['response.ok.p99 < 200ms']
`

func compare(t *testing.T) (*Gate, *[]string) {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, map[string]string{"s.yaml": slow})
	g, said := gateOf(t, dir, compared)
	if err := g.Prepare(soon(t)); err != nil {
		t.Fatal(err)
	}
	return g, said
}

// spoil makes the runs of side B that are named by their number those of a generator that was late.
func spoil(g *Gate, numbers func(int) bool) {
	made, m := 0, g.b.(seeker).searchOf(0).maker
	m.Run = func(ctx context.Context, s *scenario.Scenario) (*results.Run, error) {
		p, err := g.world.Prepare(ctx, s, results.Virtual)
		if err != nil {
			return nil, err
		}
		opened, err := g.world.Open(ctx, p, s.Subjects[0])
		if err != nil {
			return nil, err
		}
		run, err := opened.Run(ctx, experiment.Trial{Plan: p, Repeat: 1, Order: 1, Of: 1, Brief: true}, nobody{})
		if made++; run != nil && numbers(made) {
			run.Validity = results.Validity{Verdict: results.Invalid, Reasons: []string{"generator late: it was told so"}}
		}
		return run, errors.Join(err, opened.Close(ctx))
	}
}

// TestCompareCapacities: capacities of both sides are found and estimated, their trials in turn. A pair of which an
// estimate is spoiled is made again, as long as that is rare, and then there is no answer.
func TestCompareCapacities(t *testing.T) {
	g, said := compare(t)
	g.Trials = filepath.Join(t.TempDir(), "made", "trials")
	g.keepTrials()
	if err := g.findAll(soon(t)); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(*said, "\n"), "trials are kept in "+g.Trials) {
		t.Errorf("it said %q; want where trials are", *said)
	}
	*said = nil
	estimated := func(number int, aFirst bool) []ci.Pair {
		t.Helper()
		if err := g.estimated(soon(t), 0, number, aFirst, false); err != nil {
			t.Fatal(err)
		}
		return g.Units()[0].Pairs
	}
	estimated(1, true)
	for n, p := range estimated(2, false) {
		if ratio := p.B.Search.Value / p.A.Search.Value; ratio < 0.2 || ratio > 0.6 || p.A.Search.Rough || p.Order != [...]string{"AB", "BA"}[n] {
			t.Errorf("pair %d (%s): b takes %.3f of what a takes; want about 0.35", n+1, p.Order, ratio)
		}
	}
	order := map[string]string{}
	for _, m := range regexp.MustCompile(`side ([ab]), web/queue: trial ([12])0[1-5],`).FindAllStringSubmatch(strings.Join(*said, "\n"), -1) {
		order[m[2]] += m[1]
	}
	if order["1"] != "abbaabbaab" || order["2"] != "baabbaabba" {
		t.Errorf("trials were made so: %v; want them in turn", order)
	}

	spoil(g, func(n int) bool { return n <= 2 }) // which ends one estimate
	if p := estimated(3, true); len(p) != 3 || p[2].B.Search.Rough || g.Replaced != 1 || !strings.Contains(strings.Join(*said, "\n"), "pair 3 is made again: GENERATOR-LIMITED: ") {
		t.Errorf("pairs are %+v after %d replaced; want one that is good after one", p, g.Replaced)
	}
	spoil(g, func(int) bool { return true })
	last := estimated(4, true)[3].B.Search
	if last.Outcome != ci.Invalid || !strings.HasPrefix(last.Reason, "side b: GENERATOR-LIMITED: ") || !g.allLost() {
		t.Errorf("the last is %+v; want it invalid, and nothing more to estimate", last)
	}
	if p := estimated(5, true); len(p) != 4 {
		t.Errorf("%d pairs; want none after one that is lost", len(p))
	}
	trialsOf(t, g, 5)
}

// trialsOf holds what was kept of a gate against its pairs: every estimate is computed again from
// the trials of its side, bit for bit, also where one was spoiled.
func trialsOf(t *testing.T, g *Gate, estimates int) {
	t.Helper()
	if err := g.closeTrials(); err != nil || len(g.Warnings) > 0 || len(g.Kept()) != 2 {
		t.Fatalf("%v, %v, kept in %v", err, g.Warnings, g.Kept())
	}
	for side, path := range g.Kept() {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		j, _, err := capacity.ReadJournal(f)
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		name := string(rune('a' + side))
		found, all, err := j.Estimates(t.Context())
		if err != nil || found.Verdict != capacity.Capacity || !strings.HasPrefix(j.Side, "side "+name+", ") || !strings.HasSuffix(path, "made/trials/web-queue-"+name+".jsonl") || len(all) != estimates {
			t.Fatalf("%s: %v, %+v, %d estimates of %q; want %d", path, err, found, len(all), j.Side, estimates)
		}
		var values []float64
		for _, a := range all {
			values = append(values, a.Value)
		}
		for _, p := range g.Units()[0].Pairs {
			if v := [2]*ci.Searched{p.A.Search, p.B.Search}[side]; !v.Rough && !slices.Contains(values, v.Value) {
				t.Errorf("%s: estimates are %v; want %v among them, of pair %d", path, values, v.Value, p.Number)
			}
		}
	}
}

// TestTrialsThatCannotBeKept are said to be missing, and the gate goes on.
func TestTrialsThatCannotBeKept(t *testing.T) {
	g, _ := compare(t)
	dir := t.TempDir()
	write(t, dir, map[string]string{"file": ""})
	g.Trials = filepath.Join(dir, "file", "trials")
	g.keepTrials()
	a, b := g.searchesOf(0)
	for _, s := range []*search{a, b, a, b} {
		s.kept.add(func(io.Writer) error { return errors.New("there is no file to write to") })
	}
	if text := strings.Join(g.Warnings, "\n"); strings.Count(text, "not all trials are kept: ") != 1 || strings.Contains(text, "no file") || len(g.Kept()) > 0 || g.closeTrials() != nil {
		t.Errorf("kept in %v, and said %s; want nothing kept, and said once", g.Kept(), text)
	}
}

// TestFilesOfTrials: each search has its own, whatever subjects are called.
func TestFilesOfTrials(t *testing.T) {
	g, _ := compare(t)
	g.Trials = "dir"
	var paths []string
	for _, name := range []string{"a b", "a-b", "a/b", "a-b-2"} {
		s := &search{key: subject{scenario: "s", name: name}, maker: g.b.(seeker).searchOf(0).maker}
		g.keepSearch(s, "-a", "side a")
		paths = append(paths, s.kept.path)
	}
	if got := strings.Join(paths, " "); got != "dir/s-a-b-a.jsonl dir/s-a-b-2-a.jsonl dir/s-a-b-3-a.jsonl dir/s-a-b-2-2-a.jsonl" {
		t.Errorf("they are %s", got)
	}
}

// TestTrialsThatCannotBeMade end the gate.
func TestTrialsThatCannotBeMade(t *testing.T) {
	broken := errors.New("broken")
	g, _ := compare(t)
	g.b.(seeker).searchOf(0).maker.Run = func(context.Context, *scenario.Scenario) (*results.Run, error) { return nil, broken }
	if _, err := g.Measure(soon(t), func(int) bool { return true }); !errors.Is(err, broken) {
		t.Errorf("%v; want why", err)
	}
}

// TestPlanOfAComparison says how long it takes, what estimates are taken for, and what is found so.
func TestPlanOfAComparison(t *testing.T) {
	g, _ := compare(t)
	var text bytes.Buffer
	if err := g.Plan(ci.Case{Policy: g.policy, Attempt: 1}, nil).Write(&text); err != nil {
		t.Fatal(err)
	}
	s := g.b.(seeker).searchOf(0)
	took := 2 * (s.plan.Finding() + 8*s.plan.Estimating())
	sd := 100 * math.Sqrt2 * s.plan.EstimateSD(s.nominal)
	for _, want := range []string{
		fmt.Sprintf("looks at [8] pairs, alpha 0.01: %v at least", took.Round(1e9)), fmt.Sprintf("taken for a queue at its knee at %.6g/s, the rate of the scenario", s.nominal),
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the plan is\n%s\nwant %q in it", &text, want)
		}
	}
	var told float64
	if _, text, _ := strings.Cut(text.String(), "pair SD "); len(text) > 0 {
		_, _ = fmt.Sscanf(text, "%f%%", &told)
	}
	if math.Abs(told/sd-1) > 0.05 {
		t.Errorf("pairs are told to differ by %g %%; want about %g %%", told, sd)
	}
	if s.plan.Estimating() <= 0 || s.nominal < 60 || s.nominal > 100 {
		t.Errorf("estimates take %v at %g/s", s.plan.Estimating(), s.nominal)
	}
}

// TestNothingIsInjected into what is judged by its capacity.
func TestNothingIsInjected(t *testing.T) {
	g, _ := compare(t)
	if err := g.AgainstItself(0.15); err == nil || !strings.Contains(err.Error(), "want nothing injected") {
		t.Errorf("%v; want it refused", err)
	}
}
