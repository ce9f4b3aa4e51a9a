package main

import (
	"cmp"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/fcbench/fcbench/internal/bubble"
	"github.com/fcbench/fcbench/internal/rounds"
)

func TestMain(m *testing.M) {
	if _, called := bubble.Called(); called {
		main() // a run of a test started its own program again
	}
	testscript.Main(m, map[string]func(){"fcbench": main, "fcbench-often": often})
}

// often is main where a run in progress is written five times a second.
func often() {
	os.Exit(mainKeeping(context.Background(), time.Second/5, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// sequential are the scripts whose programs have little to do beside each other: they
// print, compute, or run in virtual time. A few of that kind are left to the others, so
// that the race detector sees some.
func sequential() []string {
	return []string{
		"baseline.txt",
		"capacity.txt",
		"compare.txt",
		"gate.txt",
		"gate_capacity.txt",
		"headroom.txt",
		"import.txt",
		"limiters.txt",
		"list.txt",
		"schedule.txt",
		"selftest_capacity.txt",
		"set_text.txt",
		"sweep.txt",
		"trace.txt",
		"trend.txt",
		"usage.txt",
		"verify.txtar",
		"whatif.txt",
		"workloads.txt",
	}
}

// timely are those that start many programs in real time, each of which does beside
// itself what others do for the race detector.
func timely() []string {
	return []string{
		"bisect.txt",
		"exit_codes.txt",
		"outputs.txt",
		"pipelines.txt",
		"selftest_live.txt",
		"stated_limit.txt",
	}
}

// TestScripts runs every other script in testdata: what a user types, and what must
// come back.
func TestScripts(t *testing.T) {
	all, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	apart := slices.Concat(sequential(), timely())
	var others []string
	for _, script := range all {
		if !slices.Contains(apart, script.Name()) {
			others = append(others, script.Name())
		}
	}
	runScripts(t, others)
}

// TestSequentialScripts runs some of the rest, for which make test has no race detector:
// with it they take ten times as long.
func TestSequentialScripts(t *testing.T) {
	runScripts(t, sequential())
}

// TestTimelyScripts runs the others, without the race detector too.
func TestTimelyScripts(t *testing.T) {
	runScripts(t, timely())
}

func runScripts(t *testing.T, names []string) {
	t.Helper()
	files := make([]string, len(names))
	for i, name := range names {
		files[i] = filepath.Join("testdata", name)
	}
	runScriptFiles(t, files)
}

func runScriptFiles(t *testing.T, files []string) {
	t.Helper()
	testscript.Run(t, testscript.Params{
		Files:               files,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"documented": documentedCmd,
			"prometheus": prometheusCmd,
			"exits":      exits,
			"gateway":    gatewayCmd,
			"kept":       kept,
			"serve":      serve,
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("NO_COLOR", "1")
			e.Setenv("GORACE", "atexit_sleep_ms=10")         // else it sleeps for a second, each of 300 times
			if cache, err := os.UserCacheDir(); err == nil { // else every script that builds something builds all of it
				e.Setenv("GOCACHE", cmp.Or(os.Getenv("GOCACHE"), filepath.Join(cache, "go-build")))
			}
			e.Setenv("MINUTES", strconv.Itoa(rounds.Of(10)))
			e.Setenv("HOURS", strconv.Itoa(rounds.Of(4)))
			path, err := exec.LookPath("fcbench")
			e.Setenv("FCBENCH", path)
			docs, missing := filepath.Abs("../../docs")
			e.Setenv("DOCS", docs)
			e.Values[running{}] = &running{}
			return errors.Join(err, missing)
		},
	})
}

// exits runs "exits CODE COMMAND…" and fails unless the command ends with that
// very code. What it prints is compared with the stdout and stderr commands.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARGUMENT…]")
	}
	err := ts.Exec(args[1], args[2:]...)
	if got := exitOf(err); got != args[0] {
		ts.Fatalf("%v ended with %s; want %s", args[1:], got, args[0])
	}
}

func exitOf(err error) string {
	if err == nil {
		return "0"
	}
	type coder interface{ ExitCode() int }
	if c, ok := err.(coder); ok {
		return strconv.Itoa(c.ExitCode())
	}
	return err.Error()
}
