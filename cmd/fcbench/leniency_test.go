package main

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"github.com/fcbench/fcbench/ci"
)

// TestLeniency: a warning about the box lets pass what was judged and passes, and
// neither what is proved worse nor what was not judged.
func TestLeniency(t *testing.T) {
	for name, c := range map[string]struct {
		verdict                 ci.Outcome
		claims                  []ci.Outcome
		onInconclusive, invalid string
		want                    int
	}{
		"pass":                        {ci.Pass, []ci.Outcome{ci.Pass}, "fail", "fail", 0},
		"invalid":                     {ci.Invalid, []ci.Outcome{ci.Pass}, "warn", "fail", 12},
		"invalid and passed":          {ci.Invalid, []ci.Outcome{ci.Pass, ci.Improved}, "fail", "warn", 0},
		"invalid and one of two":      {ci.Invalid, []ci.Outcome{ci.Pass, ci.Invalid}, "fail", "warn", 0},
		"invalid and regressed":       {ci.Invalid, []ci.Outcome{ci.Pass, ci.Regressed}, "warn", "warn", 10},
		"invalid and unknown":         {ci.Invalid, []ci.Outcome{ci.Pass, ci.Inconclusive}, "fail", "warn", 11},
		"invalid and unknown, warned": {ci.Invalid, []ci.Outcome{ci.Pass, ci.Inconclusive}, "warn", "warn", 0},
		"invalid and missing":         {ci.Invalid, []ci.Outcome{ci.Pass, ci.NoData}, "warn", "warn", 13},
		"every claim invalid":         {ci.Invalid, []ci.Outcome{ci.Invalid, ci.Invalid}, "warn", "warn", 12},
		"no claims":                   {ci.Invalid, nil, "warn", "warn", 12},
		"no data":                     {ci.NoData, nil, "warn", "warn", 13},
		"inconclusive":                {ci.Inconclusive, []ci.Outcome{ci.Inconclusive}, "fail", "warn", 11},
		"inconclusive, warned":        {ci.Inconclusive, []ci.Outcome{ci.Inconclusive}, "warn", "fail", 0},
		"regressed":                   {ci.Regressed, []ci.Outcome{ci.Regressed}, "warn", "warn", 10},
	} {
		v := &ci.Verdict{Verdict: c.verdict, ExitCode: c.verdict.Code(), Finished: true}
		for _, o := range c.claims {
			v.Claims = append(v.Claims, ci.Finding{Gated: true, Verdict: o})
		}
		if got := exitCode(verdictFailure(v, c.onInconclusive, c.invalid)); got != c.want {
			t.Errorf("%s: code is %d; want %d", name, got, c.want)
		}
		v.Finished = false
		if got := exitCode(verdictFailure(v, c.onInconclusive, c.invalid)); got != c.verdict.Code() {
			t.Errorf("%s, of a gate that did not finish: code is %d; want %d", name, got, c.verdict.Code())
		}
	}
}

// TestABrokenGatePassesNothing: where the gate itself did not end well, its file has the
// program's code, passes nothing, says why, and is read back as it is.
func TestABrokenGatePassesNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "verdict.json")
	for found, want := range map[ci.Outcome]ci.Outcome{ci.Pass: ci.NoData, ci.Improved: ci.NoData, ci.Regressed: ci.Regressed, ci.Invalid: ci.Invalid} {
		v := &ci.Verdict{Verdict: found, ExitCode: found.Code(), Finished: true, Claims: []ci.Finding{{Gated: true, Verdict: found}}}
		err := errors.New("a worktree could not be removed")
		broke(v, err, err)
		if err := v.Save(file); err != nil {
			t.Fatal(err)
		}
		got, err := ci.ReadVerdict(file)
		if err != nil || got.Verdict != want || got.ExitCode != exitError || !slices.Contains(got.Reasons, "a worktree could not be removed") {
			t.Errorf("%s: read back %+v, %v; want %s with code %d and the reason", found, got, err, want, exitError)
		} else if code := exitCode(verdictFailure(got, "warn", "warn")); code != exitError {
			t.Errorf("%s: it is raised with %d; want %d", found, code, exitError)
		}
	}
}
