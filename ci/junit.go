package ci

import (
	"encoding/xml"
	"fmt"
	"io"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Class   string       `xml:"classname,attr"`
	Name    string       `xml:"name,attr"`
	Time    string       `xml:"time,attr"`
	Failure *junitResult `xml:"failure"`
	Error   *junitResult `xml:"error"`
	Skipped *junitResult `xml:"skipped"`
}

type junitResult struct {
	Type    string `xml:"type,attr,omitempty"`
	Message string `xml:"message,attr"`
}

// JUnit writes a test case for each claim, and one for the gate: regressed is a failure,
// what could not be judged an error, what was not decided skipped.
func JUnit(w io.Writer, v *Verdict) error {
	s := junitSuite{Name: v.Gate, Time: fmt.Sprintf("%.3f", float64(v.TookNS)/1e9), Timestamp: v.Started.UTC().Format("2006-01-02T15:04:05")}
	s.Properties = []junitProperty{{"a", v.A}, {"b", v.B}, {"verdict", string(v.Verdict)}, {"seed", fmt.Sprint(v.Seed)}, {"pairs", fmt.Sprint(v.Pairs)}}
	for i := range v.Claims {
		f := &v.Claims[i]
		s.add(junitCase{Class: v.Gate + "." + f.Scenario + "." + f.Subject, Name: f.Metric}, f.Verdict, f.Said())
	}
	s.add(junitCase{Class: v.Gate, Name: "gate"}, v.Verdict, v.whole())
	out := junitSuites{Name: "fcbench", Tests: s.Tests, Failures: s.Failures, Errors: s.Errors, Skipped: s.Skipped, Time: s.Time, Suites: []junitSuite{s}}
	text, err := xml.MarshalIndent(out, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, text)
	return err
}

func (s *junitSuite) add(c junitCase, o Outcome, said string) {
	c.Time = "0"
	s.Tests++
	switch o {
	case Regressed:
		s.Failures++
		c.Failure = &junitResult{"regression", said}
	case Invalid, NoData:
		s.Errors++
		c.Error = &junitResult{string(o), said}
	case Inconclusive:
		s.Skipped++
		c.Skipped = &junitResult{Message: said}
	}
	s.Cases = append(s.Cases, c)
}

// whole is the verdict with its reasons, in one line.
func (v *Verdict) whole() string {
	text := v.Headline()
	for _, r := range v.Reasons {
		text += "; " + r
	}
	return text
}
