package selftest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/results"
)

// made is a run that somebody made up.
func made(v results.Verdict, reasons ...string) run {
	return run{Run: &results.Run{Validity: results.Validity{Verdict: v, Reasons: reasons}}}
}

// scripted is a bench whose runs come from a script, the last again and again.
func scripted(runs int, script ...func() (run, error)) (*bench, *int) {
	asked := new(int)
	b := &bench{Config: Config{Runs: runs, Keep: func(*results.Run) error { return nil }}, undisturbed: map[string]figures{}, cpus: []int{0, 1}}
	b.one = func(context.Context, testCase) (run, error) {
		next := script[min(*asked, len(script)-1)]
		*asked++
		return next()
	}
	return b, asked
}

func is(r run) func() (run, error)        { return func() (run, error) { return r, nil } }
func fails(err error) func() (run, error) { return func() (run, error) { return run{}, err } }

func disturbed(r run) run {
	r.pressure = 0.5
	return r
}

func TestMeasureCounts(t *testing.T) {
	late := testCase{name: "x", want: want{atLeast: results.Suspect, reasons: []string{"late"}}}
	calm := late
	calm.calm = true
	quiet := testCase{name: "q", calm: true}
	ok, bad := made(results.Valid), made(results.Suspect, "late")
	for _, tt := range []struct {
		name   string
		c      testCase
		script []func() (run, error)
		want   Row
		asked  int
	}{
		{"all convicted", late, []func() (run, error){is(bad)}, Row{Runs: 3, Convicted: 3, Right: 3, Kept: true}, 3},
		{"one not", late, []func() (run, error){is(ok), is(bad)}, Row{Runs: 3, Convicted: 2, Right: 2}, 3},
		{"disturbed, but that is no matter", late, []func() (run, error){is(disturbed(bad))}, Row{Runs: 3, Convicted: 3, Right: 3, Kept: true}, 3},
		{"repeated", calm, []func() (run, error){is(disturbed(ok)), is(bad)}, Row{Runs: 3, Convicted: 3, Right: 3, Repeated: 1, Kept: true}, 4},
		{"never calm", calm, []func() (run, error){is(disturbed(bad))}, Row{Repeated: 9}, 9},
		{"quiet", quiet, []func() (run, error){is(ok)}, Row{Runs: 3, Kept: true}, 3},
		{"quiet, and convicted", quiet, []func() (run, error){is(bad), is(ok)}, Row{Runs: 3, Convicted: 1}, 3},
		{"one failed", late, []func() (run, error){fails(errors.New("EOF")), is(bad)}, Row{Runs: 2, Convicted: 2, Right: 2, Failed: 1}, 3},
		{"impossible", late, []func() (run, error){fails(fmt.Errorf("no group: %w", errImpossible))}, Row{Impossible: "no group", Kept: true}, 1},
	} {
		b, asked := scripted(3, tt.script...)
		got, err := b.measure(t.Context(), tt.c)
		counts := Row{
			Runs: got.Runs, Convicted: got.Convicted, Right: got.Right, Repeated: got.Repeated,
			Failed: got.Failed, Impossible: got.Impossible, Kept: got.Kept,
		}
		if err != nil || counts != tt.want || *asked != tt.asked {
			t.Errorf("%s: %+v after %d runs, %v; want %+v after %d", tt.name, counts, *asked, err, tt.want, tt.asked)
		}
	}
}

// timed is a valid run with figures.
func timed(p50, p99 int64) run {
	r := made(results.Valid)
	r.Latency.Response = map[string]*results.Latency{"ok": {P50NS: p50, P99NS: p99}}
	return r
}

// TestTruth: what is true is measured once for each load, without the disturbance.
func TestTruth(t *testing.T) {
	b, _ := scripted(4)
	seen := 0
	b.one = func(_ context.Context, c testCase) (run, error) {
		if c.oneCPU {
			return timed(5000, 9000), nil
		}
		seen++
		return timed(1000, 2000), nil
	}
	c := testCase{name: "x", args: []string{"-r", "1"}, disturbance: disturbance{oneCPU: true}, want: want{atLeast: results.Invalid, orTrue: medianTrue}}
	for range 2 {
		r, err := b.measure(t.Context(), c)
		if err != nil || r.Kept || r.Runs != 4 || r.True != 0 || r.P50NS != 5000 || r.P99NS != 9000 || r.UndisturbedP50NS != 1000 || r.UndisturbedP99NS != 2000 {
			t.Errorf("%+v, %v; want nothing of it true", r, err)
		}
	}
	if seen != 3 {
		t.Errorf("%d undisturbed runs were made; want 3, once", seen)
	}
	never, _ := scripted(4, is(disturbed(timed(1, 2))))
	if r, err := never.measure(t.Context(), c); err != nil || r.True > 0 || r.Kept || !strings.Contains(r.Disturbance, "CPU pressure 50 %") || len(never.undisturbed) > 0 {
		t.Errorf("%+v, %v; want it said why nobody knows the truth", r, err)
	}
	b.cpus = b.cpus[:1]
	if r, _ := b.measure(t.Context(), c); r.Impossible == "" {
		t.Error("two CPUs are compared with one where there is one")
	}
	b.cpus = nil
	if r, _ := b.measure(t.Context(), testCase{disturbance: disturbance{nice: 19}, want: c.want}); r.Impossible == "" {
		t.Error("a process is confined on a system that cannot")
	}
}

func TestMeasureEndsWhenItIsAsked(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b, _ := scripted(9)
	b.one = func(context.Context, testCase) (run, error) {
		cancel()
		return run{}, ctx.Err()
	}
	if r, err := b.measure(ctx, testCase{name: "q"}); !errors.Is(err, context.Canceled) || r.Kept || r.Failed > 0 {
		t.Errorf("%+v, %v; want it ended", r, err)
	}
	full := errors.New("disk is full")
	b, asked := scripted(9, is(made(results.Valid)))
	b.Keep = func(*results.Run) error { return full }
	if r, err := b.measure(t.Context(), testCase{name: "q"}); !errors.Is(err, full) || r.Kept || *asked != 1 {
		t.Errorf("%+v, %v; want it ended", r, err)
	}
}

func TestChosen(t *testing.T) {
	names := func(only ...string) (all []string) {
		some, err := chosen(only)
		if err != nil {
			t.Error(err)
		}
		for _, c := range some {
			all = append(all, c.name)
		}
		return all
	}
	if all := names(); len(all) != len(cases()) || len(slices.Compact(slices.Sorted(slices.Values(all)))) != len(all) {
		t.Errorf("the cases are %q; want each once", all)
	}
	if got := names("files", "nice/open", "in-flight"); !slices.Equal(got, []string{"nice/open", "files", "in-flight/on-time", "in-flight/late"}) {
		t.Errorf("chose %q", got)
	}
	_, err := chosen([]string{"nic", "files", "quiet/"})
	for _, want := range []string{`"nic"`, `"quiet/"`, "nice, neighbours, quota, files, one-cpu, in-flight, gc, quiet"} {
		if !errors.Is(err, ErrCase) || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v; want %s in it", err, want)
		}
	}
}

// TestEveryCaseMeansSomething: a case either provokes and says what must be said
// of it, or is quiet and bears nothing.
func TestEveryCaseMeansSomething(t *testing.T) {
	for _, c := range cases() {
		bears := c.confined() || c.garbage || strings.Contains(strings.Join(c.args, " "), "--max-in-flight")
		switch {
		case c.quiet() && (bears || !c.calm || len(c.want.reasons) > 0 || c.warmup() != 0):
			t.Errorf("%s is quiet, and is %+v", c.name, c)
		case !c.quiet() && (!bears || len(c.want.reasons) == 0):
			t.Errorf("%s provokes something, and is %+v", c.name, c)
		}
		if args := strings.Join(c.asked("127.0.0.1:1", 1), " "); strings.Contains(args, service) || c.about == "" {
			t.Errorf("%s is run as %q", c.name, args)
		}
	}
}
