package compare_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/compare"
)

// What drifts from repeat to repeat is on both sides of a pair: one file tells a
// difference that two files with the same values do not.
func TestRepeatsOfOneFileArePairs(t *testing.T) {
	a := service("a", 10, 20, 30, 40, 50, 60, 70, 80)
	b := service("b", 11, 22, 33, 44, 55, 66, 77, 88)
	slices.Reverse(b) // the order in the file says nothing
	one, err := compare.Trials(slices.Concat(a, b), "", compare.Options{})
	d := find(t, one, err, "response.ok.p99")
	if d.Change != compare.Worse || !d.Paired || d.Evidence() != "p=0.008, n=8 pairs, overlap" || !d.By.Known || d.By.Lower < 0.099 || d.By.Upper > 0.101 {
		t.Errorf("one file: %s (%s), %+v; want worse by 10 %%", d.Change, d.Evidence(), d.By)
	}
	if !strings.HasPrefix(one.Pairs[0].Notes[0], "repeats are pairs") {
		t.Errorf("notes are %q", one.Pairs[0].Notes)
	}
	for i := range b {
		b[i].Trial = "a"
	}
	two, err := compare.Files(a, b, compare.Options{})
	d = find(t, two, err, "response.ok.p99")
	if d.Change != compare.Unclear || d.Paired || !d.By.Known || d.By.Lower > 0 || d.By.Upper < 0 {
		t.Errorf("two files: %s (%s), %+v; want unclear", d.Change, d.Evidence(), d.By)
	}
	if !strings.HasPrefix(two.Pairs[0].Notes[0], "two files are not paired") {
		t.Errorf("notes are %q", two.Pairs[0].Notes)
	}
}

// Of repeats that are not on both sides, and of those that are there twice.
func TestRepeatsWithoutPartner(t *testing.T) {
	a, b := service("a", 1, 2, 3, 4, 5, 6, 7), service("b", 2, 3, 4, 5, 6, 7, 8)
	some, err := compare.Trials(slices.Concat(a[1:], b[:6]), "", compare.Options{})
	if d := find(t, some, err, "response.ok.p99"); !d.Paired || d.Base.N != 5 || d.Tested {
		t.Errorf("%+v; want the five pairs that there are, and no test", d)
	}
	twice, err := compare.Trials(slices.Concat(a, a, b), "", compare.Options{})
	if d := find(t, twice, err, "response.ok.p99"); d.Paired || d.Base.N != 14 || !d.Tested {
		t.Errorf("%+v; want two groups", d)
	}
	if !strings.HasPrefix(twice.Pairs[0].Notes[0], "repeats are not paired") {
		t.Errorf("notes are %q", twice.Pairs[0].Notes)
	}
	other := service("b", 2, 3, 4, 5, 6, 7, 8)
	for i := range other {
		other[i].Scenario = "search"
	}
	apart, err := compare.Trials(slices.Concat(a, other), "", compare.Options{})
	if d := find(t, apart, err, "response.ok.p99"); d.Paired {
		t.Errorf("%+v; want no pairs of two scenarios", d)
	}
}

// Of one file, where no repeat is on both sides, there are no pairs to be tested, and two
// groups are left; also of one metric that no repeat has on both.
func TestNoRepeatOnBothSides(t *testing.T) {
	a, b := service("a", 1, 2, 3, 4, 5, 6, 7), service("b", 10, 11, 12, 13, 14, 15)
	for i := range b {
		b[i].Repeat += len(a)
	}
	got, err := compare.Trials(slices.Concat(a, b), "", compare.Options{})
	d := find(t, got, err, "response.ok.p99")
	if d.Paired || d.Base.N != 7 || d.Other.N != 6 || !d.Tested || d.Change != compare.Worse {
		t.Errorf("%+v; want two groups, and worse", d)
	}
	if !strings.HasPrefix(got.Pairs[0].Notes[0], "repeats are not paired") || !strings.Contains(got.Pairs[0].Notes[0], "none is on both sides") {
		t.Errorf("notes are %q", got.Pairs[0].Notes)
	}
	for i := range b {
		b[i].Repeat-- // one is on both sides
	}
	one, err := compare.Trials(slices.Concat(a, b), "", compare.Options{})
	if d := find(t, one, err, "response.ok.p99"); !d.Paired || d.Base.N != 1 || d.Tested {
		t.Errorf("%+v; want the one pair that there is, and no test", d)
	}
}

// started gives runs the times at which they began.
func started(runs []results.Run) []results.Run {
	for i := range runs {
		runs[i].StartedAt = time.Date(2026, 1, 1, 0, 0, i, 5, time.UTC)
	}
	return runs
}

// A thing compared with itself is no comparison, and one that is there twice is
// not two measurements.
func TestItself(t *testing.T) {
	a := started(service("a", 1, 2, 3, 4))
	for name, c := range map[string]struct {
		base, other []results.Run
		want        error
	}{
		"all":   {a, a, compare.ErrNoData},
		"some":  {a, slices.Concat(service("a", 5, 6), a[3:]), compare.ErrNoData},
		"twice": {slices.Concat(a, a[:1]), service("a", 5, 6), compare.ErrNotComparable},
	} {
		got, err := compare.Files(c.base, c.other, compare.Options{})
		if !errors.Is(err, c.want) || len(got.Pairs) != 0 {
			t.Errorf("%s: %d pairs, %v; want none, and %v", name, len(got.Pairs), err, c.want)
		}
		if err == nil || !strings.Contains(err.Error(), map[error]string{compare.ErrNoData: "are the same runs as those of the second file", compare.ErrNotComparable: "has repeat 1 twice"}[c.want]) {
			t.Errorf("%s: %v", name, err)
		}
	}
	again := started(service("a", 1, 2, 3, 4))
	for i := range again {
		again[i].StartedAt = again[i].StartedAt.Add(time.Hour)
	}
	if got, err := compare.Files(a, again, compare.Options{}); err != nil || len(got.Pairs) != 1 {
		t.Errorf("equal results of two measurements: %v", err)
	}
}
