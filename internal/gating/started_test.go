//go:build unix

package gating

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/capacity"
	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/internal/hooks"
	"github.com/fcbench/fcbench/internal/redistest"
	"github.com/fcbench/fcbench/internal/scenario"
)

// freeAddress is one that nobody listens at.
func freeAddress(t *testing.T) string {
	t.Helper()
	return "127.0.0.1:" + redistest.FreePort(t)
}

// services is a policy of two commands, under a scenario of a service at an address.
func services(t *testing.T, a, b, ready string) (*Gate, string) {
	t.Helper()
	dir, addr := t.TempDir(), freeAddress(t)
	write(t, dir, map[string]string{"s.yaml": fmt.Sprintf("name: web\nworkload: {arrivals: 'constant:200/s'}\nsubjects: [{name: web, target: {kind: http, url: 'http://%s/'}}]\nduration: 100ms\n", addr)})
	t.Setenv("SERVER", os.Args[0])
	replace := func(text string) string { return strings.ReplaceAll(text, "ADDR", addr) }
	g, _ := gateOf(t, dir, replace(fmt.Sprintf("scenario: s.yaml\na: {command: '%s', env: [N=1], ready: %s}\nb: {command: '%s', env: [N=2], ready: %s}\nclaims: [{metric: goodput, margin: 5%%}]\npairs: [8]\n", a, ready, b, ready)))
	return g, addr
}

const (
	serves = `env FCBENCH_TEST_SERVER=ADDR $SERVER`
	tcp    = `{url: "tcp://ADDR", within: 2m, every: 20ms}`
)

// TestStarted: each run has a fresh process of its side, which is observed, and none
// is left afterwards, nor what they started.
func TestStarted(t *testing.T) {
	g, addr := services(t, serves, "sleep 600 & "+serves, tcp)
	if err := g.Prepare(soon(t)); err != nil {
		t.Fatal(err)
	}
	for n, aFirst := range []bool{true, false} {
		if err := g.pair(soon(t), n+1, aFirst, false); err != nil {
			t.Fatal(err)
		}
	}
	u := g.Units()
	if len(u) != 1 || len(u[0].Pairs) != 2 || u[0].Pairs[1].Order != "BA" {
		t.Fatalf("units are %+v", u)
	}
	for _, p := range u[0].Pairs {
		for _, run := range []struct{ ok, offered uint64 }{{p.A.Run.Outcomes["ok"], p.A.Run.Offered}, {p.B.Run.Outcomes["ok"], p.B.Run.Offered}} {
			if run.ok != 20 || run.offered != 20 {
				t.Errorf("%d of %d are ok; want all of 20", run.ok, run.offered)
			}
		}
		if p.A.Run.Target == nil || p.A.Run.Target.PeakRSSBytes == 0 {
			t.Errorf("the cost of the service is %+v; want it observed", p.A.Run.Target)
		}
	}
	if c, err := net.Dial("tcp", addr); err == nil {
		c.Close()
		t.Error("somebody still listens")
	}
}

// TestCommands: however a service is written it is started, pinned to a core or not.
func TestCommands(t *testing.T) {
	for _, c := range []struct{ command, pin string }{
		{"FCBENCH_TEST_SERVER=ADDR $SERVER", ""},
		{"FCBENCH_TEST_SERVER=ADDR $SERVER", "0"},
		{"exec " + serves, ""},
		{"cd / && exec " + serves, "0"},
		{" cd / && " + serves, ""},
	} {
		g, _ := services(t, serves, c.command, tcp)
		g.policy.B.Pin = c.pin
		if err := g.Prepare(soon(t)); err != nil {
			t.Fatal(err)
		}
		all, err := g.b.measure(soon(t), 0, turn{1, 1, 1, 1})
		if err != nil || len(all) != 1 {
			t.Errorf("%q on core %q: %v", c.command, c.pin, err)
		}
		for _, m := range all {
			if m.Run.Outcomes["ok"] != 20 {
				t.Errorf("%q on core %q: outcomes are %v; want 20 ok", c.command, c.pin, m.Run.Outcomes)
			}
		}
	}
}

// TestReplacing: a program with arguments takes the place of its shell, all else is left
// to the shell.
func TestReplacing(t *testing.T) {
	for text, want := range map[string]string{
		"./server -a 1": "exec ./server -a 1", `"$BIN" -addr :0`: `exec "$BIN" -addr :0`, "server --port=1": "exec server --port=1",
		"PORT=1 ./server": "", "A=1 B='x y' ./server": "", "exec ./server": "", ". ./start": "", "cd x && ./server": "", "./server | tee log": "", "a\nb": "",
	} {
		if want == "" {
			want = text
		}
		if got := replacing(text); got != want {
			t.Errorf("%q becomes %q; want %q", text, got, want)
		}
	}
}

// TestGroupOfAService: what a service starts is in a group that ends with this process,
// and all that it printed is kept.
func TestGroupOfAService(t *testing.T) {
	ready := filepath.Join(t.TempDir(), "ready")
	if err := syscall.Mkfifo(ready, 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := launch(exec.Command("/bin/sh", "-c", "echo said; echo >"+ready+"; sleep 600 & exec sleep 600"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.ReadFile(ready); err != nil {
		t.Fatal(err)
	}
	if group, err := syscall.Getpgid(p.PID()); err != nil || group == p.PID() || group == syscall.Getpgrp() {
		t.Errorf("it is in group %d, %v; want one that a keeper holds", group, err)
	}
	if killed := p.end(t.Context(), time.Minute); killed || p.printed.String() != "said\n" {
		t.Errorf("killed %t, it printed %q; want what it said", killed, p.printed.String())
	}
	if _, err := launch(exec.Command("/nothing/here")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a program that is not there: %v", err)
	}
}

// TestAllOfAServiceIsAsked: a service within a compound command is asked to end as the shell
// around it is, and has time to; what does not heed it is killed after that time.
func TestAllOfAServiceIsAsked(t *testing.T) {
	for _, c := range []struct {
		trap, printed string
		grace         time.Duration
		killed        bool
	}{
		{`echo asked; exit 0`, "asked\n", time.Minute, false},
		{``, "", 50 * time.Millisecond, true},
	} {
		ready := filepath.Join(t.TempDir(), "ready")
		if err := syscall.Mkfifo(ready, 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("/bin/sh", "-c", `sh -c "trap '$TRAP' TERM; echo >$READY; while :; do sleep 0.01; done"; echo after`)
		cmd.Env = append(os.Environ(), "TRAP="+c.trap, "READY="+ready)
		p, err := launch(cmd)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.ReadFile(ready); err != nil {
			t.Fatal(err)
		}
		if killed := p.end(t.Context(), c.grace); killed != c.killed || !strings.Contains(p.printed.String(), c.printed) {
			t.Errorf("trap %q: killed %t, it printed %q; want %t and %q", c.trap, killed, p.printed.String(), c.killed, c.printed)
		}
	}
}

// TestHooksReachTheScenariosHosts, and no others.
func TestHooksReachTheScenariosHosts(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	ready := hooks.Defaults()
	ready.Ready.URL = "tcp://0.0.0.0:" + port // this machine, by an address that is not loopback
	for _, hosts := range [][]string{nil, {"0.0.0.0"}} {
		j := job{plan: &experiment.Plan{Scenario: &scenario.Scenario{AllowHosts: hosts}}}
		called := false
		err := j.within(soon(t), []hooks.Config{ready}, func(context.Context) error { called = true; return nil })
		if allowed := hosts != nil; called != allowed || (err == nil) != allowed || !allowed && !strings.Contains(err.Error(), "--allow-host 0.0.0.0") {
			t.Errorf("hosts %q: %v", hosts, err)
		}
	}
}

// TestServicesThatFail: each way says what happened, and what the service printed.
func TestServicesThatFail(t *testing.T) {
	var died *Died
	var hook *hooks.Error
	for name, c := range map[string]struct {
		command, ready, want string
		as                   any
	}{
		"dies at once":  {"echo no such flag >&2; exit 7", tcp, "ended by itself (exit status 7); want a command that stays in the foreground; it printed:\nno such flag", &died},
		"not there":     {"./nothing-here", tcp, "ended by itself (exit status 127)", &died},
		"never ready":   {"echo starting; sleep 600", `{url: "tcp://ADDR", within: 100ms, every: 20ms}`, "hook ready: not within 100ms", &hook},
		"command fails": {"echo starting; sleep 600", `{command: "echo not yet; exit 1", within: 1s, every: 20ms}`, "not yet", &hook},
	} {
		g, _ := services(t, serves, c.command, c.ready)
		if err := g.Prepare(soon(t)); err != nil {
			t.Fatal(err)
		}
		if err := g.pair(soon(t), 1, false, false); err == nil || !strings.Contains(err.Error(), c.want) || !errors.As(err, c.as) {
			t.Errorf("%s: %v; want %q", name, err, c.want)
		}
	}
}

// TestTrialsOfAService are made while it runs, and it is observed.
func TestTrialsOfAService(t *testing.T) {
	dir, addr := t.TempDir(), freeAddress(t)
	write(t, dir, map[string]string{"s.yaml": fmt.Sprintf("name: web\nworkload: {arrivals: 'constant:200/s'}\nsubjects: [{name: web, target: {kind: http, url: 'http://%s/'}}]\nduration: 100ms\n", addr)})
	t.Setenv("SERVER", os.Args[0])
	g, _ := gateOf(t, dir, strings.ReplaceAll("scenario: s.yaml\nb: {command: '"+serves+"', ready: "+tcp+"}\ncapacity: {goals: ['response.ok.p99 < 20ms', 'target.cpu_share < 99%']}\nclaims: [{metric: capacity, at_least: 300/s}]\n", "ADDR", addr))
	if err := g.Prepare(soon(t)); err != nil {
		t.Fatal(err)
	}
	var seen capacity.Observation
	side := g.b.(seeker)
	err := side.around(soon(t), 0, func(ctx context.Context) (err error) {
		seen, err = side.searchOf(0).maker.Measure(ctx, capacity.Trial{Number: 1, Value: 100, Warmup: 100 * time.Millisecond, Length: 200 * time.Millisecond, Seed: 5})
		return err
	})
	if err != nil || len(seen.Goals) != 2 || seen.Goals[0].Of == 0 || seen.Goals[1].Of != 1 || seen.Down != "" {
		t.Errorf("observed %+v, %v; want both goals, that of its CPU too", seen, err)
	}
	if c, err := net.Dial("tcp", addr); err == nil {
		c.Close()
		t.Error("somebody still listens")
	}
}
