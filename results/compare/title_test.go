package compare_test

import (
	"slices"
	"testing"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/compare"
)

func TestTitle(t *testing.T) {
	a, b := service("gcra", 1), service("noop", 1)
	files := compare.Options{Base: "before.jsonl", Other: "after.jsonl"}
	simulated := service("gcra", 1)
	simulated[0].Simulated = true
	elsewhere := service("gcra", 1)
	elsewhere[0].Scenario = "search"
	for want, compared := range map[string]func() (compare.Comparison, error){
		"checkout, gcra: before.jsonl (base) against after.jsonl":       func() (compare.Comparison, error) { return compare.Files(a, a, files) },
		"checkout, gcra: the first file (base) against the second file": func() (compare.Comparison, error) { return compare.Files(a, a, compare.Options{}) },
		"checkout: gcra (base) against noop":                            func() (compare.Comparison, error) { return compare.Trials(slices.Concat(a, b), "", compare.Options{}) },
		"search/gcra (base) against checkout/gcra": func() (compare.Comparison, error) {
			return compare.Trials(slices.Concat(a, elsewhere), "search/gcra", compare.Options{})
		},
		"checkout, gcra: the first file (base) against the second file  SIMULATED: on a stand-in; no claim about speed": func() (compare.Comparison, error) {
			return compare.Files(simulated, simulated, compare.Options{})
		},
	} {
		c, err := compared()
		if err != nil || len(c.Pairs) != 1 {
			t.Errorf("%s: %d pairs, %v; want one", want, len(c.Pairs), err)
		} else if got := c.Pairs[0].Title(); got != want {
			t.Errorf("title is %q; want %q", got, want)
		}
	}
}

func TestFilesAreCalledByName(t *testing.T) {
	a, b := append(service("a", 1), service("old", 1)...), service("a", 1)
	b[0].Validity = results.Validity{Verdict: results.Suspect, Reasons: []string{"partial"}}
	c, err := compare.Files(a, b, compare.Options{Base: "x.jsonl", Other: "y.jsonl"})
	if err != nil || len(c.Pairs) != 1 {
		t.Fatalf("%d pairs, %v; want one", len(c.Pairs), err)
	}
	if want := []string{"old: only in x.jsonl"}; !slices.Equal(c.Unpaired, want) {
		t.Errorf("unpaired are %q; want %q", c.Unpaired, want)
	}
	if want := "a, repeat 1 of y.jsonl, is suspect: partial"; !slices.Contains(c.Pairs[0].Notes, want) {
		t.Errorf("notes are %q; want %q among them", c.Pairs[0].Notes, want)
	}
}
