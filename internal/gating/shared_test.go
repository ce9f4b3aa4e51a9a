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
	write(t, dir, map[string]string{
		"m_test.go": benchFile("kept = make([]byte, 100); kept = make([]byte, 100)"),
		"go.work":   "go 1.26\n\nuse .\n", // of the tree, which the worktrees are no part of
	})
	for ref, want := range map[string]float64{"HEAD": 1, "worktree": 2} {
		prepared := filepath.Join(t.TempDir(), "prepared")
		g, _ := gateOf(t, dir, strings.Replace(fmt.Sprintf(benchGate, ref == "HEAD", ref), "10x}}\nclaims", "10x}, prepare: 'echo $FCBENCH >> "+prepared+"'}\nclaims", 1))
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
		if text, err := os.ReadFile(prepared); err != nil || strings.Count(string(text), "\n") != 1 {
			t.Errorf("%s: side b was prepared so: %q, %v; want once", ref, text, err)
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
		if left, _ := os.ReadDir(filepath.Join(dir, ".git", homeName)); len(left) != 1 || left[0].Name() != "lock" {
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
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	write(t, dir, map[string]string{"verdict.json": "{}", "out/comment.md": "none yet"})
	itself, _ := gateOf(t, dir, "a: {bench: {ref: merge-base, time: 5x}}\nb: {bench: {ref: worktree, time: 7x}}\nclaims: [{metric: ns/op}]\n")
	itself.Writes = []string{filepath.Join(dir, "verdict.json"), filepath.Join(dir, "out/comment.md")}
	if err := itself.Prepare(soon(t)); !errors.As(err, &unlike) || !strings.Contains(err.Error(), "a comparison of a thing with itself says nothing") {
		t.Errorf("nothing is changed but what the gate writes: %v; want it said that both sides are one", err)
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
	if got, with, err := g.shared.mergeBase(t.Context()); err != nil || got != run(t, dir, "rev-parse", "main") || with != "main" {
		t.Errorf("merge base is %s, with %s, %v; want that with main", got, with, err)
	}
	if tree, err := g.shared.checkout(t.Context(), "merge-base"); err != nil || !strings.HasSuffix(tree.words, " (merge-base with main)") {
		t.Errorf("in words it is %q, %v; want the branch named", tree.words, err)
	}
	t.Setenv("GITHUB_BASE_REF", "old")
	if got, with, err := g.shared.mergeBase(t.Context()); err != nil || got != base || with != "old" {
		t.Errorf("merge base is %s, with %s, %v; want that with old, %s", got, with, err, base)
	}
	run(t, dir, "update-ref", "refs/remotes/origin/gone", "main")
	for _, c := range []struct{ name, base, want string }{
		{"GITHUB_BASE_REF", "release-1.2", `$GITHUB_BASE_REF is "release-1.2", and git knows no origin/release-1.2, nor release-1.2; want that branch fetched`},
		{"CI_MERGE_REQUEST_DIFF_BASE_SHA", strings.Repeat("a", 40), `$CI_MERGE_REQUEST_DIFF_BASE_SHA is "aaaaaaaa`},
		{"FCBENCH_BASE", "release-1.2", `$FCBENCH_BASE is "release-1.2", and git knows no release-1.2, nor origin/release-1.2`},
		{"FCBENCH_BASE", "--all", `$FCBENCH_BASE is "--all"`},
	} {
		t.Setenv(c.name, c.base)
		if _, err := g.shared.checkout(t.Context(), "merge-base"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s=%s: %v; want %q, and no other branch in its place", c.name, c.base, err, c.want)
		}
	}
	t.Setenv("FCBENCH_BASE", "gone") // fetched, and not checked out
	if _, with, err := g.shared.mergeBase(t.Context()); err != nil || with != "origin/gone" {
		t.Errorf("merge base is with %s, %v; want origin/gone", with, err)
	}
}

// TestGitSaysWhy: what git refuses is shown in its own words.
func TestGitSaysWhy(t *testing.T) {
	dir := repository(t, map[string]string{"a": "1"})
	t.Setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
	g, _ := gateOf(t, dir, fmt.Sprintf(benchGate, false, "HEAD"))
	if err := g.Prepare(soon(t)); err == nil || !strings.Contains(err.Error(), "dubious ownership") {
		t.Errorf("a tree of somebody else: %v; want what git says", err)
	}
}

// TestOwnFilesAreNoChanges: what the gate writes itself makes no tree another than its
// commit; anything else that is in none does.
func TestOwnFilesAreNoChanges(t *testing.T) {
	dir := repository(t, map[string]string{"a": "1", "tracked.json": "{}"})
	t.Chdir(dir)
	g, _ := gateOf(t, dir, fmt.Sprintf(benchGate, false, "HEAD"))
	g.Writes = []string{"verdict.json", "out/b [1].md", filepath.Join(dir, "tracked.json"), filepath.Join(t.TempDir(), "elsewhere.json"), "verdict.trials"}
	if err := g.shared.lock(t.Context()); err != nil {
		t.Fatal(err)
	}
	write(t, dir, map[string]string{"verdict.json": "x", "out/b [1].md": "x", "tracked.json": "x", "verdict.trials/web-a.jsonl": "x"})
	if tree, err := g.shared.checkout(t.Context(), "worktree"); err != nil || tree.commit == "" {
		t.Errorf("with its own files alone the tree is %+v, %v; want that of HEAD", tree, err)
	}
	for _, file := range []string{"a", "out/b 1.md", "sub/verdict.json", "verdict.trials.md"} {
		write(t, dir, map[string]string{file: "changed"})
		if tree, err := g.shared.checkout(t.Context(), "worktree"); err != nil || tree.commit != "" || !strings.HasSuffix(tree.words, "with changes") {
			t.Errorf("%s is changed: the tree is %+v, %v; want one with changes", file, tree, err)
		}
		if err := os.Remove(filepath.Join(dir, file)); err != nil {
			t.Fatal(err)
		}
		run(t, dir, "checkout", "-q", "a")
	}
}

// TestInAHook: what git binds its hooks to leads no gate to another tree, nor is the index
// written of the commit that is being made.
func TestInAHook(t *testing.T) {
	dir := repository(t, map[string]string{"ci/a": "1"}, map[string]string{"ci/a": "2"})
	pending := filepath.Join(t.TempDir(), "index.lock")
	t.Setenv("GIT_DIR", filepath.Join(dir, ".git"))
	t.Setenv("GIT_INDEX_FILE", pending)
	t.Setenv("GIT_PREFIX", "ci/")
	g, _ := gateOf(t, filepath.Join(dir, "ci"), fmt.Sprintf(benchGate, false, "HEAD"))
	if err := g.shared.lock(t.Context()); err != nil {
		t.Fatal(err)
	}
	if real, err := filepath.EvalSymlinks(dir); err != nil || g.shared.top != real {
		t.Errorf("the tree is %s, %v; want %s", g.shared.top, err, real)
	}
	tree, err := g.shared.checkout(t.Context(), "HEAD~1")
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(tree.dir, "ci", "a")); err != nil || string(text) != "1" {
		t.Errorf("HEAD~1 has %q, %v; want 1", text, err)
	}
	if same, err := g.shared.checkout(t.Context(), "worktree"); err != nil || same.commit == "" {
		t.Errorf("the worktree is %+v, %v; want that of HEAD", same, err)
	}
	if _, err := os.Stat(pending); err == nil {
		t.Error("the index of the commit that is being made was written")
	}
}

// TestTheLockStays: who has opened its file already holds the same one as who comes later.
func TestTheLockStays(t *testing.T) {
	dir := repository(t, map[string]string{"a": "1"})
	g, _ := gateOf(t, dir, fmt.Sprintf(benchGate, false, "HEAD"))
	if err := g.shared.lock(t.Context()); err != nil {
		t.Fatal(err)
	}
	waits, err := os.Open(g.shared.held.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer waits.Close()
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	next, _ := gateOf(t, dir, fmt.Sprintf(benchGate, false, "HEAD"))
	if err := next.shared.lock(t.Context()); err != nil {
		t.Fatal(err)
	}
	opened, err := waits.Stat()
	if err != nil {
		t.Fatal(err)
	}
	held, err := next.shared.held.Stat()
	if err != nil || !os.SameFile(opened, held) {
		t.Errorf("%v: two gates may hold two files of one name", err)
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
`, 8)
	if len(all) != 2 || all[subject{scenario: "limiters", name: "BenchmarkOne"}].Bench["ns/op"] != 12.5 || all[subject{scenario: "limiters", name: "BenchmarkOne/size-10"}].Bench["things/op"] != 3.5 {
		t.Errorf("read %+v", all)
	}
	one := parseBenchmarks("limiters", "BenchmarkOne/size-10 5 7 ns/op\nBenchmarkOne/size-1 5 8 ns/op\n", 1)
	if len(one) != 2 || one[subject{scenario: "limiters", name: "BenchmarkOne/size-1"}].Bench["ns/op"] != 8 {
		t.Errorf("on one processor: %+v; want names as they are", one)
	}
}
