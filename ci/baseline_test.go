package ci

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/results"
)

func sixRuns() (all []results.Run) {
	for i := range 6 {
		all = append(all, results.Run{
			Scenario: "s", Trial: "gcra", Repeat: i + 1, Order: i + 1, Time: results.Real, Schedule: results.ScheduleInfo{Digest: "abc"},
			StartedAt:   time.Date(2026, 1, 1, 0, 0, i, 0, time.UTC),
			Environment: results.Environment{Revision: "1a2b", CPU: "x", Cores: 2}, Validity: results.Validity{Verdict: results.Valid},
		})
	}
	return all
}

// TestBaselineReadsBack: what was saved is read again, is listed, and is not replaced
// by accident.
func TestBaselineReadsBack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "baselines")
	b, err := NewBaseline("main-1", sixRuns(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Save(dir, false); err != nil {
		t.Fatal(err)
	}
	got, err := ReadBaseline(dir, "main-1")
	if err != nil || len(got.Kept) != 6 || got.Trials[0] != "s/gcra" || !got.Saved.Equal(b.Saved) || strings.Join(Baselines(dir), " ") != "main-1" {
		t.Errorf("read back %+v, %v", got, err)
	}
	if err := b.Save(dir, false); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("saved again: %v; want it refused", err)
	}
	if err := b.Save(dir, true); err != nil {
		t.Error(err)
	}
	lines, long := filepath.Join(dir, "main-1.jsonl"), time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(lines, long, long); err != nil {
		t.Fatal(err)
	}
	if err := got.SaveVerified(dir); err != nil {
		t.Fatal(err)
	}
	if about, err := os.Stat(lines); err != nil || !about.ModTime().Equal(long) {
		t.Errorf("the runs were written at %v (%v); want them left alone when they are verified", about.ModTime(), err)
	}
	if got, err = ReadBaseline(dir, "main-1"); err != nil || !got.Verified {
		t.Errorf("read back %+v, %v; want it verified", got, err)
	}
	for name, want := range map[string]string{"other": `"other" is not in`, "../x": "is no name; want one of main-1", "": "is no name"} {
		if _, err := ReadBaseline(dir, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want %q", name, err, want)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "main-1.jsonl"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadBaseline(dir, "main-1"); err == nil {
		t.Error("a baseline without its runs is read")
	}
}

// TestBaselineRefuses: every run that is no fit measure of later ones.
func TestBaselineRefuses(t *testing.T) {
	for want, harm := range map[string]func(r []results.Run) []results.Run{
		"has 5 runs; want at least 6": func(r []results.Run) []results.Run { return r[1:] },
		"there are 0 runs":            func([]results.Run) []results.Run { return nil },
		"repeat 3, is invalid: late": func(r []results.Run) []results.Run {
			r[2].Validity = results.Validity{Verdict: results.Invalid, Reasons: []string{"late"}}
			return r
		},
		"repeat 2, was interrupted": func(r []results.Run) []results.Run { r[1].Partial = true; return r },
		"repeat 2, has the mix of requests \"def\" and another has \"none\"": func(r []results.Run) []results.Run { r[1].Schedule.Requests = "def"; return r },
		"repeat 2, has the schedule def":                                     func(r []results.Run) []results.Run { r[1].Schedule.Digest = "def"; return r },
		"was made by a build of changed file":                                func(r []results.Run) []results.Run { r[0].Environment.Revision += "+dirty"; return r },
		"is of revision 9 and others of 1a2b":                                func(r []results.Run) []results.Run { r[5].Environment.Revision = "9"; return r },
		"was made on another machine":                                        func(r []results.Run) []results.Run { r[4].Environment.CPU = "y"; return r },
	} {
		if _, err := NewBaseline("main", harm(sixRuns()), time.Now()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
	if _, err := NewBaseline(".x", sixRuns(), time.Now()); err == nil || !strings.Contains(err.Error(), `name is ".x"`) {
		t.Errorf("a hidden name: %v", err)
	}
}
