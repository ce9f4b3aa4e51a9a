package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/internal/capacity"
)

// TestSelftestInterrupted says so, and prints what was found in the form that was
// asked for.
func TestSelftestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, asJSON := range []bool{false, true} {
		var out, told bytes.Buffer
		err := (&capacityTest{searches: 2, only: []string{"generator-limited"}, json: asJSON, strategy: string(capacity.Guarded)}).run(ctx, streams{out: &out, err: &told})
		if exitCode(err) != exitInterrupted || !strings.Contains(err.Error(), "interrupted; what was found until then is above") {
			t.Errorf("%v with code %d; want that it was interrupted", err, exitCode(err))
		}
		var found struct{ Worlds []any }
		if parsed := json.Unmarshal(out.Bytes(), &found) == nil && found.Worlds != nil; parsed != asJSON {
			t.Errorf("JSON asked for: %t; printed: %s", asJSON, &out)
		}
	}
}
