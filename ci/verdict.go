package ci

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fcbench/fcbench/internal/exitcode"
	"github.com/fcbench/fcbench/results"
)

// Outcome is what a gate, or one of its claims, has come to.
type Outcome string

// The outcomes. A gate's is the worst of its claims', in the order of [worst].
const (
	Pass         Outcome = "PASS"
	Improved     Outcome = "IMPROVED"
	Accepted     Outcome = "ACCEPTED" // regressed, and a reviewed file says that it may
	Regressed    Outcome = "REGRESSED"
	Inconclusive Outcome = "INCONCLUSIVE"
	Invalid      Outcome = "INVALID" // the box or the comparison is at fault, not the code
	NoData       Outcome = "NO_DATA"
)

// Code is the exit code of an outcome. What is no outcome is none that passes.
func (o Outcome) Code() int {
	switch o {
	case Pass, Improved, Accepted:
		return exitcode.Pass
	case Regressed:
		return exitcode.Missed
	case Inconclusive:
		return exitcode.Inconclusive
	case Invalid:
		return exitcode.Invalid
	}
	return exitcode.NoData
}

// worst are the outcomes in the order in which they win over those after them.
var worst = [...]Outcome{Invalid, NoData, Regressed, Inconclusive, Accepted, Pass, Improved}

// Worst is the outcome of a gate whose claims came to these; of none it is NoData.
func Worst(all ...Outcome) Outcome {
	for _, w := range worst {
		for _, o := range all {
			if o == w {
				return w
			}
		}
	}
	return NoData
}

// VerdictSchema names the format of a verdict file.
const VerdictSchema = "fcbench.verdict/v1"

// Verdict is all that a gate found. Every output is written from it.
type Verdict struct {
	Schema   string    `json:"schema"`
	Gate     string    `json:"gate"`
	Policy   string    `json:"policy"`
	Verdict  Outcome   `json:"verdict"`
	ExitCode int       `json:"exit_code"`
	Finished bool      `json:"finished"` // false in the file of a gate that runs, or was killed
	Reasons  []string  `json:"reasons"`  // of the verdict, beyond those of claims
	Warnings []string  `json:"warnings"`
	Trials   []string  `json:"trials,omitempty"` // files that have those of searches for capacities
	Started  time.Time `json:"started_at"`
	TookNS   int64     `json:"took_ns"`

	A     string `json:"a"` // in words
	B     string `json:"b"`
	Seed  uint64 `json:"seed"`
	Pairs int    `json:"pairs"` // that were measured and count
	Of    int    `json:"pairs_at_most"`
	// Replaced pairs were measured anew, because of the box.
	Replaced int     `json:"pairs_replaced"`
	Alpha    float64 `json:"alpha"` // chance of a false alarm, at most
	Attempt  int     `json:"attempt"`

	Environment results.Environment `json:"environment"`
	Health      Health              `json:"health"`
	Claims      []Finding           `json:"claims"`
	Shifts      []Shift             `json:"shifts"`
}

// Finding is what became of one claim.
type Finding struct {
	ID       string  `json:"id"` // scenario/subject/metric
	Scenario string  `json:"scenario"`
	Subject  string  `json:"subject"`
	Metric   string  `json:"metric"`
	Unit     string  `json:"unit"`
	Better   string  `json:"better"`
	Margin   string  `json:"margin"`
	Floor    float64 `json:"floor,omitempty"` // in the unit; smaller differences are none
	Verdict  Outcome `json:"verdict"`
	Reason   string  `json:"reason,omitempty"`
	Line     int     `json:"line"` // of the policy
	Gated    bool    `json:"gated"`
	Exact    bool    `json:"exact"` // nothing is estimated

	A float64 `json:"a"` // medians, in the unit
	B float64 `json:"b"`
	// The change from A to B: as a share of A where Relative, else in the unit. It is
	// positive where B is larger, whichever is better.
	Relative bool    `json:"relative"`
	Change   float64 `json:"change"`
	// Low and High are the ends of the interval, each as sure as what was spent at this
	// look leaves it; nil is unbounded.
	Low  *float64 `json:"low"`
	High *float64 `json:"high"`
	P    float64  `json:"p"` // that it got worse, adjusted for the number of claims; 1 where not tested
	// PDesign is the same for this claim alone, under the draw of orders and nothing else:
	// nil where it is not counted out.
	PDesign *float64 `json:"p_design,omitempty"`
	N       int      `json:"n"`
	PairSD  float64  `json:"pair_sd"` // of differences within pairs: of logarithms where Relative
	// OrderEffect is by how much the second run of a pair is worse, whichever it is of.
	OrderEffect float64 `json:"order_effect"`
	Null        float64 `json:"null"` // the same change between two runs of A
	NullN       int     `json:"null_n"`

	Accepted *Acceptance `json:"accepted,omitempty"`
	Samples  []Sample    `json:"samples"`

	metric   results.Metric
	margin   Margin
	floor    float64
	uneven   bool     // the order within pairs matters
	expected Expected // before anything is measured
	// bottomless says that nobody knows how much worse it is.
	bottomless bool
	null       []Sample
}

// Sample is one pair's values of a metric.
type Sample struct {
	Pair  int     `json:"pair"`
	Order string  `json:"order"` // AB or BA
	A     float64 `json:"a"`
	B     float64 `json:"b"`
}

// Write writes the verdict as indented JSON.
func (v *Verdict) Write(w io.Writer) error {
	text, err := json.MarshalIndent(v.complete(), "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// complete has lists where there is nothing.
func (v *Verdict) complete() *Verdict {
	c := *v
	c.Schema, c.ExitCode = VerdictSchema, v.ExitCode
	if c.Reasons == nil {
		c.Reasons = []string{}
	}
	if c.Warnings == nil {
		c.Warnings = []string{}
	}
	c.Claims, c.Shifts = append([]Finding{}, v.Claims...), append([]Shift{}, v.Shifts...)
	for i := range c.Claims {
		if c.Claims[i].Samples == nil {
			c.Claims[i].Samples = []Sample{}
		}
	}
	return &c
}

// Save writes the verdict to a file, whole or not at all.
func (v *Verdict) Save(path string) error {
	return replaceFile(path, v.Write)
}

// replaceFile writes a file, whole or not at all. Nothing but a file is replaced: a device, which
// another user may have, would be gone, and so would a link, whose file is replaced in its stead.
func replaceFile(path string, write func(io.Writer) error) error {
	if file, err := filepath.EvalSymlinks(path); err == nil {
		path = file
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no regular file; want one, which can be replaced", path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	err = errors.Join(write(f), f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}

// ReadVerdict reads a verdict file. The error says what is wrong with one that
// nobody should believe.
func ReadVerdict(path string) (*Verdict, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var v Verdict
	if err := json.Unmarshal(text, &v); err != nil {
		return nil, fmt.Errorf("%s is no whole verdict: %w; want the verdict.json of `fcbench gate`", path, err)
	}
	if why := v.contradiction(); why != "" {
		return nil, fmt.Errorf("%s: %s", path, why)
	}
	return &v, nil
}

// contradiction says why nobody should believe a verdict, or nothing. Only the codes of
// outcomes say something of the verdict; with others the gate itself broke, whatever it had found.
func (v *Verdict) contradiction() string {
	judged := slices.Contains([]int{exitcode.Pass, exitcode.Missed, exitcode.Inconclusive, exitcode.Invalid, exitcode.NoData}, v.ExitCode)
	tallied := v.ExitCode == exitcode.Pass || v.ExitCode == exitcode.Missed || v.ExitCode == exitcode.Inconclusive
	switch {
	case v.Schema != VerdictSchema:
		return fmt.Sprintf("schema is %q; want %s", v.Schema, VerdictSchema)
	case judged && v.ExitCode != v.Verdict.Code():
		return fmt.Sprintf("exit_code is %d and verdict is %s; want those that go together", v.ExitCode, v.Verdict)
	case tallied && !v.Finished:
		return fmt.Sprintf("exit_code is %d, and the gate did not finish; want those that go together", v.ExitCode)
	case tallied && v.gated() == 0:
		return fmt.Sprintf("verdict is %s, of no claim; want at least one", v.Verdict)
	case tallied && v.tally() != v.Verdict:
		return fmt.Sprintf("verdict is %s, and that of its claims is %s; want those that go together", v.Verdict, v.tally())
	}
	return ""
}

// gated is how many claims decide.
func (v *Verdict) gated() (n int) {
	for _, f := range v.Claims {
		if f.Gated {
			n++
		}
	}
	return n
}

// tally is the verdict of the claims.
func (v *Verdict) tally() Outcome {
	var all []Outcome
	for _, f := range v.Claims {
		if f.Gated {
			all = append(all, f.Verdict)
		}
	}
	return settle(all)
}

// WithoutInvalid is the outcome by those gated claims that could be judged, whatever was
// wrong with the box or the others; Invalid where there is none.
func (v *Verdict) WithoutInvalid() Outcome {
	var all []Outcome
	for _, f := range v.Claims {
		if f.Gated && f.Verdict != Invalid {
			all = append(all, f.Verdict)
		}
	}
	if len(all) == 0 {
		return Invalid
	}
	return settle(all)
}

// settle is the worst outcome, or that something got better and nothing worse.
func settle(all []Outcome) Outcome {
	o := Worst(all...)
	for _, one := range all {
		if o == Pass && one == Improved {
			return Improved
		}
	}
	return o
}

// Count is how many gated claims came to an outcome.
func (v *Verdict) Count(o Outcome) (n int) {
	for _, f := range v.Claims {
		if f.Gated && f.Verdict == o {
			n++
		}
	}
	return n
}
