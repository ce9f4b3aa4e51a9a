package gating

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/ci"
	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/results"
)

const itselfScenario = "name: slow\nworkload: {arrivals: 'constant:200/s'}\nsubjects: [{name: service, target: 'delay:20ms:100:0'}, {limiter: 'gcra:1000/s:1000'}]\nduration: 100ms\n"

// itself is the gate of a subject against itself.
func itself(t *testing.T, more string, slower float64) *Gate {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, map[string]string{"s.yaml": itselfScenario})
	write(t, dir, map[string]string{"itself.yaml": "scenario: s.yaml\na: {subject: service}\nclaims: [{metric: response.ok.p50}]\n" + more})
	p, err := ci.ReadItself(dir + "/itself.yaml")
	if err != nil {
		t.Fatal(err)
	}
	g, _ := gateOf(t, dir, "scenario: s.yaml\nvirtual: true\nclaims: [{metric: outcomes.ok}]\n")
	g, err = New(p, g.world, nobody{}, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := g.AgainstItself(slower); err != nil {
		t.Fatal(err)
	}
	return g
}

// TestAgainstItself: a thing is compared with itself where that is what is wanted, and
// each answer of side b takes longer by what was asked for, which is said of the side and
// of each of its runs.
func TestAgainstItself(t *testing.T) {
	for _, slower := range []float64{0, 0.5} {
		g := itself(t, "pairs: [8]\n", slower)
		if err := g.Prepare(soon(t)); err != nil {
			t.Fatal(err)
		}
		if err := g.pair(soon(t), 1, true, false); err != nil {
			t.Fatal(err)
		}
		p := g.Units()[0].Pairs[0]
		value := func(run *results.Run) float64 {
			v, _, err := results.Value(run, "response.ok.min")
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		a, b := value(p.A.Run), value(p.B.Run)
		if least := a * (1 + slower) * 0.98; b < least {
			t.Errorf("slowed by %v: %v ns and %v ns at least", slower, a, b)
		}
		injected := func(run *results.Run) bool {
			return slices.ContainsFunc(run.Warnings, func(w string) bool { return strings.HasPrefix(w, "injected: every answer took 50 % longer") })
		}
		if injected(p.A.Run) || injected(p.B.Run) != (slower > 0) {
			t.Errorf("slowed by %v: runs are labelled %t and %t", slower, injected(p.A.Run), injected(p.B.Run))
		}
		if _, words := g.Sides(); strings.HasSuffix(words, ", slowed by 50 % on purpose") != (slower > 0) {
			t.Errorf("slowed by %v: side b is %s", slower, words)
		}
		if g.Identity() == "" {
			t.Error("nobody knows what the runs depend on")
		}
	}
}

// TestWhatCannotBeSlowed says so.
func TestWhatCannotBeSlowed(t *testing.T) {
	var unfit *experiment.Unfit
	g := itself(t, "virtual: true\n", 0.5)
	if err := g.Prepare(soon(t)); err != nil {
		t.Fatal(err)
	}
	if err := g.pair(soon(t), 1, true, false); !errors.As(err, &unfit) || !strings.Contains(err.Error(), "cannot be slowed on purpose") {
		t.Errorf("in virtual time: %v; want it refused", err)
	}
	b, _ := gateOf(t, t.TempDir(), fmt.Sprintf(benchGate, false, "HEAD"))
	if err := b.AgainstItself(0.5); !errors.As(err, &unfit) || !strings.Contains(err.Error(), "a process of its own, where nothing can be slowed") {
		t.Errorf("benchmarks: %v; want them refused", err)
	}
	if err := b.AgainstItself(0); err != nil {
		t.Errorf("benchmarks against themselves: %v", err)
	}
}
