package gating

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/internal/experiment"
)

const module = "module example.org/m\n\ngo 1.26\n"

func benchFile(allocate string) string {
	return "package m\n\nimport \"testing\"\n\nvar kept []byte\n\nfunc BenchmarkOne(b *testing.B) {\n\tb.ReportAllocs()\n\tfor b.Loop() {\n\t\t" + allocate + "\n\t}\n}\n"
}

const benchGate = "a: {bench: {ref: HEAD~1, time: 10x, randomise: %v}}\nb: {bench: {ref: %s, time: 10x}}\nclaims: [{metric: allocs/op}]\npairs: [8]\n"

// TestBenchmarksOfRefs: the benchmarks of two commits are built in worktrees and
// measured in turn; afterwards nothing of it is there. An uncommitted change is on the
// side of the worktree.
func TestBenchmarksOfRefs(t *testing.T) {
	dir := repository(t, map[string]string{"go.mod": module, "m_test.go": benchFile("kept = nil")}, map[string]string{"m_test.go": benchFile("kept = make([]byte, 100)")})
	write(t, dir, map[string]string{"m_test.go": benchFile("kept = make([]byte, 100); kept = make([]byte, 100)")})
	for ref, want := range map[string]float64{"HEAD": 1, "worktree": 2} {
		g, _ := gateOf(t, dir, fmt.Sprintf(benchGate, ref == "HEAD", ref))
		if err := g.Prepare(soon(t)); err != nil {
			t.Fatal(err)
		}
		if err := g.Sample(soon(t)); err != nil {
			t.Fatal(err)
		}
		u := g.Units()
		if len(u) != 1 || u[0].Subject != "BenchmarkOne" || u[0].Pairs[0].A.Bench["allocs/op"] != 0 || u[0].Pairs[0].B.Bench["allocs/op"] != want {
			t.Errorf("%s: units are %+v; want 0 allocations before and %v after", ref, u, want)
		}
		if dirty := len(g.Warnings) > 0; dirty != (ref == "HEAD") {
			t.Errorf("%s: warnings are %q; want it said of HEAD that changes are not judged", ref, g.Warnings)
		}
		if err := g.Close(); err != nil {
			t.Error(err)
		}
		if got := run(t, dir, "worktree", "list"); strings.Contains(got, "\n") {
			t.Errorf("worktrees are left:\n%s", got)
		}
		if left, _ := os.ReadDir(filepath.Join(dir, ".git", homeName)); len(left) > 0 {
			t.Errorf("%v is left", left)
		}
	}
}

// TestRefsThatCannotBeJudged: each says what is wrong.
func TestRefsThatCannotBeJudged(t *testing.T) {
	dir := repository(t, map[string]string{"go.mod": module, "m_test.go": benchFile("kept = nil")}, map[string]string{"m_test.go": "package m\n\nfunc broken( {\n"}, map[string]string{"x": "y"})
	for _, c := range []struct {
		ref, want string
		unfit     bool
	}{
		{ref: "nowhere", want: `ref is "nowhere", which git does not know; want a branch, tag or commit`, unfit: true},
		{ref: "--help", want: `ref is "--help", which git does not know`, unfit: true},
		{ref: "HEAD", want: "do not build: exit status 1"},
	} {
		g, _ := gateOf(t, dir, fmt.Sprintf(benchGate, false, c.ref))
		err := g.Prepare(soon(t))
		var unfit *experiment.Unfit
		if err == nil || !strings.Contains(err.Error(), c.want) || errors.As(err, &unfit) != c.unfit {
			t.Errorf("%s: %v; want %q", c.ref, err, c.want)
		}
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	}
	run(t, dir, "checkout", "-q", "HEAD~2")
	run(t, dir, "branch", "-f", "main")
	g, _ := gateOf(t, dir, "a: {bench: {ref: merge-base}}\nb: {bench: {ref: HEAD}}\nclaims: [{metric: ns/op}]\n")
	var unlike *Unlike
	if err := g.Prepare(soon(t)); !errors.As(err, &unlike) {
		t.Errorf("the merge base is HEAD: %v; want it said that both sides are one", err)
	}
	outside, _ := gateOf(t, t.TempDir(), fmt.Sprintf(benchGate, false, "HEAD"))
	if err := outside.Prepare(soon(t)); err == nil || !strings.Contains(err.Error(), "is in no git tree") {
		t.Errorf("outside of a repository: %v; want that said", err)
	}
}

// TestOneGateAtATime: a second one in the tree is refused, and says who is there; what
// one left behind that was killed is removed.
func TestOneGateAtATime(t *testing.T) {
	dir := repository(t, map[string]string{"go.mod": module})
	first, _ := gateOf(t, dir, fmt.Sprintf(benchGate, false, "HEAD"))
	if err := first.shared.lock(t.Context()); err != nil {
		t.Fatal(err)
	}
	second, said := gateOf(t, dir, fmt.Sprintf(benchGate, false, "HEAD"))
	var unlike *Unlike
	if err := second.shared.lock(t.Context()); !errors.As(err, &unlike) || !strings.Contains(err.Error(), fmt.Sprintf("it is process %d", os.Getpid())) {
		t.Errorf("a second gate: %v; want it refused, and who is there", err)
	}
	if _, err := first.shared.checkout(t.Context(), "HEAD"); err != nil {
		t.Fatal(err)
	}
	if err := first.shared.held.Close(); err != nil { // as if it had been killed
		t.Fatal(err)
	}
	first.shared.held = nil
	if err := second.shared.lock(t.Context()); err != nil || len(*said) != 1 || !strings.Contains((*said)[0], "removed 1 worktrees that a gate left behind") {
		t.Errorf("after a gate that was killed: %v, %q; want its worktree removed", err, *said)
	}
	if got := run(t, dir, "worktree", "list"); strings.Contains(got, "\n") {
		t.Errorf("worktrees are left:\n%s", got)
	}
}

// TestMergeBase: where the branch left the one that the CI names, or the main one.
func TestMergeBase(t *testing.T) {
	dir := repository(t, map[string]string{"a": "1"}, map[string]string{"a": "2"})
	base := run(t, dir, "rev-parse", "HEAD~1")
	run(t, dir, "branch", "old", "HEAD~1")
	run(t, dir, "checkout", "-q", "-b", "work")
	write(t, dir, map[string]string{"a": "3"})
	run(t, dir, "commit", "-q", "-a", "-m", "work")
	g, _ := gateOf(t, dir, fmt.Sprintf(benchGate, false, "HEAD"))
	if err := g.shared.lock(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := g.shared.mergeBase(t.Context()); err != nil || got != run(t, dir, "rev-parse", "main") {
		t.Errorf("merge base is %s, %v; want that with main", got, err)
	}
	t.Setenv("GITHUB_BASE_REF", "old")
	if got, err := g.shared.mergeBase(t.Context()); err != nil || got != base {
		t.Errorf("merge base is %s, %v; want that with old, %s", got, err, base)
	}
}

func TestParseBenchmarks(t *testing.T) {
	all := parseBenchmarks("limiters", `goos: linux
BenchmarkOne-8   	 100	 12.5 ns/op	 0 B/op	 0 allocs/op
BenchmarkOne/size-10-8 	 5 	 7 ns/op 3.5 things/op
BenchmarkBroken-8
--- FAIL: BenchmarkX
BenchmarkLog-8 text that is none 1 ns/op
PASS
`)
	if len(all) != 2 || all[subject{scenario: "limiters", name: "BenchmarkOne"}].Bench["ns/op"] != 12.5 || all[subject{scenario: "limiters", name: "BenchmarkOne/size-10"}].Bench["things/op"] != 3.5 {
		t.Errorf("read %+v", all)
	}
}
