package nearest

import (
	"slices"
	"testing"
)

func TestFirst(t *testing.T) {
	known := []string{"fixed-window", "gcra", "token-bucket"}
	tests := []struct {
		name string
		want []string
	}{
		{"gcar", []string{"gcra", "fixed-window", "token-bucket"}},
		{"tokenbucket", []string{"token-bucket", "fixed-window", "gcra"}},
		{"gcra", []string{"gcra", "fixed-window", "token-bucket"}},
		{"codel", known},
		{"", known},
	}
	for _, tt := range tests {
		if got := First(tt.name, known); !slices.Equal(got, tt.want) {
			t.Errorf("First(%q) = %v; want %v", tt.name, got, tt.want)
		}
	}
	if known[0] != "fixed-window" {
		t.Error("First changed its argument")
	}
	if got := First("on", []string{"z", "of"}); got[0] != "of" {
		t.Errorf("First(on) = %v; want of first", got)
	}
	if got := First("x", nil); len(got) != 0 {
		t.Errorf("First(x) of nothing = %v", got)
	}
}

func TestEdits(t *testing.T) {
	tests := []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"abc", "abc", 0},
		{"abc", "acb", 1},
		{"kitten", "sitting", 3},
		{"rate", "raet", 1},
		{"burst", "brust", 1},
	}
	for _, tt := range tests {
		if got := edits(tt.a, tt.b); got != tt.want {
			t.Errorf("edits(%q, %q) = %d; want %d", tt.a, tt.b, got, tt.want)
		}
		if got := edits(tt.b, tt.a); got != tt.want {
			t.Errorf("edits(%q, %q) = %d; want %d", tt.b, tt.a, got, tt.want)
		}
	}
}

func TestClosest(t *testing.T) {
	known := []string{"limit", "limiter", "keys"}
	for name, want := range map[string][]string{
		"limitr": {"limit", "limiter"},
		"limite": {"limit", "limiter"},
		"limits": {"limit"},
		"kesy":   {"keys"},
		"codel":  nil,
		"":       nil,
	} {
		if got := Closest(name, known); !slices.Equal(got, want) {
			t.Errorf("Closest(%q) = %q; want %q", name, got, want)
		}
	}
}
