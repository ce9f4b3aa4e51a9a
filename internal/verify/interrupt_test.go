package verify

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/bubble"
	"github.com/fcbench/fcbench/limiters/conformance"
)

// TestInterrupted: what was not run looks like nothing else, in every form.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	kinds := []string{"gcra", "failsafe-smooth", "redis-gcra"}
	r, err := (&Plan{Kinds: kinds}).Run(ctx)
	if err != nil || !r.Partial || r.Failed() != 0 {
		t.Fatalf("%+v (%v); want a partial report", r, err)
	}
	for i, l := range r.Limiters {
		if l.Kind != kinds[i] || l.Time == "" || l.Unfit() {
			t.Errorf("limiter %d is %+v; want %s", i, l, kinds[i])
		}
		for _, c := range conformance.Categories() {
			if got := l.Category(c); got != conformance.NotRun {
				t.Errorf("%s, %s: %s; want not run", l.Kind, c, got)
			}
		}
	}
	checkPartialForms(t, r)
}

func checkPartialForms(t *testing.T, r *Report) {
	t.Helper()
	var text, asJSON, asXML strings.Builder
	for form, out := range map[*strings.Builder]func(io.Writer) error{&text: r.WriteText, &asJSON: r.WriteJSON, &asXML: r.WriteJUnit} {
		if err := out(form); err != nil {
			t.Fatal(err)
		}
	}
	if want := "interrupted: not examined to the end: gcra, failsafe-smooth, redis-gcra\n"; !strings.Contains(text.String(), want) {
		t.Errorf("text is\n%swant %s", text.String(), want)
	}
	if !strings.Contains(text.String(), "… not run") || strings.Contains(text.String(), "✓  ") {
		t.Errorf("text marks what was not run as something else:\n%s", text.String())
	}
	if !strings.Contains(asJSON.String(), `"partial": true`) {
		t.Error("JSON is not marked as partial")
	}
	var suites junitFile
	if err := xml.Unmarshal([]byte(asXML.String()), &suites); err != nil || suites.Errors == 0 || suites.Errors != suites.Tests {
		t.Errorf("JUnit has %d errors in %d tests (%v); want errors only", suites.Errors, suites.Tests, err)
	}
}

// TestNotRunIsNoPass: half of a category is not all of it; a broken rule stays broken.
func TestNotRunIsNoPass(t *testing.T) {
	finding := func(s conformance.Status) conformance.Finding {
		return conformance.Finding{Category: conformance.Oracle, Status: s}
	}
	for want, all := range map[conformance.Status][]conformance.Finding{
		conformance.NotRun: {finding(conformance.NotRun), finding(conformance.Pass)},
		conformance.Fail:   {finding(conformance.NotRun), finding(conformance.Fail)},
	} {
		l := Limiter{Findings: all}
		if got := l.Category(conformance.Oracle); got != want {
			t.Errorf("%s; want %s", got, want)
		}
	}
}

// TestBubbleThatIsStopped returns how far it came, which is not far.
func TestBubbleThatIsStopped(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	in, err := json.Marshal(job{Kind: "failsafe-smooth", Limits: tenPerSecond, Deep: true})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := bubble.Run(ctx, in, &out, BubbleCheck); err != nil {
		t.Fatal(err)
	}
	var l Limiter
	if err := json.Unmarshal(out.Bytes(), &l); err != nil || !l.unfinished() {
		t.Errorf("%+v (%v); want one that is not finished", l, err)
	}
}
