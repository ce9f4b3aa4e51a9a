package junit

import (
	"encoding/xml"
	"strings"
	"testing"
	"time"
)

// file is what a reader of JUnit makes of it.
type file struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Skipped  int `xml:"skipped,attr"`
	Suites   []struct {
		Name       string `xml:"name,attr"`
		Tests      int    `xml:"tests,attr"`
		Time       string `xml:"time,attr"`
		Timestamp  string `xml:"timestamp,attr"`
		Properties []struct {
			Value string `xml:"value,attr"`
		} `xml:"properties>property"`
		Cases []struct {
			Name    string  `xml:"name,attr"`
			Failure *string `xml:"failure"`
			Error   *string `xml:"error"`
			Skipped *string `xml:"skipped"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

func TestReadBack(t *testing.T) {
	hostile := "a\x00<b>\"&\x1b ]]> \xff"
	r := Report{Name: "all", Suites: []Suite{
		{Name: hostile, Took: 1500 * time.Millisecond, Started: time.Unix(0, 0), Properties: []Property{{"seed", hostile}}, Cases: []Case{
			{Class: "c", Name: "passes"},
			{Class: "c", Name: "fails", Result: Result{State: Failed, Type: "regression", Message: hostile, Text: hostile}},
			{Class: "c", Name: "breaks", Result: Result{State: Broken, Message: "why"}},
		}},
		{Name: "other", Cases: []Case{{Name: "skipped", Result: Result{State: Skipped, Message: "why"}}}},
	}}
	var b strings.Builder
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	var f file
	if err := xml.Unmarshal([]byte(b.String()), &f); err != nil {
		t.Fatalf("%v in %s", err, b.String())
	}
	if f.Tests != 4 || f.Failures != 1 || f.Errors != 1 || f.Skipped != 1 || len(f.Suites) != 2 {
		t.Fatalf("%+v; want the counts of four cases", f)
	}
	one, want := f.Suites[0], "a\ufffd<b>\"&\ufffd ]]> \ufffd"
	if one.Name != want || one.Properties[0].Value != want || *one.Cases[1].Failure != want || one.Tests != 3 || one.Time != "1.500" || one.Timestamp != "1970-01-01T00:00:00" {
		t.Errorf("%+v; want what was written", one)
	}
	for i, c := range one.Cases {
		if (c.Failure != nil) != (i == 1) || (c.Error != nil) != (i == 2) || c.Skipped != nil {
			t.Errorf("%s has another state: %+v", c.Name, c)
		}
	}
	if strings.Count(b.String(), "timestamp=") != 1 || strings.Count(b.String(), "<properties>") != 1 {
		t.Errorf("what nobody knows is there: %s", b.String())
	}
}
