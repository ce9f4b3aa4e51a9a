package conformance

import (
	"context"
	"strings"
	"testing"

	"github.com/anishathalye/porcupine"

	"github.com/fcbench/fcbench/limiters"
)

// TestNoOrderKnownIsNoPass: what was searched for in vain, as long as one cares
// to, shows nothing, unless something else was shown.
func TestNoOrderKnownIsNoPass(t *testing.T) {
	limit := threePerSecond
	s, err := newSubject(bucketsOf(limiters.NewGCRA, limit), limit)
	if err != nil {
		t.Fatal(err)
	}
	for want, answers := range map[Status][]porcupine.CheckResult{
		NotApplicable: {porcupine.Unknown},
		Pass:          {porcupine.Unknown, porcupine.Ok},
		Fail:          {porcupine.Ok, porcupine.Unknown, porcupine.Illegal},
	} {
		asked := 0
		order := func([]porcupine.Operation) porcupine.CheckResult {
			asked++
			return answers[(asked-1)%len(answers)]
		}
		f := Finding{Status: NotApplicable}
		s.examine(t.Context(), rule{check: func(ctx context.Context, s *subject) *breach { return s.races(ctx, order) }}, &f)
		if f.Status != want || strings.Contains(f.Reason, "neither found nor ruled out") != (want == NotApplicable) {
			t.Errorf("%v gave %s, %q; want %s", answers, f.Status, f.Reason, want)
		}
	}
}
