package verify

import (
	"io"

	"github.com/fcbench/fcbench/internal/junit"
	"github.com/fcbench/fcbench/limiters/conformance"
)

// WriteJUnit writes the report as JUnit XML: a suite per limiter, a case per rule, whose
// class is its category.
func (r *Report) WriteJUnit(w io.Writer) error {
	all := junit.Report{Name: "fcbench verify"}
	for i := range r.Limiters {
		all.Suites = append(all.Suites, r.Limiters[i].junit())
	}
	return all.Write(w)
}

func (l *Limiter) junit() junit.Suite {
	s := junit.Suite{Name: l.title()}
	if l.Problem != "" {
		s.Cases = []junit.Case{{Name: "examination", Class: l.Kind, Result: junit.Result{State: junit.Broken, Message: l.Problem}}}
	}
	for _, f := range l.Findings {
		c := junit.Case{Name: f.Rule, Class: l.Kind + "." + string(f.Category)}
		switch f.Status {
		case conformance.Fail:
			c.Result = junit.Result{State: junit.Failed, Message: f.Message, Type: string(f.Severity), Text: "law: " + f.Law + "\n" + f.History()}
		case conformance.NotRun:
			c.Result = junit.Result{State: junit.Broken, Message: f.Reason}
		case conformance.NotApplicable:
			c.Result = junit.Result{State: junit.Skipped, Message: f.Reason}
		}
		s.Cases = append(s.Cases, c)
	}
	return s
}
