//go:build unix

package child

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// roleVariable makes the test binary a parent that starts what its value says, in
// a shell, and then waits to be killed.
const roleVariable = "FCBENCH_TEST_PARENT"

func TestMain(m *testing.M) {
	if script := os.Getenv(roleVariable); script != "" {
		os.Exit(parent(script))
	}
	goleak.VerifyTestMain(m)
}

func parent(script string) int {
	in := func(start func(*exec.Cmd) (*Child, error)) int {
		cmd := exec.Command("/bin/sh", "-c", script)
		cmd.Stdout = os.Stdout
		c, err := start(cmd)
		if err != nil {
			return 1
		}
		<-c.Ended()
		_, _ = io.Copy(io.Discard, os.Stdin) // until killed
		return 0
	}
	if !strings.HasSuffix(script, "&") {
		return in(Start)
	}
	g, err := NewGroup()
	if err != nil {
		return 1
	}
	return in(g.Start)
}

func sh(script string) *exec.Cmd { return exec.Command("/bin/sh", "-c", script) }

func run(t *testing.T, cmd *exec.Cmd) *Child {
	t.Helper()
	c, err := Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Kill(); <-c.Ended() })
	return c
}

// TestEnd: how a program ends is known, once and to everybody.
func TestEnd(t *testing.T) {
	out := &Tail{Most: 100}
	cmd := sh("echo some words; echo and more >&2; exit 7")
	cmd.Stdout, cmd.Stderr = out, out
	c := run(t, cmd)
	var exit *exec.ExitError
	for range 2 {
		if err := c.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 7 || c.State().ExitCode() != 7 || !c.Gone() {
			t.Errorf("ended with %v; want exit status 7", err)
		}
	}
	if got := out.String(); got != "some words\nand more\n" {
		t.Errorf("output is %q; want all of it, as the program has ended", got)
	}
	if err := c.Signal(os.Interrupt); !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("signal to a program that is gone: %v; want that said", err)
	}
	c.Kill() // no harm
	if err := run(t, sh("exit 0")).Wait(); err != nil {
		t.Errorf("exit status 0 is %v; want no error", err)
	}
	if _, err := Start(exec.Command(filepath.Join(t.TempDir(), "none"))); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a program that is not there: %v; want that said", err)
	}
}

// member is the reading end of a pipe that some program and all it starts hold
// open. It ends when all of them are gone.
type member struct {
	t    *testing.T
	r, w *os.File
	in   *bufio.Reader
}

func newMember(t *testing.T) *member {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return &member{t, r, w, bufio.NewReader(r)}
}

// line returns what the program says next.
func (m *member) line() string {
	m.t.Helper()
	text, err := m.in.ReadString('\n')
	if err != nil {
		m.t.Fatal(err)
	}
	return strings.TrimSpace(text)
}

// allGone fails unless nobody holds the pipe open, soon.
func (m *member) allGone() {
	m.t.Helper()
	m.w.Close()
	if err := m.r.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		m.t.Fatal(err)
	}
	if rest, err := io.ReadAll(m.in); err != nil {
		m.t.Errorf("somebody is still there (%v), who said %q", err, rest)
	}
}

// TestKillTakesEverything: the program, its children, and theirs.
func TestKillTakesEverything(t *testing.T) {
	m := newMember(t)
	cmd := sh("(sh -c 'sleep 600 & wait' & wait) & echo ready; trap '' TERM INT; wait")
	cmd.Stdout = m.w
	c := run(t, cmd)
	if got := m.line(); got != "ready" {
		t.Fatalf("it said %q", got)
	}
	if group, err := syscall.Getpgid(c.PID()); group != c.PID() || err != nil {
		t.Errorf("the process group is %d (%v); want its own, %d", group, err, c.PID())
	}
	c.Kill()
	if err := c.Wait(); err == nil {
		t.Error("a killed program ended well")
	}
	m.allGone()
}

// TestNothingIsLeftBehind: a program that ends by itself takes what it started
// with it, where the system can tell.
func TestNothingIsLeftBehind(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Logf("%s cannot tell", runtime.GOOS)
		return
	}
	m := newMember(t)
	cmd := sh("sleep 600 & exit 3")
	cmd.Stdout = m.w
	if code := run(t, cmd).State().ExitCode(); code != 3 {
		t.Errorf("exit status is %d; want 3", code)
	}
	m.allGone()
}

func TestEndPolitely(t *testing.T) {
	m := newMember(t)
	cmd := sh("trap 'exit 0' TERM; echo ready; while :; do sleep 0.01; done")
	cmd.Stdout = m.w
	polite := run(t, cmd)
	m.line()
	if killed := polite.End(t.Context(), func() { _ = polite.Signal(syscall.SIGTERM) }, time.Hour); killed || polite.Wait() != nil {
		t.Errorf("a program that ends when it is asked was killed: %v", polite.Wait())
	}
	deaf := func() *Child {
		cmd := sh("trap '' TERM; echo ready; sleep 600")
		cmd.Stdout = m.w
		c := run(t, cmd)
		m.line()
		return c
	}
	c := deaf()
	if killed := c.End(t.Context(), func() { _ = c.Signal(syscall.SIGTERM) }, time.Millisecond); !killed || !c.Gone() {
		t.Error("a program that does not end when it is asked is left alone")
	}
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	if killed := deaf().End(impatient, func() {}, time.Hour); !killed {
		t.Error("nobody waits, and a program is not killed")
	}
}

// TestGroup: what a program leaves running goes on until the group ends.
func TestGroup(t *testing.T) {
	g, err := NewGroup()
	if err != nil {
		t.Fatal(err)
	}
	defer g.End()
	m := newMember(t)
	cmd := sh("{ read x; echo still here; sleep 600; } <fifo & echo started")
	cmd.Dir, cmd.Stdout = t.TempDir(), m.w
	fifo := filepath.Join(cmd.Dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := g.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Fatal(err)
	}
	if got := m.line(); got != "started" {
		t.Errorf("it said %q", got)
	}
	if err := os.WriteFile(fifo, []byte("go on\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := m.line(); got != "still here" {
		t.Errorf("it said %q; want what was left running", got)
	}
	g.End()
	g.End()
	m.allGone()
	if _, err := g.Start(sh("exit 0")); !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("start in a group that has ended: %v; want it refused", err)
	}
}

// TestParentIsKilled as the kernel or an impatient person would: neither a child
// nor what a child left in a group outlives it.
func TestParentIsKilled(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Logf("%s does not see to that", runtime.GOOS)
		return
	}
	for name, script := range map[string]string{"child": "echo ready; exec sleep 600", "left in a group": "{ echo ready; sleep 600; } &"} {
		t.Run(name, func(t *testing.T) {
			m := newMember(t)
			p := exec.CommandContext(t.Context(), os.Args[0])
			p.Env = append(os.Environ(), roleVariable+"="+script)
			p.Stdout = m.w
			in, err := p.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			if err := p.Start(); err != nil {
				t.Fatal(err)
			}
			m.line()
			if err := p.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = p.Wait()
			m.allGone()
		})
	}
}

func TestHeadAndTail(t *testing.T) {
	head, tail := &Head{Most: 5}, &Tail{Most: 5}
	if got := head.String() + tail.String(); got != "" {
		t.Errorf("nothing is %q", got)
	}
	for _, part := range []string{"ab", "", "c"} {
		for _, w := range []io.Writer{head, tail} {
			if n, err := io.WriteString(w, part); n != len(part) || err != nil {
				t.Errorf("wrote %d, %v; want all", n, err)
			}
		}
	}
	if head.String() != "abc" || tail.String() != "abc" {
		t.Errorf("kept %q and %q; want all of it", head, tail)
	}
	for i := range 3000 {
		_, _ = io.WriteString(head, strconv.Itoa(i)+" ")
		_, _ = io.WriteString(tail, "é\n"+strconv.Itoa(i))
	}
	if got := head.String(); got != "abc0 " {
		t.Errorf("head is %q; want the first 5 bytes", got)
	}
	if got := tail.String(); got != "… \n2999" {
		t.Errorf("tail is %q; want the last 5 bytes, and that there was more", got)
	}
	if got := tail.Line(); got != "… 2999" {
		t.Errorf("line is %q", got)
	}
	if cap(tail.kept) > 64 {
		t.Errorf("tail holds %d bytes; want it bounded", cap(tail.kept))
	}
}

// TestGroupIsNotEndedByWhatItIsAsked: a signal that can be ignored, at once after the group
// was opened, ends nobody who ignores it.
func TestGroupIsNotEndedByWhatItIsAsked(t *testing.T) {
	for range 20 {
		g, err := NewGroup()
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := g.Signal(syscall.SIGTERM); err != nil {
				t.Errorf("asked at once: %v", err)
			}
		}
		if c, err := g.Start(exec.Command("/bin/sh", "-c", "exit 3")); err != nil {
			t.Error(err)
		} else if code := c.State().ExitCode(); code != 3 {
			t.Errorf("a program in it ended with %d; want 3", code)
		}
		g.End()
		if err := g.Signal(syscall.SIGTERM); !errors.Is(err, os.ErrProcessDone) {
			t.Errorf("asked after its end: %v", err)
		}
	}
}
