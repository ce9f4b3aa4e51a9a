package ci

import (
	"slices"
	"strings"

	"github.com/fcbench/fcbench/internal/hooks"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/internal/units"
)

// Side is one of the two things that are compared.
type Side struct {
	Subject  string                      // of the scenario
	Set      map[string]*strictyaml.Node // values of the scenario
	Scenario string                      // another one

	Command string   // of the service, for /bin/sh; $BIN is what was built
	Env     []string // KEY=VALUE, of it
	Pin     string   // cores it may use, such as "0-1"; "" for any
	Hooks   hooks.Config
	Stop    units.Duration // how long it may take to end when asked

	Build   *Build
	FCBench *Build
	Bench   *Bench

	node *strictyaml.Node
}

// Build is a program of a revision.
type Build struct {
	Ref string `yaml:"ref"` // a revision, "merge-base", or "worktree" for the files as they are
	Pkg string `yaml:"pkg"` // "./cmd/server"
	// Randomise links it anew for each run, in random order.
	Randomise bool `yaml:"randomise"`
}

// Bench is the benchmarks of a package at a revision.
type Bench struct {
	Ref       string `yaml:"ref"`
	Pkg       string `yaml:"pkg"`
	Run       string `yaml:"run"`       // regular expression, as of go test -bench
	Time      string `yaml:"time"`      // of each, as of go test -benchtime
	Randomise bool   `yaml:"randomise"` // link anew for each pair, in random order
}

// Worktree is the ref of the files as they are, changes included.
const Worktree = "worktree"

// MergeBase is the ref of where this branch left the main one.
const MergeBase = "merge-base"

// sideDocument is a side as it is written.
type sideDocument struct {
	Subject  string                      `yaml:"subject"`
	Set      map[string]*strictyaml.Node `yaml:"set"`
	Scenario string                      `yaml:"scenario"`
	URL      string                      `yaml:"url"`
	Command  string                      `yaml:"command"`
	Env      []string                    `yaml:"env"`
	Pin      string                      `yaml:"pin"`
	Prepare  string                      `yaml:"prepare"`
	Ready    hooks.Ready                 `yaml:"ready"`
	Cleanup  string                      `yaml:"cleanup"`
	Timeout  units.Duration              `yaml:"timeout"`
	Stop     units.Duration              `yaml:"stop"`
	Build    *Build                      `yaml:"build"`
	FCBench  *Build                      `yaml:"fcbench"`
	Bench    *Bench                      `yaml:"bench"`
}

// side reads one side; nil where there is none.
func (c *checker) side(name string, n *strictyaml.Node) *Side {
	if n == nil {
		return nil
	}
	defaults := hooks.Defaults()
	d := sideDocument{Ready: defaults.Ready, Timeout: defaults.Timeout, Stop: units.Duration(5e9)}
	before := len(c.problems)
	c.problems = append(c.problems, strictyaml.Decode(n, &d)...)
	s := &Side{
		Subject: d.Subject, Set: d.Set, Scenario: d.Scenario, Command: d.Command, Env: d.Env, Pin: d.Pin, Stop: d.Stop,
		Hooks: hooks.Config{Prepare: d.Prepare, Ready: d.Ready, Cleanup: d.Cleanup, Timeout: d.Timeout},
		Build: d.Build, FCBench: d.FCBench, Bench: d.Bench, node: n,
	}
	if len(c.problems) > before || n.Kind() != strictyaml.Map {
		return s
	}
	if d.URL != "" {
		if s.Set == nil {
			s.Set = map[string]*strictyaml.Node{}
		}
		s.Set["target.url"] = n.Get("url")
	}
	c.kind(name, s)
	c.process(name, s)
	return s
}

// kind checks that a side is one kind of thing.
func (c *checker) kind(name string, s *Side) {
	var kinds []string
	for key, given := range map[string]bool{"fcbench": s.FCBench != nil, "bench": s.Bench != nil, "command or build": s.Command != "" || s.Build != nil} {
		if given {
			kinds = append(kinds, key)
		}
	}
	slices.Sort(kinds)
	if len(kinds) > 1 {
		c.problem(s.node, "side %s has %s; want one of them", name, strings.Join(kinds, " and "))
	}
	if len(s.node.Items()) == 0 {
		c.problem(s.node, "side %s is empty; want one of subject, set, scenario, url, command, build, fcbench, bench", name)
	}
	if s.Bench != nil {
		for _, key := range []string{"subject", "set", "scenario", "url"} {
			if n := s.node.Get(key); n != nil {
				c.problem(n, "%s stands beside bench, which has no scenario; want it left out", key)
			}
		}
	}
	for key, b := range map[string]*Build{"build": s.Build, "fcbench": s.FCBench} {
		if b == nil {
			continue
		}
		if b.Ref == "" {
			c.problem(s.node.Get(key), "%s has no ref; want a revision, %s or %s", key, MergeBase, Worktree)
		}
		if key == "fcbench" && b.Pkg == "" {
			b.Pkg = "./cmd/fcbench"
		}
		if b.Pkg == "" {
			c.problem(s.node.Get(key), "%s has no pkg; want a package, such as ./cmd/server", key)
		}
	}
	if b := s.Bench; b != nil {
		if b.Ref == "" {
			c.problem(s.node.Get("bench"), "bench has no ref; want a revision, %s or %s", MergeBase, Worktree)
		}
		if b.Pkg == "" {
			b.Pkg = "."
		}
		if b.Run == "" {
			b.Run = "."
		}
		if b.Time == "" {
			b.Time = "100ms"
		}
	}
}

// process checks what only a side that is started can have.
func (c *checker) process(name string, s *Side) {
	started := s.Command != "" || s.Build != nil
	for _, key := range []string{"env", "pin", "stop"} {
		if n := s.node.Get(key); n != nil && !started {
			c.problem(n, "%s stands in side %s, which starts no program; want a command or a build with it", key, name)
		}
	}
	for i, pair := range s.Env {
		if key, _, ok := strings.Cut(pair, "="); !ok || key == "" {
			c.problem(s.node.Get("env").Items()[i], "env[%d] is %q; want NAME=VALUE", i, pair)
		}
	}
	if s.Pin != "" && strings.Trim(s.Pin, "0123456789,-") != "" {
		c.problem(s.node.Get("pin"), "pin is %q; want cores, such as 0 or 0-1 or 0,2", s.Pin)
	}
	if s.Stop <= 0 {
		c.problem(s.node.Get("stop"), "stop is %v; want more than 0s", s.Stop)
	}
	if s.Command != "" && s.Build == nil && strings.TrimSpace(s.Command) == "" {
		c.problem(s.node.Get("command"), "command is blank; want one for /bin/sh")
	}
	if !s.hooked() {
		return
	}
	for _, p := range s.Hooks.Problems() {
		n := s.node
		for key := range strings.SplitSeq(p.Key, ".") {
			if next := n.Get(key); next != nil {
				n = next
			}
		}
		c.problem(n, "%s", p.Text)
	}
}

// hooked reports whether anything is done around the side's runs.
func (s *Side) hooked() bool {
	return s.Hooks.Prepare != "" || s.Hooks.Cleanup != "" || s.Hooks.Ready.Command != "" || s.Hooks.Ready.URL != ""
}

// Started reports whether the side is a program that fcbench starts.
func (s *Side) Started() bool { return s.Command != "" || s.Build != nil }

// Hooked reports whether anything is done around the side's runs.
func (s *Side) Hooked() bool { return s.hooked() }

// Text is the side as the policy has it.
func (s *Side) Text() string { return string(s.node.ToJSON()) }

// alone checks the side whose capacity is held against a bound, if there is one: without
// it the scenario is searched as it is.
func (c *checker) alone(p *Policy) {
	switch b := p.B; {
	case b == nil:
	case b.Bench != nil:
		c.problem(c.at("capacity"), "capacity stands beside a benchmark, which has none; want it left out")
	case p.Virtual && b.Started():
		c.problem(c.at("virtual"), "virtual stands beside a side that is started; want real time, which is the only one a process knows")
	}
}

// sides checks the two against each other, and against what is measured.
func (c *checker) sides(p *Policy) {
	if (p.A == nil) != (p.B == nil) && !p.Bounded() {
		c.problem(c.doc, "there is one side, and a comparison takes two; want both a and b, or neither for a gate of exact values")
		return
	}
	switch {
	case p.Bounded():
		c.alone(p)
	case p.Exact() && !p.Virtual:
		c.problem(c.doc, "there are no sides; want a and b, or virtual: true for a gate of exact values")
	case p.Exact():
	case p.Capacity != nil && (p.A.Bench != nil || p.B.Bench != nil):
		c.problem(c.at("capacity"), "capacity stands beside benchmarks, which have none; want it left out")
	case (p.A.Bench != nil) != (p.B.Bench != nil):
		c.problem(p.B.node, "one side is a benchmark and the other is not; want both")
	case !c.itself && p.A.Text() == p.B.Text():
		c.problem(p.B.node, "both sides are %s; want two that differ: a comparison of a thing with itself says nothing", p.B.Text())
	case p.Virtual && (p.A.Started() || p.B.Started()):
		c.problem(c.at("virtual"), "virtual stands beside a side that is started; want real time, which is the only one a process knows")
	}
	scenarios := len(p.Scenarios)
	if p.B != nil && p.B.Scenario != "" && (p.A == nil || p.A.Scenario != "") {
		scenarios = 1
	}
	switch {
	case p.Bench() && c.doc.Get("scenario") != nil:
		c.problem(c.at("scenario"), "scenario stands beside benchmarks; want it left out")
	case p.Bench() && p.Virtual:
		c.problem(c.at("virtual"), "virtual stands beside benchmarks; want it left out")
	case c.doc.Get("scenario") != nil && len(p.Scenarios) == 0:
		c.problem(c.at("scenario"), "scenario is empty; want a file, or the name of one that comes with fcbench, or no such key where the sides have theirs")
	case !p.Bench() && scenarios == 0:
		c.problem(c.at("scenario"), "there is no scenario; want a file, or the name of one that comes with fcbench")
	}
	for _, name := range []string{p.Accepted, p.Lockfile} {
		if strings.HasPrefix(name, "~") {
			c.problem(c.doc, "file is %q; want a path relative to the policy", name)
		}
	}
}
