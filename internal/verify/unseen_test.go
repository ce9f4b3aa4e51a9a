package verify

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/flawed"
	"github.com/fcbench/fcbench/internal/rounds"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/conformance"
)

// act is a program that this test examines: this test again.
func act(name string) int {
	p, known := flawed.Flawed()[name]
	if sound, ok := flawed.Sound()[name]; ok {
		p, known = sound, true
	}
	if !known {
		fmt.Fprintf(os.Stderr, "program is %q; want one that there is\n", name)
		return 3
	}
	if err := p.Serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 4
	}
	return 0
}

// execKind is a program as users name one.
func execKind(name, algorithm string) string {
	return fmt.Sprintf("exec:'%s' act '%s':::%s", os.Args[0], name, algorithm)
}

// TestProgramsInProcessesOfTheirOwn: sound ones are accused of nothing, whatever they
// cannot do and whatever their time is; flawed ones are found out.
func TestProgramsInProcessesOfTheirOwn(t *testing.T) {
	t.Setenv("GORACE", "atexit_sleep_ms=0") // a program with a race detector would take a second to end
	sound := []string{"by the clock, windows", "bursts up to 10"}
	wrong := []string{"idle for a minute"}
	p := &Plan{Seed: 1, traffic: time.Second / 2, asked: rounds.Of(60), Limits: []limiters.Limit{{Rate: 10, Period: time.Second, Burst: 5}, {Rate: 10, Period: time.Hour, Burst: 11}}}
	for _, name := range sound {
		p.Kinds = append(p.Kinds, execKind(name, flawed.Sound()[name].Algorithm()))
	}
	for _, name := range wrong {
		p.Kinds = append(p.Kinds, execKind(name, "token-bucket"))
	}
	r := run(t, p)
	for i, l := range r.Limiters {
		failures := l.Failures()
		for _, f := range failures {
			if i < len(sound) {
				t.Errorf("%s: %s: %s\n%s", sound[i], f.Rule, f.Message, f.History())
			}
		}
		if i >= len(sound) && len(failures) == 0 {
			t.Errorf("%s: nothing was found", wrong[i-len(sound)])
		}
	}
	var text strings.Builder
	if err := r.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"burst must be at most 10", "◐", "it goes by the wall clock, which cannot be set here"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("text lacks %q:\n%s", want, text.String())
		}
	}
	if real := r.Limiters[0]; real.Time != "real" || real.Category(conformance.Expiry) != conformance.Pass {
		t.Errorf("by the clock: time %q, ttl %s", real.Time, real.Category(conformance.Expiry))
	}
}
