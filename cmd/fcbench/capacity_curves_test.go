package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/capacity"
)

// TestCurvesOfSearchesThatWereEnded: what was measured until a search was interrupted is
// drawn, and its error stays what it was. Where nothing was measured, or the trials are of
// another search, what stood there before does.
func TestCurvesOfSearchesThatWereEnded(t *testing.T) {
	plan := capacity.Plan{Over: "rate", Goals: []capacity.Goal{{Name: "response.ok.p99 < 20ms", Budget: 0.01}}, From: 100, Precision: 0.02, Confidence: 0.95, Budget: 5 * time.Minute, Seed: 1}
	plan.Fit()
	interrupted, wrong := fail(exitInterrupted, "interrupted after 3 trials"), usage(errors.New("other trials"))
	for name, c := range map[string]struct {
		trials   int // in the file; -1 for no file
		searched error
		code     int
		drawn    bool
	}{
		"interrupted":             {3, interrupted, exitInterrupted, true},
		"before the first":        {0, interrupted, exitInterrupted, false},
		"before there was a file": {-1, interrupted, exitInterrupted, false},
		"of another search":       {3, wrong, exitUsage, false},
	} {
		trials, drawing := filepath.Join(t.TempDir(), "trials.jsonl"), filepath.Join(t.TempDir(), "a.svg")
		made := 0
		var file bytes.Buffer
		_ = capacity.WriteHeader(&file, capacity.Header{Schema: capacity.Schema, Plan: plan, Scenario: []byte(`{}`)})
		_, _ = capacity.Search(t.Context(), plan, func(_ context.Context, trial capacity.Trial) (capacity.Observation, error) {
			if made++; made > c.trials {
				return capacity.Observation{}, interrupted
			}
			o := capacity.Observation{Goals: []capacity.Count{{Of: 100}}, Took: time.Second}
			return o, capacity.WriteTrial(&file, trial, o)
		})
		if c.trials >= 0 {
			if err := os.WriteFile(trials, file.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(drawing, []byte("before"), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, told bytes.Buffer
		o, err := openCurves(streams{out: &out, err: &told}, []string{drawing}, false, trials)
		if err != nil {
			t.Fatal(err)
		}
		err = o.finish(trials, c.searched)
		text, _ := os.ReadFile(drawing)
		if exitCode(err) != c.code || err.Error() != c.searched.Error() || strings.HasPrefix(string(text), "<svg") != c.drawn || !c.drawn && string(text) != "before" {
			t.Errorf("%s: %v with code %d; drawn: %.20s", name, err, exitCode(err), text)
		}
	}
}
