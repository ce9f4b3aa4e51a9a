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
	b := &bench{Config: Config{Runs: runs, Keep: func(*results.Run) error { return nil }}, cpus: []int{0, 1}}
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

// TestBesides: between two runs, before the first and after the last there is one
// without the disturbance, and each is held against those beside it. So a machine
// that slows down convicts nobody.
func TestBesides(t *testing.T) {
	c := testCase{name: "x", args: []string{"-r", "1"}, disturbance: disturbance{oneCPU: true}, want: want{atLeast: results.Invalid, orTrue: medianTrue, always: true}}
	for _, tt := range []struct {
		name  string
		of    func(made int, disturbed bool) run
		want  Row
		order string
	}{
		{"slower and slower", func(made int, disturbed bool) run {
			return timed(int64(1000+500*made), 9000)
		}, Row{Runs: 3, True: 3, Kept: true, P50NS: 2500, P99NS: 9000, UndisturbedP50NS: 2500, UndisturbedP99NS: 9000, LeastP50: 1, MostP50: 1, LeastAlike: 4.0 / 3, MostAlike: 2, Swapped: 2, SwappedTrue: 2}, "-x-x-x-"},
		{"untrue once", func(made int, disturbed bool) run {
			if made == 3 {
				return timed(1300, 9000)
			}
			return timed(1000, 9000)
		}, Row{Runs: 3, True: 2, P50NS: 1000, P99NS: 9000, UndisturbedP50NS: 1000, UndisturbedP99NS: 9000, LeastP50: 1, MostP50: 1.3, LeastAlike: 1, MostAlike: 1, Swapped: 2, SwappedTrue: 2, Unclear: true, Missed: "valid with p50 1.3µs and p99 9µs"}, "-x-x-x-"},
		{"never calm", func(int, bool) run {
			return disturbedRun()
		}, Row{Runs: 3, P50NS: 1, P99NS: 2, Missed: "valid with p50 1ns and p99 2ns"}, "---x---x---x---"},
	} {
		b, _ := scripted(3)
		order := ""
		b.one = func(_ context.Context, c testCase) (run, error) {
			r := tt.of(len(order), c.oneCPU)
			order += map[bool]string{true: "x", false: "-"}[c.oneCPU]
			return r, nil
		}
		got, err := b.measure(t.Context(), c)
		disturbance := got.Disturbance
		got.Case, got.Provoked, got.Disturbance = "", "", ""
		if err != nil || got != tt.want || order != tt.order {
			t.Errorf("%s: %+v after %s, %v; want %+v after %s", tt.name, got, order, err, tt.want, tt.order)
		}
		if why := strings.Contains(disturbance, "CPU pressure 50 %"); why != (tt.name == "never calm") {
			t.Errorf("%s: disturbed for %q", tt.name, disturbance)
		}
	}
}

func disturbedRun() run { return disturbed(timed(1, 2)) }

// TestImpossible: what a machine cannot do is not tried.
func TestImpossible(t *testing.T) {
	b, asked := scripted(4)
	c := testCase{name: "x", disturbance: disturbance{oneCPU: true}, want: want{atLeast: results.Invalid, orTrue: medianTrue}}
	b.cpus = b.cpus[:1]
	if r, _ := b.measure(t.Context(), c); r.Impossible == "" {
		t.Error("two CPUs are compared with one where there is one")
	}
	b.cpus = nil
	if r, _ := b.measure(t.Context(), testCase{disturbance: disturbance{nice: 19}, want: c.want}); r.Impossible == "" {
		t.Error("a process is confined on a system that cannot")
	}
	if *asked > 0 {
		t.Errorf("%d runs were made", *asked)
	}
	cannot, _ := scripted(4, fails(fmt.Errorf("no group: %w", errImpossible)))
	if r, err := cannot.measure(t.Context(), c); err != nil || r.Impossible != "no group" || !r.Kept || r.Runs > 0 {
		t.Errorf("%+v, %v; want it said why", r, err)
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
		args := strings.Join(c.args, " ")
		bears := c.confined() || c.garbage || strings.Contains(args, "--max-in-flight") || strings.Contains(args, "-c ")
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
