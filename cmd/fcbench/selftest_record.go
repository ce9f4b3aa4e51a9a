package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/fcbench/fcbench/ci"
	"github.com/fcbench/fcbench/internal/gating"
	"github.com/fcbench/fcbench/internal/hostinfo"
)

// selfSchema names the format of the record of a self-test.
const selfSchema = "fcbench.selftest/v1"

// selfPlan is the first line of the record: what is tested. Gates of another plan are no
// part of it.
type selfPlan struct {
	Schema   string  `json:"schema"`
	Policy   string  `json:"policy"`        // its name
	Text     string  `json:"policy_sha256"` // of its text
	A        string  `json:"a"`             // in words
	Sides    string  `json:"a_sha256"`      // of all that its runs depend on
	Injected float64 `json:"injected"`      // share by which side b is slower on purpose, where it is
	Machine  string  `json:"machine"`
	Program  string  `json:"program"`
}

func newSelfPlan(p *ci.Policy, g *gating.Gate, slower float64) (selfPlan, error) {
	text, err := os.ReadFile(p.File)
	if err != nil {
		return selfPlan{}, err
	}
	e := hostinfo.Read()
	a, _ := g.Sides()
	return selfPlan{
		Schema: selfSchema, Policy: p.Name, Text: digestOf(text), A: a, Sides: digestOf([]byte(g.Identity())), Injected: slower,
		Machine: fmt.Sprintf("%s, %d cores, %s/%s, kernel %s", e.CPU, e.Cores, e.OS, e.Arch, e.Kernel),
		Program: strings.Join(strings.Fields(fmt.Sprintf("fcbench %s %s %s", e.Version, e.Revision, e.Go)), " "),
	}, nil
}

func digestOf(text []byte) string { return fmt.Sprintf("%x", sha256.Sum256(text)) }

// unlike says what the plan of a record has that another has not.
func (p selfPlan) unlike(o selfPlan) (all []string) {
	for _, c := range []struct {
		what  string
		alike bool
	}{
		{"its policy has another text", p.Text == o.Text},
		{"its side a is another", p.Sides == o.Sides},
		{fmt.Sprintf("its --inject is %g%%", 100*p.Injected), p.Injected == o.Injected},
		{"its machine is " + p.Machine, p.Machine == o.Machine},
		{"its program is " + p.Program, p.Program == o.Program},
	} {
		if !c.alike {
			all = append(all, c.what)
		}
	}
	return all
}

// testedGate is a further line: one gate that ended.
type testedGate struct {
	Injected float64       `json:"injected"` // 0 for side a against itself
	Seed     uint64        `json:"seed"`
	Started  time.Time     `json:"started_at"`
	TookNS   int64         `json:"took_ns"`
	Verdict  ci.Outcome    `json:"verdict"`
	Pairs    int           `json:"pairs"`
	Replaced int           `json:"pairs_replaced"`
	Reasons  []string      `json:"reasons,omitempty"`
	Claims   []testedClaim `json:"claims"`
}

type testedClaim struct {
	ID       string     `json:"id"`
	Verdict  ci.Outcome `json:"verdict"`
	Relative bool       `json:"relative"`
	Change   float64    `json:"change"`
	PairSD   float64    `json:"pair_sd"`
	Reason   string     `json:"reason,omitempty"`
	Text     string     `json:"text"` // of the change

	Samples []ci.Sample `json:"samples"`
}

func newTestedGate(v *ci.Verdict, slower float64, took time.Duration) testedGate {
	g := testedGate{
		Injected: slower, Seed: v.Seed, Started: v.Started, TookNS: int64(took), Verdict: v.Verdict, Pairs: v.Pairs, Replaced: v.Replaced,
		Reasons: v.Reasons, Claims: []testedClaim{},
	}
	for i := range v.Claims {
		f := &v.Claims[i]
		g.Claims = append(g.Claims, testedClaim{f.ID, f.Verdict, f.Relative, f.Change, f.PairSD, f.Reason, f.Text(f.Change), f.Samples})
	}
	return g
}

func (g *testedGate) kind() string {
	if g.Injected == 0 {
		return "a against itself"
	}
	return fmt.Sprintf("%+g%% injected", 100*g.Injected)
}

// text says how a gate ended.
func (g *testedGate) text() string {
	var parts []string
	for _, c := range g.Claims {
		parts = append(parts, c.ID[strings.LastIndex(c.ID, "/")+1:]+" "+c.Text)
	}
	text := fmt.Sprintf("%s after %d pairs in %v: %s", g.Verdict, g.Pairs, time.Duration(g.TookNS).Round(time.Second/10), strings.Join(parts, ", "))
	return strings.Join(append([]string{text}, g.Reasons...), "; ")
}

// selfRecord is the file of a self-test.
type selfRecord struct {
	f     *os.File
	gates []testedGate
}

// openSelfRecord opens a record to go on with it, or begins one.
func openSelfRecord(path string, plan selfPlan, say func(string)) (*selfRecord, error) {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	r := &selfRecord{}
	whole := text[:bytes.LastIndexByte(text, '\n')+1]
	if begun := []byte(`{"schema":"` + selfSchema); len(whole) == 0 && !bytes.HasPrefix(text, begun) && !bytes.HasPrefix(begun, text) {
		return nil, usage(fmt.Errorf("%s is no record of a self-test; want another --record", path))
	}
	if err := r.read(path, whole, plan); err != nil {
		return nil, usage(err)
	}
	if r.f, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o644); err != nil {
		return nil, err
	}
	switch {
	case len(whole) == 0:
		err = errors.Join(r.f.Truncate(0), r.line(plan))
	case len(whole) < len(text):
		say(path + ": its last line was cut off, and is made again")
		err = r.f.Truncate(int64(len(whole)))
	}
	_, seekErr := r.f.Seek(0, io.SeekEnd)
	if err = errors.Join(err, seekErr); err != nil {
		return nil, errors.Join(err, r.close())
	}
	if len(r.gates) > 0 {
		say(fmt.Sprintf("%s has %d gates of this self-test, which goes on", path, len(r.gates)))
	}
	return r, nil
}

// read reads the whole lines of a record, if there are any.
func (r *selfRecord) read(path string, whole []byte, plan selfPlan) error {
	n := 0
	for line := range bytes.Lines(whole) {
		n++
		if n == 1 {
			var before selfPlan
			if err := json.Unmarshal(line, &before); err != nil || before.Schema != selfSchema {
				return fmt.Errorf("%s is no record of a self-test; want another --record", path)
			}
			if other := before.unlike(plan); len(other) > 0 {
				return fmt.Errorf("%s has gates of another self-test (%s); want another --record, or that one removed", path, strings.Join(other, ", "))
			}
			continue
		}
		var g testedGate
		if err := json.Unmarshal(line, &g); err != nil {
			return fmt.Errorf("%s:%d: a gate cannot be read: %w; want another --record, or the line removed", path, n, err)
		}
		r.gates = append(r.gates, g)
	}
	return nil
}

// append adds a gate, which is safe then.
func (r *selfRecord) append(g testedGate) error {
	r.gates = append(r.gates, g)
	return errors.Join(r.line(g), r.f.Sync())
}

func (r *selfRecord) line(what any) error {
	text, err := json.Marshal(what)
	if err == nil {
		_, err = r.f.Write(append(text, '\n'))
	}
	return err
}

func (r *selfRecord) close() error { return r.f.Close() }
