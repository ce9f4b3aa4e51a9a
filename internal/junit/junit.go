// Package junit writes results of tests as JUnit XML, as systems of continuous
// integration read it. What is counted in it is what stands in it.
package junit

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// Report is all suites of a file.
type Report struct {
	Name   string
	Took   time.Duration // 0 where nobody knows
	Suites []Suite
}

// Suite is cases that belong together.
type Suite struct {
	Name       string
	Took       time.Duration // 0 where nobody knows
	Started    time.Time     // zero where nobody knows
	Properties []Property
	Cases      []Case
}

// Property is a fact about a suite.
type Property struct{ Name, Value string }

// Case is one test.
type Case struct {
	Class, Name string
	Result      Result
}

// Result is what came of a case, with a message, and what goes beyond one line.
type Result struct {
	State         State
	Type, Message string
	Text          string
}

// State is how a case ended. The zero one is that it passed.
type State uint8

// The states.
const (
	Passed  State = iota
	Failed        // what was tested is not right
	Broken        // it could not be tested
	Skipped       // it does not apply, or is not known
)

// Write writes the report.
func (r Report) Write(w io.Writer) error {
	text, err := xml.MarshalIndent(r.document(), "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, text)
	return err
}

type suites struct {
	XMLName xml.Name `xml:"testsuites"`
	Name    string   `xml:"name,attr"`
	counts
	Suites []suite `xml:"testsuite"`
}

type counts struct {
	Tests    int    `xml:"tests,attr"`
	Failures int    `xml:"failures,attr"`
	Errors   int    `xml:"errors,attr"`
	Skipped  int    `xml:"skipped,attr"`
	Time     string `xml:"time,attr,omitempty"`
}

type suite struct {
	Name string `xml:"name,attr"`
	counts
	Timestamp  string      `xml:"timestamp,attr,omitempty"`
	Properties *properties `xml:"properties"`
	Cases      []testCase  `xml:"testcase"`
}

type properties struct {
	All []property `xml:"property"`
}

type property struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type testCase struct {
	Class   string  `xml:"classname,attr"`
	Name    string  `xml:"name,attr"`
	Failure *result `xml:"failure"`
	Error   *result `xml:"error"`
	Skipped *result `xml:"skipped"`
}

type result struct {
	Type    string `xml:"type,attr,omitempty"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

func (r Report) document() suites {
	all := suites{Name: legible(r.Name), counts: counts{Time: seconds(r.Took)}}
	for _, s := range r.Suites {
		one := s.document()
		all.Suites = append(all.Suites, one)
		all.Tests, all.Skipped = all.Tests+one.Tests, all.Skipped+one.Skipped
		all.Failures, all.Errors = all.Failures+one.Failures, all.Errors+one.Errors
	}
	return all
}

func (s Suite) document() suite {
	out := suite{Name: legible(s.Name), counts: counts{Tests: len(s.Cases), Time: seconds(s.Took)}}
	if !s.Started.IsZero() {
		out.Timestamp = s.Started.UTC().Format("2006-01-02T15:04:05")
	}
	if len(s.Properties) > 0 {
		out.Properties = new(properties)
		for _, p := range s.Properties {
			out.Properties.All = append(out.Properties.All, property{legible(p.Name), legible(p.Value)})
		}
	}
	for _, c := range s.Cases {
		one := testCase{Class: legible(c.Class), Name: legible(c.Name)}
		said := &result{legible(c.Result.Type), legible(c.Result.Message), legible(c.Result.Text)}
		switch c.Result.State {
		case Failed:
			out.Failures++
			one.Failure = said
		case Broken:
			out.Errors++
			one.Error = said
		case Skipped:
			out.Skipped++
			one.Skipped = said
		}
		out.Cases = append(out.Cases, one)
	}
	return out
}

func seconds(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return fmt.Sprintf("%.3f", d.Seconds())
}

// legible is text without what XML cannot hold.
func legible(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(text, string(utf8.RuneError)))
}
