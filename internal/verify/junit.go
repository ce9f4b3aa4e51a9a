package verify

import (
	"encoding/xml"
	"io"

	"github.com/fcbench/fcbench/limiters/conformance"
)

// The JUnit form, as continuous integration systems read it: a suite per
// limiter, a case per rule, whose class is its category.
type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Failure *junitFailure `xml:"failure,omitempty"`
	Error   *junitMessage `xml:"error,omitempty"`
	Skipped *junitMessage `xml:"skipped,omitempty"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"` // how severe it is
	Text    string `xml:",chardata"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
}

// WriteJUnit writes the report as JUnit XML.
func (r *Report) WriteJUnit(w io.Writer) error {
	all := junitSuites{Name: "fcbench verify"}
	for i := range r.Limiters {
		s := r.Limiters[i].junit()
		all.Suites = append(all.Suites, s)
		all.Tests, all.Skipped = all.Tests+s.Tests, all.Skipped+s.Skipped
		all.Failures, all.Errors = all.Failures+s.Failures, all.Errors+s.Errors
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (l *Limiter) junit() junitSuite {
	s := junitSuite{Name: l.title(), Tests: len(l.Findings)}
	if l.Problem != "" {
		s.Tests, s.Errors = 1, 1
		s.Cases = []junitCase{{Name: "examination", Class: l.Kind, Error: &junitMessage{Message: l.Problem}}}
	}
	for _, f := range l.Findings {
		c := junitCase{Name: f.Rule, Class: l.Kind + "." + string(f.Category)}
		switch f.Status {
		case conformance.Fail:
			s.Failures++
			c.Failure = &junitFailure{Message: f.Message, Type: string(f.Severity), Text: "law: " + f.Law + "\n" + f.History()}
		case conformance.NotRun:
			s.Errors++
			c.Error = &junitMessage{Message: f.Reason}
		case conformance.NotApplicable:
			s.Skipped++
			c.Skipped = &junitMessage{Message: f.Reason}
		}
		s.Cases = append(s.Cases, c)
	}
	return s
}
