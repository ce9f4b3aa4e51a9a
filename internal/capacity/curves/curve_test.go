package curves

import (
	"encoding/csv"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestGolden is what a small search looks like.
func TestGolden(t *testing.T) {
	c := recorded(t)
	for name, format := range map[string]string{"search.txt": "plot", "search.ascii.txt": "ascii", "search.svg": "svg", "search.html": "html", "search.csv": "csv", "search.json": "json"} {
		golden(t, name, []byte(written(t, format, c, Options{})))
	}
	golden(t, "search.40.txt", []byte(written(t, "plot", c, Options{Width: 40})))
	golden(t, "search.color.txt", []byte(written(t, "plot", c, Options{Color: true})))
}

// TestDocumented: what the documentation shows is what is drawn.
func TestDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../../docs/capacity.md")
	if err != nil {
		t.Fatal(err)
	}
	if plot := written(t, "plot", recorded(t), Options{}); !strings.Contains(string(doc), plot+"```") {
		t.Errorf("docs/capacity.md does not show\n%s", plot)
	}
}

// TestEveryFormatOfWhatLacks: whatever is missing, every format is written and can be read.
func TestEveryFormatOfWhatLacks(t *testing.T) {
	for name, c := range cases() {
		for _, format := range []string{"svg", "html"} {
			wellFormed(t, name+" as "+format, written(t, format, c, Options{}))
		}
		again, err := Read(strings.NewReader(written(t, "json", c, Options{})))
		if err != nil || !reflect.DeepEqual(again, c) {
			t.Errorf("%s: JSON is read back as %+v, %v; want %+v", name, again, err, c)
		}
		rows, err := csv.NewReader(strings.NewReader(written(t, "csv", c, Options{}))).ReadAll()
		want := 1 + len(c.Trials)*len(c.Goals)
		if c.Fit != nil {
			want += len(c.Fit.Points)
		}
		if c.Knee != nil {
			want++
		}
		if err != nil || len(rows) != want || !slices.Equal(rows[0], columns[:]) {
			t.Errorf("%s: CSV has %d rows, %v; want %d below %v", name, len(rows), err, want, columns)
		}
		for _, width := range []int{0, 40, 80, 1000} {
			for _, format := range []string{"plot", "ascii"} {
				fits(t, name, written(t, format, c, Options{Width: width}), format, width)
			}
		}
	}
}

// wellFormed holds a document to XML, and its text to be text that is not on other text.
func wellFormed(t *testing.T, name, doc string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(doc))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if e, ok := token.(xml.StartElement); ok {
			if e.Name.Local == "script" || slices.ContainsFunc(e.Attr, func(a xml.Attr) bool { return strings.HasPrefix(a.Name.Local, "on") }) {
				t.Errorf("%s: %+v", name, e)
			}
			for _, a := range e.Attr {
				if a.Name.Local != "aria-label" && (strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf")) {
					t.Errorf("%s: %s is %q", name, a.Name.Local, a.Value)
				}
			}
		}
	}
}

// fits holds a plot to its width, to be without colour, and ASCII to be that.
func fits(t *testing.T, name, text, format string, width int) {
	t.Helper()
	if width == 0 {
		width = 80
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if longest := slices.MaxFunc(strings.Fields(line+" x"), func(a, b string) int { return len(a) - len(b) }); utf8.RuneCountInString(line) > min(width, 80) && len(longest) < 40 {
			t.Errorf("%s: %q is wider than %d", name, line, width)
		}
		if strings.ContainsRune(line, '\x1b') || strings.HasSuffix(line, " ") {
			t.Errorf("%s: %q has colour, or blanks at its end", name, line)
		}
		if format == "ascii" && name != "hostile" && strings.ContainsFunc(line, func(r rune) bool { return r > '~' }) {
			t.Errorf("%s: %q is not ASCII", name, line)
		}
	}
}

// box is where a text of a drawing is, as wide as it may be.
type box struct {
	text                     string
	left, right, top, bottom float64
}

// boxes are those of the texts of a drawing.
func boxes(t *testing.T, doc string) (all []box) {
	t.Helper()
	type text struct {
		X      float64 `xml:"x,attr"`
		Y      float64 `xml:"y,attr"`
		Anchor string  `xml:"text-anchor,attr"`
		Class  string  `xml:"class,attr"`
		Text   string  `xml:",chardata"`
	}
	var svg struct {
		Texts  []text `xml:"text"`
		Groups []struct {
			Transform string `xml:"transform,attr"`
			Texts     []text `xml:"text"`
		} `xml:"g"`
	}
	if err := xml.Unmarshal([]byte(doc), &svg); err != nil {
		t.Fatal(err)
	}
	add := func(one text, down float64) {
		width := digitWidth * float64(utf8.RuneCountInString(one.Text))
		if one.Class == "title" || one.Class == "key" {
			width *= 0.95 // words are narrower than digits
		}
		left := map[string]float64{"": 0, "start": 0, "middle": width / 2, "end": width}[one.Anchor]
		all = append(all, box{one.Text, one.X - left, one.X - left + width, one.Y + down - 10, one.Y + down + 3})
	}
	for _, one := range svg.Texts {
		add(one, 0)
	}
	for _, g := range svg.Groups {
		_, place, _ := strings.Cut(strings.TrimSuffix(g.Transform, ")"), " ")
		down, err := strconv.ParseFloat(place, 64)
		if err != nil {
			t.Fatalf("%q: %v", g.Transform, err)
		}
		for _, one := range g.Texts {
			add(one, down)
		}
	}
	return all
}

// TestTextsAreApart: no text of a drawing is on another, or beyond its edge.
func TestTextsAreApart(t *testing.T) {
	all := cases()
	all["recorded"] = recorded(t)
	for name, c := range all {
		texts := boxes(t, written(t, "svg", c, Options{}))
		if len(texts) == 0 {
			t.Errorf("%s: there is no text", name)
		}
		for i, a := range texts {
			if a.left < -1 || a.right > drawingWidth+1 {
				t.Errorf("%s: %q is from %g to %g of %g", name, a.text, a.left, a.right, drawingWidth)
			}
			for _, b := range texts[i+1:] {
				if a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom {
					t.Errorf("%s: %+v is on %+v", name, a, b)
				}
			}
		}
	}
}

// TestWhatIsNotKnownIsAbsent, and not 0.
func TestWhatIsNotKnownIsAbsent(t *testing.T) {
	all := cases()
	for name, c := range map[string]*Curve{"older": all["pass or fail, older"], "no numbers": all["no numbers"]} {
		for _, p := range c.Trials {
			if p.Goodput != nil || p.Goals[0].Value != nil && name == "older" {
				t.Errorf("%s: %+v; want no goodput and no value", name, p)
			}
		}
		if c.Fit != nil || name == "no numbers" && c.Knee != nil {
			t.Errorf("%s: fit %v, knee %v", name, c.Fit, c.Knee)
		}
	}
	rows, err := csv.NewReader(strings.NewReader(written(t, "csv", all["pass or fail, older"], Options{}))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for column, want := range map[string]string{"bad": "0", "of": "1", "share": "", "metric": "", "goodput_per_s": "", "p50_ns": "1e+06", "p99_ns": "2e+07"} {
		if got := rows[1][slices.Index(columns[:], column)]; got != want {
			t.Errorf("%s is %q; want %q", column, got, want)
		}
	}
	if text := written(t, "plot", all["pass or fail, older"], Options{}); !strings.Contains(text, "goodput: no trial has a goodput; files of trials of before it was kept lack it") {
		t.Errorf("what is absent is not said in\n%s", text)
	}
	if p := all["one trial"].Trials[0]; *p.Goals[0].Share != 0 || *p.Goodput != 100 || *p.P50 != millisecond {
		t.Errorf("%+v; want what there is", p)
	}
}

// TestFitIsThroughTheKnee: the grid meets the budget at the estimate, its band at the ends
// of the interval, and the response there is the bound.
func TestFitIsThroughTheKnee(t *testing.T) {
	for name, c := range map[string]*Curve{"ideal": fitted(), "recorded": recorded(t)} {
		for what, end := range map[string]float64{"value": c.Knee.Value, "low": c.Knee.Low, "high": c.Knee.High} {
			share, ok := at(c.shares(), end)
			response, okToo := at(c.responses(c.Fit.Goal), end)
			if !ok || !okToo {
				t.Fatalf("%s: the fit does not reach %s, %g", name, what, end)
			}
			got := map[string][2]float64{"value": {share.middle, response.middle}, "low": {share.high, response.high}, "high": {share.low, response.low}}[what]
			if math.Abs(got[0]/0.01-1) > 0.02 || math.Abs(got[1]/(20*millisecond)-1) > 0.01 {
				t.Errorf("%s: at its %s, %g, the share is %g and the response %g; want 1 %% and 20 ms", name, what, end, got[0], got[1])
			}
		}
	}
}

// TestFormats: what there is, by which endings it is known, and that no other file is a curve.
func TestFormats(t *testing.T) {
	if l := Formats(); l.Kinds() != "plot, ascii, svg, html, json, csv" || l.Endings() != ".txt, .svg, .html, .json, .csv" {
		t.Errorf("kinds are %s, endings %s", l.Kinds(), l.Endings())
	}
	for _, text := range []string{"", "{}", `{"schema":"fcbench.curve/v1","goals":[{}],"trials":[{"trial":3}]}`} {
		if c, err := Read(strings.NewReader(text)); err == nil {
			t.Errorf("%q is read as %+v", text, c)
		}
	}
}
