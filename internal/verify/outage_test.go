package verify

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/limiters/conformance"
)

// stopAfter stops a server once it has processed so many commands.
func stopAfter(t *testing.T, server *redisproc.Server, commands int) (stopped chan error) {
	t.Helper()
	control := redisproctest.Connect(t, server, 1)
	stopped = make(chan error, 1)
	go func() {
		for n := 0; n < commands; {
			_, rest, _ := strings.Cut(control.Info(t.Context(), "stats").Val(), "total_commands_processed:")
			if _, err := fmt.Sscan(rest, &n); err != nil {
				stopped <- err
				return
			}
		}
		stopped <- server.Pause()
	}()
	return stopped
}

// TestRedisThatStops in the midst of an examination: it is named, and no limiter is
// charged with it.
func TestRedisThatStops(t *testing.T) {
	server := redisproctest.Start(t)
	p := &Plan{
		Kinds: []string{"redis-gcra", "redis-concurrency", "redis-fixed-window"}, Limits: tenPerSecond, Redis: server, Prefix: "fcbench:test",
		patience: 200 * time.Millisecond, asked: 2_000, traffic: time.Second,
	}
	stopped := stopAfter(t, server, 2_000)
	r, err := p.Run(t.Context())
	if bad := <-stopped; bad != nil {
		t.Fatal(bad)
	}
	if r.Failed() > 0 || r.Partial {
		t.Errorf("%d limiters are accused, and partial is %v; want neither", r.Failed(), r.Partial)
	}
	var text, asXML strings.Builder
	if err := r.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	if err := r.WriteJUnit(&asXML); err != nil {
		t.Fatal(err)
	}
	begun := 0
	for _, l := range r.Limiters {
		want := l.Kind + " could not be examined: redis did not answer: "
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v; want %q", err, want)
		}
		if len(l.Findings) == 0 { // it was out already
			continue
		}
		begun++
		if !slices.ContainsFunc(l.Findings, func(f conformance.Finding) bool {
			return f.Status == conformance.NotRun && strings.HasPrefix(f.Reason, "redis did not answer: ")
		}) {
			t.Errorf("%s: %+v; want rules that were not run, and why", l.Kind, l.Findings)
		}
		if want := l.Kind + " could not be examined to the end: redis did not answer: "; !strings.Contains(text.String(), want) {
			t.Errorf("text lacks %q:\n%s", want, text.String())
		}
	}
	if begun == 0 || strings.Contains(text.String(), "breaks") || strings.Contains(text.String(), "interrupted") || strings.Contains(asXML.String(), "<failure") {
		t.Errorf("%d were begun; what was not run looks like something else:\n%s%s", begun, text.String(), asXML.String())
	}
}
