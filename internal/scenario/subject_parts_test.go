package scenario

import (
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/targets"
)

const limits = "name: p\nworkload: {streams: [{name: a, arrivals: 'constant:1/s'}, {name: b, arrivals: 'constant:1/s'}]}\n"

// TestHold: who gets back what it grants has to be told when.
func TestHold(t *testing.T) {
	s, err := parse(t, limits+"subjects: [{limiter: {kind: concurrency, limit: 2}, hold: 'uniform:10ms:20ms'}]\n")
	if err != nil {
		t.Fatal(err)
	}
	for seq := range uint64(100) {
		if h := s.Subjects[0].hold(seq); h < 10*time.Millisecond || h > 20*time.Millisecond || h != s.Subjects[0].hold(seq) {
			t.Fatalf("arrival %d holds for %v; want 10ms to 20ms, and always as long", seq, h)
		}
	}
	if got := string(s.Subjects[0].JSON()); !strings.Contains(got, `"hold":{"kind":"uniform","min":"10ms","max":"20ms"}`) {
		t.Errorf("the subject is written down as %s", got)
	}
	_, err = parse(t, limits+"subjects:\n- limiter: {kind: concurrency, limit: 2}\n- limiter: {kind: gcra, rate: 1/s}\n  hold: constant:1s\n- limiter: {kind: concurrency, limit: 2}\n  hold: brief\n")
	wantProblems(t, err,
		"s.yaml:4:3: concurrency gets back what it grants, and hold is missing; want how long that takes, such as hold: constant:20ms (--hold)",
		"s.yaml:6:9: hold stands beside gcra, which gets nothing back; want it left out",
		`s.yaml:8:9: hold law kind "brief" is unknown`,
	)
}

// TestClasses: a stream may have some values of its own.
func TestClasses(t *testing.T) {
	s, err := parse(t, limits+"subjects: [{limiter: {kind: gcra, rate: 1/s, burst: 3}, classes: {b: {rate: 7/s}}}]\n")
	if err != nil {
		t.Fatal(err)
	}
	sub := s.Subjects[0]
	target, err := sub.Target(func(targets.TrialID) builtin.Env { return builtin.Env{} })
	if err != nil {
		t.Fatal(err)
	}
	if err := target.Begin(t.Context(), "t"); err != nil {
		t.Fatal(err)
	}
	second := time.Second
	for i, want := range []limiters.Limit{{Rate: 1, Period: second, Burst: 3}, {Rate: 7, Period: second, Burst: 3}} {
		if got := target.Info().Described(uint8(i)).Info().Limit; got != want {
			t.Errorf("the limit of class %d is %+v; want %+v", i, got, want)
		}
	}
	_, err = parse(t, limits+"subjects:\n- limiter: {kind: gcra, rate: 1/s}\n  classes: {c: {rate: 1/s}, a: {kind: fixed-window}, b: {rate: 0/s, window: 1s}}\n")
	wantProblems(t, err,
		`s.yaml:5:16: class is "c"; want one of the workload's streams: a, b`,
		"s.yaml:5:39: kind stands among the values of a class; want the kind of the subject's limiter",
		`s.yaml:5:77: key "window" is unknown`,
	)
}

// TestBeside: what cannot work out is refused before anything is sent.
func TestBeside(t *testing.T) {
	_, err := parse(t, limits+`subjects:
- limiter: {kind: concurrency, limit: 2}
  hold: constant:6s
- limiter: {kind: redis-concurrency, limit: 2, lease: 500ms}
  hold: constant:1s
- {target: noop, hold: constant:1s, classes: {a: {rate: 1/s}}}
- {limiter: {kind: gcra, rate: 1/s}, classes: {a: 5/s}}
`)
	wantProblems(t, err,
		"s.yaml:5:9: hold is 6s or more, and callers leave after the timeout of 5s",
		"s.yaml:7:9: hold is 1s or more, and a lease ends after 500ms",
		"s.yaml:8:24: hold stands beside a target; want it beside a limiter",
		"s.yaml:8:46: classes stands beside a target; want it beside a limiter",
		"s.yaml:9:51: values of a class are 5/s; want them by name, such as {rate: 10/s}",
	)
	_, err = parse(t, "name: w\nworkload: {arrivals: 'constant:1/s', cost: 'uniform:1:4'}\nsubjects: [{limiter: {kind: uber, rate: 1/s}}]\n")
	wantProblems(t, err, "s.yaml:3:22: uber grants single tokens only, and arrivals cost up to 4")
}
