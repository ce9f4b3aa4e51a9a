package selftest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"github.com/fcbench/fcbench/internal/child"
)

func TestMain(m *testing.M) {
	if Called() {
		os.Exit(Main(tell))
	}
	goleak.VerifyTestMain(m)
}

// conditions are those that a process finds.
type conditions struct {
	Args  []string
	Nice  int
	CPUs  []int
	Files uint64
	GC    int
}

// tell is a program that tells of its conditions.
func tell(args []string) int {
	var limit unix.Rlimit
	_ = unix.Getrlimit(unix.RLIMIT_NOFILE, &limit)
	kernels, _ := unix.Getpriority(unix.PRIO_PROCESS, 0) // 20 − nice
	gc := debug.SetGCPercent(100)
	_ = json.NewEncoder(os.Stdout).Encode(conditions{args, 20 - kernels, usableCPUs(), limit.Cur, gc})
	return 3
}

func self(t *testing.T) string {
	t.Helper()
	t.Setenv("GORACE", "atexit_sleep_ms=0") // or each child rests for a second under the race detector
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestConditions(t *testing.T) {
	cpu := usableCPUs()[:1]
	for _, tt := range []struct {
		j    job
		want func(conditions) bool
	}{
		{job{Confine: confinement{Nice: 19}}, func(c conditions) bool { return c.Nice == 19 }},
		{job{Confine: confinement{CPUs: cpu}}, func(c conditions) bool { return len(c.CPUs) == 1 && c.CPUs[0] == cpu[0] }},
		{job{Confine: confinement{Files: 20}}, func(c conditions) bool { return c.Files == 20 }},
		{job{Confine: confinement{Nice: 19, CPUs: cpu, Files: 20}}, func(c conditions) bool { return c.Nice == 19 && len(c.CPUs) == 1 && c.Files == 20 }},
		{job{}, func(c conditions) bool { return len(c.CPUs) == len(usableCPUs()) && c.Files != 20 && c.GC == 100 }},
		{job{Garbage: true}, func(c conditions) bool { return c.GC == 1 }},
	} {
		tt.j.Role, tt.j.Args = roleRun, []string{"a b", `"`}
		cmd, err := tt.j.command(self(t))
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.Output()
		var c conditions
		if cmd.ProcessState.ExitCode() != 3 || json.Unmarshal(out, &c) != nil || !tt.want(c) || len(c.Args) != 2 || c.Args[0] != "a b" || c.Args[1] != `"` {
			t.Errorf("%+v has %+v, %v; it said %q", tt.j, c, err, out)
		}
	}
}

// TestConfinementThatCannotBe is said, and nothing is run without it.
func TestConfinementThatCannotBe(t *testing.T) {
	for _, j := range []job{
		{Role: roleRun, Confine: confinement{Group: t.TempDir() + "/none"}},
		{Role: roleRun, Confine: confinement{CPUs: []int{1 << 30}}},
		{Role: "cook"},
	} {
		cmd, err := j.command(self(t))
		if err != nil {
			t.Fatal(err)
		}
		if out, err := cmd.Output(); err == nil || cmd.ProcessState.ExitCode() != 1 || len(out) > 0 {
			t.Errorf("%+v: %v, %q; want it refused", j, err, out)
		}
	}
}

// TestRunThatComesToNothing says what was said, and who wants no more gets no more.
func TestRunThatComesToNothing(t *testing.T) {
	b := &bench{Config: Config{Length: time.Millisecond}, self: self(t), cpus: usableCPUs(), service: &served{address: "127.0.0.1:1"}}
	c := testCase{name: "x", args: []string{"--http", service}}
	if _, err := b.start(t.Context(), c); err == nil || !strings.Contains(err.Error(), "0 runs were made") || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("error is %v; want that no run was made, and how it ended", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	c.disturbance = disturbance{oneCPU: true, neighbours: 1}
	if _, err := b.start(gone, c); err == nil {
		t.Error("a run that nobody waits for is made")
	}
}

// TestWeatherIsSeen until a run ends, however soon that is.
func TestWeatherIsSeen(t *testing.T) {
	cmd, err := job{Role: roleRun}.command(self(t))
	if err != nil {
		t.Fatal(err)
	}
	p, err := child.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	heard := newListener()
	_, _ = heard.Write(mark)
	if w, err := new(bench).accompany(t.Context(), p, heard, nil, time.Hour); err != nil || w.seen <= 0 {
		t.Errorf("%v was seen for %v, %v; want it seen until the run ended", w, w.seen, err)
	}
	if w := (observation{}).weather(); w != (weather{}) || !w.calm() {
		t.Errorf("of a run that never began it was %v", w)
	}
}

func TestService(t *testing.T) {
	b := &bench{self: self(t), cpus: usableCPUs()}
	s, err := b.serve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for path, want := range map[string]int{"/": 200, "/after/1ms": 200, "/after/soon": 400, "/none": 404} {
		r, err := client.Get("http://" + s.address + path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, r.Body); err != nil || r.StatusCode != want {
			t.Errorf("%s answers %d, %v; want %d", path, r.StatusCode, err, want)
		}
		_ = r.Body.Close()
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.serve(gone); err == nil {
		t.Error("a service is waited for although nobody wants it")
	}
}

// TestNeighbours stand still until they arrive, and are gone at the end.
func TestNeighbours(t *testing.T) {
	b := &bench{self: self(t), cpus: usableCPUs()}
	n, err := b.neighbours(disturbance{neighbours: 2})
	if err != nil || len(n) != 2 {
		t.Fatalf("%d neighbours, %v; want 2", len(n), err)
	}
	state := func(p *child.Child) byte {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.PID()))
		_, after, _ := bytes.Cut(text, []byte(") "))
		return after[0]
	}
	until := func(what string, want func(byte) bool) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); ; runtime.Gosched() {
			all := true
			for _, p := range n {
				all = all && want(state(p))
			}
			if all {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("neighbours are in states %c and %c; want them %s", state(n[0]), state(n[1]), what)
			}
		}
	}
	until("stopped", func(s byte) bool { return s == 'T' })
	n.arrive()
	until("running", func(s byte) bool { return s == 'R' })
	n.leave()
	until("stopped", func(s byte) bool { return s == 'T' })
	n.end()
	for _, p := range n {
		if !p.Gone() || p.Signal(syscall.Signal(0)) == nil {
			t.Error("a neighbour is still there")
		}
	}
	if n, err := b.neighbours(disturbance{neighbours: 1, everywhere: true}); err != nil || len(n) != len(b.cpus) {
		t.Errorf("%d neighbours on %d CPUs, %v; want one on each", len(n), len(b.cpus), err)
	} else {
		n.end()
	}
}

func TestLitter(t *testing.T) {
	var before, now debug.GCStats
	debug.ReadGCStats(&before)
	stop := litter()
	for now.NumGC < before.NumGC+5 {
		debug.ReadGCStats(&now)
	}
	stop()
	if got := debug.SetGCPercent(100); got != 100 {
		t.Errorf("the collector is left at %d %%; want it as it was, 100 %%", got)
	}
}

func TestListener(t *testing.T) {
	l := newListener()
	begun := func() bool {
		select {
		case <-l.begun:
			return true
		default:
			return false
		}
	}
	for i, part := range []string{"fcbench: a warning\n{\"event\":\"be", "gin\",\"index\":1}\n", "{\"event\":\"begin\"}\n"} {
		if n, err := l.Write([]byte(part)); n != len(part) || err != nil {
			t.Error(err)
		}
		if begun() != (i > 0) {
			t.Errorf("after %q it has begun: %v", part, begun())
		}
	}
}
