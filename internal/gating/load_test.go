package gating

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/internal/strictyaml"
)

const limited = `name: small
workload: {arrivals: 'poisson:2k/s'}
subjects: [limiter: {kind: gcra, rate: 100/s, burst: 20}, limiter: {kind: token-bucket, rate: 100/s, burst: 20}, limiter: {kind: gcra, rate: 50/s, burst: 20}]
duration: 100ms
`

// sidesOf prepares a gate in virtual time of two sides of a scenario.
func sidesOf(t *testing.T, keys, a, b string) (*Gate, error) {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, map[string]string{"s.yaml": limited, "copy.yaml": strings.Replace(limited, "small", "large", 1)})
	g, _ := gateOf(t, dir, fmt.Sprintf("scenario: s.yaml\nvirtual: true\n%sa: %s\nb: %s\nclaims: [{metric: throughput}]\n", keys, a, b))
	return g, g.Prepare(soon(t))
}

// TestSubjectOfASide: of what only leaves, a side has its own subject alone.
func TestSubjectOfASide(t *testing.T) {
	for _, only := range []string{"", "only: [gcra, token-bucket]\n"} {
		g, err := sidesOf(t, only, "{subject: token-bucket}", "{subject: token-bucket, set: {limiter.burst: 21}}")
		if err != nil || named(g.asA) != "small/token-bucket" || named(g.asB) != "small/token-bucket" {
			t.Errorf("%q: a has %s and b %s, %v; want token-bucket alone", only, named(g.asA), named(g.asB), err)
		}
	}
	if g, err := sidesOf(t, "only: gcra\n", "{subject: gcra}", "{subject: token-bucket}"); err == nil || !strings.Contains(err.Error(), `"token-bucket" is neither a subject nor a workload`) {
		t.Errorf("a subject that only leaves out: %s, %v; want it refused", named(g.asB), err)
	}
}

// TestSidesThatAreOne: however the same is written, it is no comparison.
func TestSidesThatAreOne(t *testing.T) {
	for name, c := range map[string]struct{ keys, a, b string }{
		"order of keys":      {"", "{set: {limiter.rate: 9/s, limiter.burst: 8}}", "{set: {limiter.burst: 8, limiter.rate: 9/s}}"},
		"what it is already": {"only: token-bucket\n", "{subject: token-bucket}", "{set: {limiter.burst: 20}}"},
		"a copy":             {"", "{scenario: copy.yaml}", "{scenario: s.yaml}"},
		"subject and only":   {"only: token-bucket\n", "{subject: token-bucket}", "{scenario: s.yaml}"},
	} {
		var unlike *Unlike
		if _, err := sidesOf(t, c.keys, c.a, c.b); !errors.As(err, &unlike) || !strings.Contains(err.Error(), "comparison of a thing with itself") {
			t.Errorf("%s: %v; want it said that both sides are one", name, err)
		}
	}
	for name, c := range map[string]struct{ a, b string }{
		"another value":  {"{set: {limiter.burst: 20}}", "{set: {limiter.burst: 21}}"},
		"other hooks":    {"{subject: token-bucket}", "{subject: token-bucket, prepare: 'true'}"},
		"only one value": {"{set: {seed: 12345678901234567}}", "{set: {seed: 12345678901234568}}"},
	} {
		var unlike *Unlike
		if _, err := sidesOf(t, "", c.a, c.b); errors.As(err, &unlike) && strings.Contains(err.Error(), "with itself") {
			t.Errorf("%s: %v; want two sides", name, err)
		}
	}
}

// TestAnotherBuild: what another build is told to run is one subject under the name that
// it has here, on the Redis that this one was given.
func TestAnotherBuild(t *testing.T) {
	dir := repository(t, map[string]string{"s.yaml": limited})
	log := filepath.Join(t.TempDir(), "log")
	g, _ := gateOf(t, dir, "scenario: s.yaml\nvirtual: true\na: {fcbench: {ref: HEAD}, prepare: 'echo prepared >> "+log+"'}\nb: {set: {limiter.burst: 21}}\nclaims: [{metric: throughput}]\n")
	g.world = experiment.NewWorld("127.0.0.1:1", func(string) {})
	o := g.a.(*otherself)
	o.scratch = t.TempDir()
	o.built.binary = filepath.Join(o.scratch, "program")
	if err := os.WriteFile(o.built.binary, []byte("#!/bin/sh\necho \"$@\" >> "+log+"\necho not today >&2\nexit 3\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	all, err := o.inWorld.prepare(soon(t))
	if err == nil {
		err = o.writeScenarios()
	}
	if err != nil || len(o.files) != 3 {
		t.Fatalf("%d scenarios, %v; want one for each subject", len(o.files), err)
	}
	for i, file := range o.files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := strictyaml.Parse(file, src)
		if err != nil {
			t.Fatal(err)
		}
		s, err := scenario.New(doc, false)
		if err != nil || len(s.Subjects) != 1 || s.Subjects[0].Name != all[i].name {
			t.Errorf("%s, %v; want %s alone", src, err, all[i].name)
		}
	}
	if _, err := o.measure(soon(t), 2, turn{1, 1, 1, 1}); err == nil || !strings.Contains(err.Error(), "not today") {
		t.Errorf("a build that fails: %v; want what it said", err)
	}
	text, err := os.ReadFile(log)
	if got := string(text); err != nil || !strings.HasPrefix(got, "prepared\nrun "+o.files[2]+" ") || !strings.Contains(got, "--redis 127.0.0.1:1") || strings.Contains(got, "--only") {
		t.Errorf("it was called so: %q, %v", got, err)
	}
}
