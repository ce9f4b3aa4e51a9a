// Package ci decides whether a change may go in: what a gate is asked to hold, what
// it found, and in which words it says so to whom.
//
// A [Policy] is a gate.yaml: two sides, what is measured of them, and the claims. A
// [Lockfile] says which claims there have to be, so that a gate that compares nothing
// is never green. [Judge] turns measured pairs into a [Verdict], whose exit code says
// the same as its file. Every other output is written from the verdict alone.
package ci

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results"
)

// Policy is a gate, as its file says it.
type Policy struct {
	Name string
	File string // as it was named; positions and SARIF refer to it

	Scenarios []string // files beside the policy, or names of those that come with fcbench
	Only      []string // subjects and workloads of them; none for all
	Quick     bool
	Virtual   bool
	Set       map[string]*strictyaml.Node

	// A is before and B after. Without both, the values of the lockfile are before, or where
	// capacities are searched the bounds of the claims.
	A, B *Side

	Capacity *Capacity // how it is searched, where the claims are about that; else nil

	Claims    []Claim
	Pairs     []int   // looks: how many pairs there are at each
	Alpha     float64 // chance of any false alarm
	PassAlpha float64 // chance of passing a regression of the margin
	Seed      uint64  // of the order within pairs
	NullPairs int

	Accepted string // reviewed file; "" for none
	Lockfile string
}

// Claim is one metric that must not get worse by its margin.
type Claim struct {
	Metric  string
	Subject string // of which alone it is; "" for all
	Margin  Margin
	Floor   float64 // in the metric's unit; smaller differences are none
	AtLeast float64 // what a capacity must not be less than, in its unit; 0 for no such claim
	Pos     strictyaml.Pos
}

// Exact reports whether there is nothing to sample: the values of a run in virtual
// time are held against stored ones.
func (p *Policy) Exact() bool { return p.A == nil && p.B == nil && p.Capacity == nil }

// Single reports whether a run can only repeat itself, so that one says all: in virtual
// time, but for searches, each trial of which has other arrivals.
func (p *Policy) Single() bool { return p.Exact() || p.Virtual && p.Capacity == nil }

// Bounded reports whether capacities are held against bounds, and not two sides against each other.
func (p *Policy) Bounded() bool { return p.Capacity != nil && p.A == nil }

// Bench reports whether the sides are Go benchmarks.
func (p *Policy) Bench() bool { return p.B != nil && p.B.Bench != nil }

// Path is where a file lies that the policy names.
func (p *Policy) Path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(p.File), name)
}

// LockPath is where the lockfile lies.
func (p *Policy) LockPath() string { return p.Path(p.Lockfile) }

// ReadPolicy reads a policy; the error has every problem with its place.
func ReadPolicy(file string) (*Policy, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return ParsePolicy(file, src)
}

// ReadItself reads a policy whose side a is to be compared with itself: what the file has
// as side b, if anything, is not looked at.
func ReadItself(file string) (*Policy, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return parsePolicy(file, src, true)
}

// document is a gate.yaml as it is written.
type document struct {
	Name      string                      `yaml:"name"`
	Scenario  strictyaml.Texts            `yaml:"scenario"`
	Only      strictyaml.Texts            `yaml:"only"`
	Quick     bool                        `yaml:"quick"`
	Virtual   bool                        `yaml:"virtual"`
	Set       map[string]*strictyaml.Node `yaml:"set"`
	A         *strictyaml.Node            `yaml:"a"`
	B         *strictyaml.Node            `yaml:"b"`
	Capacity  *strictyaml.Node            `yaml:"capacity"`
	Claims    []claim                     `yaml:"claims"`
	Pairs     []int                       `yaml:"pairs"`
	Alpha     float64                     `yaml:"alpha"`
	PassAlpha float64                     `yaml:"pass_alpha"`
	Seed      uint64                      `yaml:"seed"`
	NullPairs int                         `yaml:"null_pairs"`
	Accepted  string                      `yaml:"accepted"`
	Lockfile  string                      `yaml:"lockfile"`
}

type claim struct {
	Metric  string `yaml:"metric"`
	Subject string `yaml:"subject"`
	Margin  string `yaml:"margin"`
	Floor   string `yaml:"floor"`
	AtLeast string `yaml:"at_least"`
}

// The defaults.
const (
	defaultAlpha     = 0.01
	defaultPassAlpha = 0.05
	defaultSeed      = 1
	lockEnding       = ".lock"

	mostPairs     = 64 // beyond which the exact distribution is not counted
	leastPairs    = 6  // below which no verdict is possible, nor one about the box
	mostNullPairs = 20
)

// ParsePolicy reads the text of a policy.
func ParsePolicy(file string, src []byte) (*Policy, error) { return parsePolicy(file, src, false) }

func parsePolicy(file string, src []byte, itself bool) (*Policy, error) {
	doc, err := strictyaml.Parse(file, src)
	if doc == nil || err != nil {
		return nil, err
	}
	d := document{Alpha: defaultAlpha, PassAlpha: defaultPassAlpha, Seed: defaultSeed}
	c := &checker{problems: strictyaml.Decode(doc, &d), doc: doc, itself: itself}
	p := &Policy{
		Name: d.Name, File: file, Scenarios: d.Scenario, Only: d.Only, Quick: d.Quick, Virtual: d.Virtual, Set: d.Set,
		Pairs: d.Pairs, Alpha: d.Alpha, PassAlpha: d.PassAlpha, Seed: d.Seed, NullPairs: d.NullPairs,
		Accepted: d.Accepted, Lockfile: d.Lockfile,
	}
	if p.Name == "" {
		p.Name = strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	}
	if p.Lockfile == "" {
		p.Lockfile = strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)) + lockEnding
	}
	p.Capacity = c.capacity(d.Capacity, d.A == nil)
	if p.A = c.side("a", d.A); itself {
		p.B = p.A
	} else {
		p.B = c.side("b", d.B)
	}
	c.sides(p)
	c.design(p)
	for i, one := range d.Claims {
		p.Claims = append(p.Claims, c.claim(p, one, doc.Get("claims").Items()[i]))
	}
	c.claims(p)
	return p, c.problems.Err()
}

// checker collects what is wrong with a policy.
type checker struct {
	problems strictyaml.Problems
	doc      *strictyaml.Node
	itself   bool // both sides are one, as is meant
}

func (c *checker) problem(n *strictyaml.Node, format string, args ...any) {
	p := n.Problemf(format, args...)
	for _, before := range c.problems {
		if before.Pos == p.Pos {
			return // what could not be read is not checked too
		}
	}
	c.problems = append(c.problems, p)
}

// at is the node of a key, or the document where it is absent.
func (c *checker) at(key string) *strictyaml.Node {
	if n := c.doc.Get(key); n != nil {
		return n
	}
	return c.doc
}

// design checks the numbers of the experiment, and fills in what depends on others.
func (c *checker) design(p *Policy) {
	for key, alpha := range map[string]float64{"alpha": p.Alpha, "pass_alpha": p.PassAlpha} {
		if !(alpha > 0 && alpha < 0.5) {
			c.problem(c.at(key), "%s is %v; want more than 0 and less than 0.5", key, alpha)
		}
	}
	single := p.Single()
	if p.Capacity != nil {
		c.searched(p)
		single = p.Bounded()
	} else if single && len(p.Pairs) > 0 {
		c.problem(c.at("pairs"), "pairs stand beside virtual time, in which a run can only repeat itself; want them left out")
	}
	switch n := p.NullPairs; {
	case p.Capacity != nil:
	case single && n > 0:
		c.problem(c.at("null_pairs"), "null_pairs stand beside virtual time, in which a run can only repeat itself; want them left out")
	case n != 0 && (n < leastPairs || n > mostNullPairs):
		c.problem(c.at("null_pairs"), "null_pairs is %d; want 0, or %d to %d: fewer cannot show anything", n, leastPairs, mostNullPairs)
	}
	if !single && len(p.Pairs) == 0 && c.doc.Get("pairs") == nil {
		p.Pairs = []int{8, 14, 20}
	}
	if n := c.doc.Get("pairs"); n != nil && len(p.Pairs) == 0 {
		c.problem(n, "pairs is empty; want looks such as [8, 14, 20]")
	}
	for i, n := range p.Pairs {
		if c.doc.Get("pairs") == nil {
			break // those by default
		}
		switch {
		case n < leastPairs || n > mostPairs:
			c.problem(c.at("pairs").Items()[i], "pairs[%d] is %d; want %d to %d: fewer cannot show anything", i, n, leastPairs, mostPairs)
		case n%2 != 0:
			c.problem(c.at("pairs").Items()[i], "pairs[%d] is %d; want an even number, so that each side comes first equally often", i, n)
		case i > 0 && n <= p.Pairs[i-1]:
			c.problem(c.at("pairs").Items()[i], "pairs[%d] is %d after %d; want looks that grow", i, n, p.Pairs[i-1])
		}
	}
}

// searched checks what of an experiment a search has no use for.
func (c *checker) searched(p *Policy) {
	keys, why := []string{"null_pairs"}, "capacity, whose trials of both sides are made in turn"
	if p.Bounded() {
		keys, why = append(keys, "pairs", "alpha", "pass_alpha"), "at_least, which is held against one search, whose confidence stands in capacity"
	}
	for _, key := range keys {
		if n := c.doc.Get(key); n != nil {
			c.problem(n, "%s stands beside %s; want it left out", key, why)
		}
	}
}

// claim reads one claim.
func (c *checker) claim(p *Policy, one claim, n *strictyaml.Node) Claim {
	out := Claim{Metric: one.Metric, Subject: one.Subject, Pos: n.Pos()}
	if one.Metric == "" {
		c.problem(n, "claim has no metric; want one of `fcbench list metrics`, such as response.ok.p99")
		return out
	}
	m, err := p.metricOf(one.Metric)
	if err != nil {
		c.problem(n.Get("metric"), "%v", err)
		return out
	}
	if m.Better == results.Neither && !p.Exact() {
		c.problem(n.Get("metric"), "metric %s is better neither way; want one with a direction, or a gate of exact values", m.Path)
	}
	if strings.HasSuffix(m.Path, ".max") && !p.Single() {
		c.problem(n.Get("metric"), "metric %s is a maximum, which is decided by one request; want a percentile", m.Path)
	}
	if p.Bounded() && one.AtLeast == "" {
		c.problem(n, "claim has no at_least; want what the capacity must not be less than, such as 5k/s, or sides a and b to compare")
		return out
	}
	if one.AtLeast != "" {
		c.bound(p, &out, one, n)
		return out
	}
	if out.Margin, err = parseMargin(m, one.Margin); err != nil {
		c.problem(n.Get("margin"), "margin %v", err)
	}
	if one.Margin == "" {
		out.Margin = defaultMargin(m, p.Single())
	}
	if why := out.Margin.fit(m); why != "" && !p.Single() {
		c.problem(cmp.Or(n.Get("margin"), n), "margin %s", why)
	}
	c.floor(p, &out, m, one.Floor, n.Get("floor"))
	return out
}

// floor reads the floor of a claim, which only a margin that is a share of a sampled
// metric can have.
func (c *checker) floor(p *Policy, to *Claim, m results.Metric, text string, n *strictyaml.Node) {
	if text == "" {
		return
	}
	v, err := parseValue(m, text)
	switch {
	case err != nil || !(v >= 0 && v < 1e18):
		c.problem(n, "floor is %q; want a difference in the metric's unit (%s), 0 or more", text, m.Unit)
	case p.Single():
		c.problem(n, "floor stands beside virtual time, in which no difference is noise; want it left out, or a margin")
	case counted(m.Path):
		c.problem(n, "floor stands beside %s, which is a count; want it left out, or a margin such as 1", m.Path)
	case to.Margin.IsAbsolute() && to.Margin.Absolute > 0:
		c.problem(n, "floor stands beside a margin of %s, which is no share of before; want the larger of the two as margin", to.Margin)
	default:
		to.Floor = v
	}
}

// claims checks what no claim can know of itself.
func (c *checker) claims(p *Policy) {
	if len(p.Claims) == 0 {
		c.problem(c.at("claims"), "there are no claims; want at least one, such as claims: [{metric: response.ok.p99, margin: 5%%}]")
	}
	for i, one := range p.Claims {
		first := slices.IndexFunc(p.Claims[:i], func(before Claim) bool {
			return before.Metric == one.Metric && (before.Subject == one.Subject || before.Subject == "" || one.Subject == "")
		})
		if first >= 0 && one.Metric != "" {
			c.problems = append(c.problems, strictyaml.Problem{Pos: one.Pos, Msg: fmt.Sprintf("claim about %s is made twice, first at %s; want it once, or each of another subject", one.Metric, p.Claims[first].Pos)})
		}
	}
}
