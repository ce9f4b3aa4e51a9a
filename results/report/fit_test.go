package report

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// However narrow the terminal, every column is shown once, in order, behind
// the first, and a part is too wide only when it cannot be cut.
func TestFitKeepsEveryColumn(t *testing.T) {
	g := Grid{Columns: []Column{{Head: "subject", Text: true}}, Rows: [][]string{{"gcra"}}}
	for i := range 12 {
		g.Columns = append(g.Columns, Column{Head: fmt.Sprint("c", i), Cut: i%3 == 0, Tight: i%2 == 0})
		g.Rows[0] = append(g.Rows[0], strings.Repeat("µ", i))
	}
	for width := range 130 {
		var heads []string
		for _, part := range g.fit(width) {
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
	for _, part := range g.fit(15) {
		parts = append(parts, strings.Join(part.Rows[0], " "))
	}
	if got, want := strings.Join(parts, "; "), "kill 1s 1; kill 1s 2 3 4"; got != want {
		t.Errorf("parts are %s; want %s", got, want)
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
		if got := wrap(c.text, c.width); got != c.want {
			t.Errorf("wrap(%q, %d) is %q; want %q", c.text, c.width, got, c.want)
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
