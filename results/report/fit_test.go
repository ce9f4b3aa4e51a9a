package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// However narrow the terminal, every column that may not be missed is shown once,
// in order, behind the first, and a part is too wide only when it cannot be cut.
func TestFitKeepsEveryColumn(t *testing.T) {
	g := Grid{Columns: []Column{{Head: "subject", Text: true}}, Rows: [][]string{{"gcra"}}}
	for i := range 12 {
		g.Columns = append(g.Columns, Column{Head: fmt.Sprint("c", i), Cut: i%3 == 0, Tight: i%2 == 0})
		g.Rows[0] = append(g.Rows[0], strings.Repeat("µ", i))
	}
	for width := range 130 {
		var heads []string
		for _, part := range g.fit(width).parts {
			if part.Columns[0].Head != "subject" {
				t.Fatalf("width %d: a part starts with %s", width, part.Columns[0].Head)
			}
			for _, c := range part.Columns[1:] {
				heads = append(heads, c.Head)
			}
			if w := part.width(t); w > width && len(part.segments()) > 1 {
				t.Errorf("width %d: a part of %d segments is %d wide", width, len(part.segments()), w)
			}
		}
		if got, want := strings.Join(heads, " "), "c0 c1 c2 c3 c4 c5 c6 c7 c8 c9 c10 c11"; got != want {
			t.Errorf("width %d: columns are %s; want %s", width, got, want)
		}
	}
}

// width is what WriteText makes of g, uncut.
func (g Grid) width(t *testing.T) (widest int) {
	t.Helper()
	var text strings.Builder
	if err := g.WriteText(&text, Options{Width: 1000}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(text.String()) {
		widest = max(widest, utf8.RuneCountInString(line)-1)
	}
	return widest
}

// TestFitRepeatsNames: whatever names a row stands before every part of it.
func TestFitRepeatsNames(t *testing.T) {
	g := Grid{Columns: []Column{{Head: "fault"}, {Head: "at", Keep: true}, {Head: "a", Cut: true}, {Head: "b", Cut: true}, {Head: "c"}, {Head: "d", Keep: true}}}
	g.Rows = [][]string{{"kill", "1s", "1", "2", "3", "4"}}
	var parts []string
	for _, part := range g.fit(15).parts {
		parts = append(parts, strings.Join(part.Rows[0], " "))
	}
	if got, want := strings.Join(parts, "; "), "kill 1s 1; kill 1s 2 3 4"; got != want {
		t.Errorf("parts are %s; want %s", got, want)
	}
}

// TestFitLeavesOut: what all rows say alike goes first, then what ranks lowest,
// never what has no rank, and only as much as is needed.
func TestFitLeavesOut(t *testing.T) {
	g := Grid{Columns: []Column{
		{Head: "subject", Text: true},
		{Head: "ok"},
		{Head: "false\nadmits", Rank: 2},
		{Head: "rate\nerror", Rank: 1},
		{Head: "p50", Rank: 4},
		{Head: "p99", Rank: 1},
		{Head: "max", Rank: 3},
		{Head: "valid"},
	}, Rows: [][]string{
		{"gcra", "720", "0", "0%", "65 ns", "67 ns", "1 ms", "yes"},
		{"log", "620", "0", "0%", "66 ns", "68 ns", "2 ms", "yes"},
	}}
	for _, c := range []struct {
		width             int
		heads, alike, out string
	}{
		{54, "subject ok false\nadmits rate\nerror p50 p99 max valid", "", ""},
		{53, "subject ok rate\nerror p50 p99 max valid", "false admits 0", ""},
		{45, "subject ok p50 p99 max valid", "false admits 0, rate error 0%", ""},
		{38, "subject ok p99 max valid", "false admits 0, rate error 0%", "p50"},
		{31, "subject ok p99 valid", "false admits 0, rate error 0%", "p50, max"},
	} {
		l := g.fit(c.width)
		if len(l.parts) != 1 || l.stacked {
			t.Fatalf("width %d: %d parts, stacked %v; want one table", c.width, len(l.parts), l.stacked)
		}
		var heads []string
		for _, column := range l.parts[0].Columns {
			heads = append(heads, column.Head)
		}
		got := []string{strings.Join(heads, " "), strings.Join(l.alike, ", "), strings.Join(l.left, ", ")}
		if want := []string{c.heads, c.alike, c.out}; !slices.Equal(got, want) {
			t.Errorf("width %d: columns, alike and left out are %q; want %q", c.width, got, want)
		}
		if w := l.parts[0].width(t); w > c.width {
			t.Errorf("the table is %d columns wide; want at most %d", w, c.width)
		}
	}
}

// TestAlike: rows to which a column does not apply do not keep it from being
// told in a word, but a single one is not all rows.
func TestAlike(t *testing.T) {
	for _, c := range []struct {
		cells []string
		want  bool
	}{
		{[]string{"0", "0"}, true},
		{[]string{"0", "", "0"}, true},
		{[]string{"", "0", "0"}, true},
		{[]string{"0", "", "1"}, false},
		{[]string{"0", ""}, false},
		{[]string{"0"}, true},
	} {
		g := Grid{Columns: []Column{{Head: "x"}}}
		for _, cell := range c.cells {
			g.Rows = append(g.Rows, []string{cell})
		}
		if got := g.alike(0); got != c.want || got && g.value(0) != "0" {
			t.Errorf("%q alike is %v, of %q; want %v", c.cells, got, g.value(0), c.want)
		}
	}
}

// TestOneRowLosesNothing: what has no room in the table of one subject is said below.
func TestOneRowLosesNothing(t *testing.T) {
	g := Grid{Columns: []Column{{Head: "subject"}, {Head: "a", Rank: 1}, {Head: "b\nc", Rank: 2}}, Rows: [][]string{{"gcra", "1", "2"}}}
	var text strings.Builder
	if err := g.WriteText(&text, Options{Width: 11}); err != nil {
		t.Fatal(err)
	}
	if want := "subject  a\n──────────\n   gcra  1\nAnd: b c 2.\n"; text.String() != want {
		t.Errorf("the table is\n%s\nwant\n%s", text.String(), want)
	}
}

// TestStacked: where not even one column has room beside the names, each row is
// a paragraph of all that it has.
func TestStacked(t *testing.T) {
	g := Grid{
		Columns: []Column{{Head: "subject", Text: true}, {Head: "at", Keep: true}, {Head: "false\nadmits", Rank: 1}, {Head: "p99"}, {Head: "max"}},
		Rows:    [][]string{{"sliding-window-log", "1s", "0", "13.6 ms", ""}, {"gcra", "2s", "3", "9.91 ms", "1.00 s"}},
	}
	var text strings.Builder
	if err := g.WriteText(&text, Options{Width: 20}); err != nil {
		t.Fatal(err)
	}
	want := "sliding-window-log …\n  false admits 0,\n      p99 13.6 ms\ngcra 2s\n  false admits 3,\n      p99 9.91 ms,\n      max 1.00 s\n"
	if got := text.String(); got != want {
		t.Errorf("stacked the table is\n%s\nwant\n%s", got, want)
	}
}

func TestCrop(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  string
	}{
		{"short", 5, "short"},
		{"short", 4, "sho…"},
		{"short", 1, "…"},
		{"short", 0, ""},
		{"short", -3, ""},
		{"漢字漢字", 8, "漢字漢字"},
		{"漢字漢字", 7, "漢字漢…"},
		{"漢字漢字", 6, "漢字…"},
		{"e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301e\u0301"},
		{"e\u0301e\u0301e\u0301", 2, "e\u0301…"},
		{"µs ±", 3, "µs…"},
		{"", 0, ""},
	} {
		if got := Crop(c.text, c.width); got != c.want {
			t.Errorf("Crop(%q, %d) is %q; want %q", c.text, c.width, got, c.want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  string
	}{
		{"", 10, "\n"},
		{"short", 10, "short\n"},
		{"ten chars!", 10, "ten chars!\n"},
		{"one two three", 8, "one two\n    three\n"},
		{"  in a list", 8, "  in a\n      list\n"},
		{"unbreakable", 4, "unbreakable\n"},
	} {
		if got := Wrap(c.text, c.width); got != c.want {
			t.Errorf("Wrap(%q, %d) is %q; want %q", c.text, c.width, got, c.want)
		}
	}
}

func TestExpand(t *testing.T) {
	for path, want := range map[string]string{
		"goodput":                  "goodput",
		"response.{ok,shed}.p50":   "response.ok.p50 response.shed.p50",
		"classes.NAME.offered":     "classes.x.offered classes.y.offered",
		"classes.NAME.out.{ok,no}": "classes.x.out.ok classes.x.out.no classes.y.out.ok classes.y.out.no",
	} {
		if got := strings.Join(expand(path, []string{"x", "y"}), " "); got != want {
			t.Errorf("%s spelled out is %s; want %s", path, got, want)
		}
	}
}
