package gating

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fcbench/fcbench/ci"
	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/results"
)

// serverVariable makes the test binary a service at the address that is its value.
const serverVariable = "FCBENCH_TEST_SERVER"

func TestMain(m *testing.M) {
	if addr := os.Getenv(serverVariable); addr != "" {
		fmt.Fprintln(os.Stderr, http.ListenAndServe(addr, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })))
		os.Exit(3)
	}
	goleak.VerifyTestMain(m)
}

// nobody is told of runs.
type nobody struct{}

func (nobody) Begin(experiment.Step) {}
func (nobody) End(*results.Run)      {}

// gateOf is the gate of a policy in a directory; what it says is kept.
func gateOf(t *testing.T, dir, text string) (*Gate, *[]string) {
	t.Helper()
	p, err := ci.ParsePolicy(filepath.Join(dir, "gate.yaml"), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	w := experiment.NewWorld("", func(string) {})
	g, err := New(p, w, nobody{}, func(s string) { said = append(said, s) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return g, &said
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// repository is a git repository with a commit for each state of its files.
func repository(t *testing.T, states ...map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, name := range []string{"GIT_AUTHOR", "GIT_COMMITTER"} {
		t.Setenv(name+"_NAME", "test")
		t.Setenv(name+"_EMAIL", "test@example.org")
	}
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	for _, base := range []string{"GITHUB_BASE_REF", "CI_MERGE_REQUEST_DIFF_BASE_SHA", "FCBENCH_BASE"} {
		t.Setenv(base, "")
	}
	run(t, dir, "init", "-q", "-b", "main")
	for i, files := range states {
		write(t, dir, files)
		run(t, dir, "add", "-A")
		run(t, dir, "commit", "-q", "-m", fmt.Sprint("state ", i))
	}
	return dir
}

func run(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}
