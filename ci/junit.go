package ci

import (
	"fmt"
	"io"
	"time"

	"github.com/fcbench/fcbench/internal/junit"
)

// JUnit writes a test case for each claim, and one for the gate: regressed is a failure,
// what could not be judged an error, what was not decided skipped.
func JUnit(w io.Writer, v *Verdict) error {
	took := time.Duration(v.TookNS)
	s := junit.Suite{Name: v.Gate, Took: took, Started: v.Started, Properties: []junit.Property{
		{Name: "a", Value: v.A},
		{Name: "b", Value: v.B},
		{Name: "verdict", Value: string(v.Verdict)},
		{Name: "seed", Value: fmt.Sprint(v.Seed)},
		{Name: "pairs", Value: fmt.Sprint(v.Pairs)},
	}}
	for i := range v.Claims {
		f := &v.Claims[i]
		s.Cases = append(s.Cases, junit.Case{Class: v.Gate + "." + f.Scenario + "." + f.Subject, Name: f.Metric, Result: f.Verdict.junit(f.Said())})
	}
	s.Cases = append(s.Cases, junit.Case{Class: v.Gate, Name: "gate", Result: v.Verdict.junit(v.whole())})
	return junit.Report{Name: "fcbench", Took: took, Suites: []junit.Suite{s}}.Write(w)
}

// junit is the outcome as a result of a test.
func (o Outcome) junit(said string) junit.Result {
	switch o {
	case Regressed:
		return junit.Result{State: junit.Failed, Type: "regression", Message: said}
	case Invalid, NoData:
		return junit.Result{State: junit.Broken, Type: string(o), Message: said}
	case Inconclusive:
		return junit.Result{State: junit.Skipped, Message: said}
	}
	return junit.Result{}
}

// whole is the verdict with its reasons, in one line.
func (v *Verdict) whole() string {
	text := v.Headline()
	for _, r := range v.Reasons {
		text += "; " + r
	}
	return text
}
