package ci

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/paired"
)

// read is a page as a foreign reader has it.
type read struct {
	names, ids, links []string
	text              string // between elements
	headings          []string
	lone              []string // what would be known by its look alone
}

func readPage(t *testing.T, doc string) (r read) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(doc))
	var inside []string
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return r
		}
		if err != nil {
			t.Fatalf("the page is not well formed: %v", err)
		}
		switch one := token.(type) {
		case xml.StartElement:
			inside = append(inside, one.Name.Local)
			r.start(t, one)
		case xml.EndElement:
			inside = inside[:len(inside)-1]
		case xml.CharData:
			if n := len(inside); n > 0 && inside[n-1] != "style" {
				r.text += string(one)
			}
		case xml.Comment, xml.ProcInst:
			t.Errorf("the page has a %T", one)
		}
	}
}

// start notes an element, and what nothing given may ever become.
func (r *read) start(t *testing.T, e xml.StartElement) {
	t.Helper()
	r.names = append(r.names, e.Name.Local)
	attributes := map[string]string{}
	for _, a := range e.Attr {
		attributes[a.Name.Local] = a.Value
		known := strings.Fields("lang charset name content http-equiv class id href role scope title viewBox d x y x1 x2 y1 y2 cx cy r width height transform text-anchor aria-label aria-labelledby aria-hidden data-label")
		if !slices.Contains(known, a.Name.Local) {
			t.Errorf("%s has %s=%q", e.Name.Local, a.Name.Local, a.Value)
		}
	}
	if id := attributes["id"]; id != "" {
		if slices.Contains(r.ids, id) {
			t.Errorf("id %s is there twice", id)
		}
		r.ids = append(r.ids, id)
	}
	if to, ok := attributes["href"]; ok {
		r.links = append(r.links, to)
	}
	switch e.Name.Local {
	case "h1", "h2", "h3":
		r.headings = append(r.headings, e.Name.Local)
	case "svg":
		if attributes["role"] != "img" || attributes["aria-label"] == "" {
			r.lone = append(r.lone, "svg")
		}
	case "th":
		if attributes["scope"] == "" {
			r.lone = append(r.lone, "th")
		}
	}
}

// shifted is a verdict with shifts, of names that are none.
func shifted(t *testing.T) *Verdict {
	t.Helper()
	v := eighty(t)
	hostile := `</title><img src=x onerror=alert(1)>" onload="x' &amp; ]]> {{.}} ` + "\x00\u202e\xff"
	v.Gate, v.A, v.B, v.Policy = hostile, hostile, hostile, hostile
	v.Environment.CPU, v.Environment.Cores = hostile, 2
	v.Reasons, v.Warnings = append(v.Reasons, hostile), append(v.Warnings, hostile)
	for i := range v.Claims {
		f := &v.Claims[i]
		f.ID, f.Scenario, f.Subject, f.Metric, f.Unit, f.Margin, f.Reason = hostile, hostile, hostile, hostile, hostile, hostile, hostile
	}
	point := paired.ShiftPoint{Name: hostile, A: 1, B: 2, Change: 0.1, Low: 0.05, High: 0.2, P: 0.01, Moved: true}
	v.Shifts = []Shift{{Scenario: hostile, Subject: hostile, Shift: paired.Shift{Histogram: hostile, Points: []paired.ShiftPoint{point}, Said: hostile}}}
	return v
}

// TestPageIsAPage: verdict first, one heading of the first order, none skipped, every
// link leads somewhere, every drawing is told in words and every head of a table says of what.
func TestPageIsAPage(t *testing.T) {
	for name, v := range map[string]*Verdict{
		"many": eighty(t), "hostile": shifted(t),
		"nothing": {Gate: "g", Verdict: NoData, ExitCode: 13, Reasons: []string{"nothing there"}},
	} {
		r := readPage(t, written(t, "html", v))
		if r.names[0] != "html" || slices.Index(r.names, "h1") < 0 || slices.Contains(r.names[:slices.Index(r.names, "h1")], "table") {
			t.Errorf("%s: the verdict is not first", name)
		}
		if len(r.headings) == 0 || r.headings[0] != "h1" || slices.Contains(r.headings[1:], "h1") {
			t.Errorf("%s: headings are %v", name, r.headings)
		}
		for i := range r.headings[min(1, len(r.headings)):] {
			if r.headings[i] == "h1" && r.headings[i+1] == "h3" {
				t.Errorf("%s: a heading is skipped in %v", name, r.headings)
			}
		}
		for _, to := range r.links {
			if !strings.HasPrefix(to, "#") || !slices.Contains(r.ids, to[1:]) {
				t.Errorf("%s: a link leads to %q", name, to)
			}
		}
		if len(r.lone) > 0 {
			t.Errorf("%s: without words are %v", name, r.lone)
		}
		if !strings.Contains(r.text, strings.ReplaceAll(string(v.Verdict), "_", " ")) || !strings.Contains(r.text, fmt.Sprintf("(exit %d)", v.ExitCode)) {
			t.Errorf("%s: it does not say %s", name, v.Verdict)
		}
	}
}

// TestPageTakesNothingForMarkup: what was given is text, wherever it stands, and the
// elements are those of a verdict with other names.
func TestPageTakesNothingForMarkup(t *testing.T) {
	v := shifted(t)
	got := readPage(t, written(t, "html", v))
	if n := strings.Count(got.text, `</title><img src=x onerror=alert(1)>" onload="x' &amp; ]]> {{.}}`); n < 2*len(v.Claims) {
		t.Errorf("the names are there %d times as text; want at least %d", n, 2*len(v.Claims))
	}
	for _, name := range got.names {
		if slices.Contains(strings.Fields("img script iframe object embed link base form image use foreignObject"), name) {
			t.Errorf("the page has an element %s", name)
		}
	}
	if strings.ContainsAny(got.text, "\x00\u202e") {
		t.Error("the page has characters that are none, or turn the others")
	}
}

// TestPageNeedsNothing: no address of anything elsewhere, neither in it nor in its style.
func TestPageNeedsNothing(t *testing.T) {
	text := written(t, "html", eighty(t))
	for _, loads := range []string{"http://", "https://", "url(", "@import", "@font-face", "src=", "<script"} {
		if strings.Contains(text, loads) {
			t.Errorf("the page has %q", loads)
		}
	}
	if !strings.Contains(text, "default-src &#39;none&#39;") || !strings.Contains(text, "prefers-color-scheme: dark") || !strings.Contains(text, "@media print") {
		t.Error("the page may load things, or knows one look alone")
	}
}

// TestPageTellsAll: every claim with its verdict, its reason and its drawings, and where
// distributions moved; and the same page from the file of the verdict.
func TestPageTellsAll(t *testing.T) {
	v := eighty(t)
	v.Shifts = []Shift{{Scenario: "s", Subject: "x", Shift: paired.Shift{Histogram: "response.ok", Said: "only the tail moved", Points: []paired.ShiftPoint{{Name: "p99", A: 1e6, B: 2e6, Change: 1, Low: 0.5, High: 1.5, P: 0.01, Moved: true}}}}}
	text := written(t, "html", v)
	r := readPage(t, text)
	drawn := 0
	for i := range v.Claims {
		f := &v.Claims[i]
		if strings.Count(r.text, f.ID) == 0 || !strings.Contains(r.text, f.Reason) {
			t.Errorf("the page does not have %s", f.ID)
		}
		if f.sampled() {
			drawn += 2
		}
	}
	count := 0
	for _, name := range r.names {
		if name == "svg" {
			count++
		}
	}
	if count != drawn+1 || drawn == 0 || !strings.Contains(r.text, "only the tail moved") {
		t.Errorf("there are %d drawings; want %d", count, drawn+1)
	}
	file := filepath.Join(t.TempDir(), "verdict.json")
	if err := v.Save(file); err != nil {
		t.Fatal(err)
	}
	again, err := ReadVerdict(file)
	if err != nil {
		t.Fatal(err)
	}
	if written(t, "html", again) != text {
		t.Error("read back, the verdict has another page")
	}
}

// TestAxis: every value lies on it, marks are round and few, and no two read alike.
func TestAxis(t *testing.T) {
	for _, values := range [][]float64{
		{0, 1}, {-0.05, 0.3}, {5, 5}, {0, 0}, {-3, -3}, {1e9, 1.0001e9}, {0.0001, 0.00013}, {-1e-12, 1e-12}, {0, 1e17}, {99.99, 100.01}, {-0.97, 12},
	} {
		a := newAxis(values, 0, 100, 4)
		marks := a.Marks()
		for _, v := range values {
			if at := a.At(v); v < a.From-a.Step/1e6 || v > a.To+a.Step/1e6 || at < 0 || at > 100 {
				t.Errorf("%v: %v is at %v of %+v", values, v, at, a)
			}
		}
		if len(marks) < 2 || len(marks) > 6 {
			t.Errorf("%v: marks are %v", values, marks)
		}
		seen := map[string]bool{}
		for _, m := range marks {
			text := a.change(&Finding{Relative: true}, m)
			if seen[text] {
				t.Errorf("%v: %s is there twice", values, text)
			}
			seen[text] = true
		}
	}
}

// TestDrawsWhatItIs: a change in points or in a unit has marks in those.
func TestDrawsWhatItIs(t *testing.T) {
	a := newAxis([]float64{-0.002, 0.003}, 0, 100, 4)
	for _, c := range []struct {
		f    Finding
		want string
	}{
		{Finding{Relative: true}, "+0.2%"},
		{Finding{Unit: results.UnitShare}, "+0.2pp"},
		{Finding{Unit: "allocs"}, "+0.002"},
	} {
		if got := a.change(&c.f, 0.002); got != c.want {
			t.Errorf("%+v: %s; want %s", c.f, got, c.want)
		}
	}
}
