package main

import (
	"bytes"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestListFits: at every width no line is wider, but for a name or a word that is.
func TestListFits(t *testing.T) {
	for _, width := range []int{60, 80, 100, 120, 200} {
		t.Setenv("COLUMNS", strconv.Itoa(width))
		var out bytes.Buffer
		if err := list(&out, nil); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			line = strings.TrimRight(line, "\n")
			if n := utf8.RuneCountInString(line); n > width && strings.Contains(strings.TrimLeft(line, " *"), " ") {
				t.Errorf("line is %d columns wide; want at most %d: %s", n, width, line)
			}
		}
	}
}

// TestListHasEverything: each kind that can be named is there, once.
func TestListHasEverything(t *testing.T) {
	for _, l := range listings() {
		seen := map[string]bool{}
		for _, g := range l.groups {
			for _, term := range g.terms {
				name, _, _ := strings.Cut(term.Name, ":")
				if seen[name] || term.Text == "" {
					t.Errorf("%s: %q is there twice or means nothing", l.name, name)
				}
				seen[name] = true
			}
		}
		if len(seen) == 0 {
			t.Errorf("%s: nothing is listed", l.name)
		}
	}
}

// TestHelpFits: no flag of any command takes more room than there is.
func TestHelpFits(t *testing.T) {
	for _, width := range []int{80, 120} {
		t.Setenv("COLUMNS", strconv.Itoa(width))
		for _, c := range newRoot(streams{}, keepEvery).Commands() {
			var out, complaints bytes.Buffer
			if code := Main(t.Context(), []string{c.Name(), "--help"}, strings.NewReader(""), &out, &complaints); code != exitPass {
				t.Fatalf("%s --help ended with %d: %s", c.Name(), code, complaints.String())
			}
			_, flags, ok := strings.Cut(out.String(), "\nFlags:\n")
			if !ok {
				t.Errorf("%s --help lists no flags", c.Name())
			}
			for line := range strings.Lines(flags) {
				if n := utf8.RuneCountInString(line) - 1; n > width {
					t.Errorf("%s: line is %d columns wide; want at most %d: %s", c.Name(), n, width, line)
				}
			}
		}
	}
}
