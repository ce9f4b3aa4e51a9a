//go:build unix

package gating

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/internal/hooks"
)

// freeAddress is one that nobody listens at.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
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
	tcp    = `{url: "tcp://ADDR", within: 20s, every: 20ms}`
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
		"command fails": {"echo starting; sleep 600", `{command: "echo not yet; exit 1", within: 100ms, every: 20ms}`, "not yet", &hook},
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
