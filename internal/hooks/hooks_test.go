//go:build unix

package hooks

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fcbench/fcbench/internal/dial"
	"github.com/fcbench/fcbench/internal/units"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// short is how long what hangs may hang.
const short = units.Duration(50 * time.Millisecond)

func newHooks(t *testing.T, c Config) *Hooks {
	t.Helper()
	d := Defaults()
	c.Timeout = d.Timeout
	if c.Ready.Within == 0 {
		c.Ready.Within = d.Ready.Within
	}
	c.Ready.Every = units.Duration(time.Millisecond)
	loopback, err := dial.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	h, err := New(c, loopback)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// log is a file that hooks write to.
type log struct {
	t    *testing.T
	path string
}

func newLog(t *testing.T) log { return log{t, filepath.Join(t.TempDir(), "log")} }

func (l log) says(word string) string { return fmt.Sprintf("echo %s >> %s", word, l.path) }

func (l log) want(words string) {
	l.t.Helper()
	text, err := os.ReadFile(l.path)
	if got := strings.Join(strings.Fields(string(text)), " "); got != words || err != nil {
		l.t.Errorf("what happened is %q, %v; want %q", got, err, words)
	}
}

// wantError is an error of a hook that says what.
func wantError(t *testing.T, err error, hook string, what ...string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Hook != hook {
		t.Errorf("error is %v; want one of %s", err, hook)
		return
	}
	for _, text := range what {
		if !strings.Contains(e.Error(), text) {
			t.Errorf("error is %q; want %q in it", e, text)
		}
	}
}

func TestOrder(t *testing.T) {
	l := newLog(t)
	h := newHooks(t, Config{
		Prepare: l.says("prepare"), Cleanup: l.says("cleanup"),
		Ready: Ready{Command: l.says("ready") + "; test $(grep -c ready " + l.path + ") = 3"},
	})
	err := h.Run(t.Context(), func(context.Context) error {
		l.want("prepare ready ready ready")
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if err := h.End(t.Context()); err != nil { // as an impatient person's second Ctrl-C
		t.Error(err)
	}
	l.want("prepare ready ready ready cleanup")
	if err := h.begin(t.Context()); err == nil {
		t.Error("hooks begin again after their end")
	}
}

func notRun(t *testing.T) func(context.Context) error {
	return func(context.Context) error { t.Error("the run was made"); return nil }
}

// TestCleanupComesWhatever happens before.
func TestCleanupComesWhatever(t *testing.T) {
	enough := errors.New("enough")
	for _, tt := range []struct {
		prepare string
		ready   Ready
		hook    string
		what    []string
	}{
		{"echo no luck; echo at all >&2; exit 3", Ready{}, "prepare", []string{"hook prepare: exit status 3; it printed:\nno luck\nat all"}},
		{"exit 4", Ready{}, "prepare", []string{"exit status 4; it printed nothing"}},
		{"/none/such", Ready{}, "prepare", []string{"exit status 127", "/none/such"}},
		{"kill -9 $$", Ready{}, "prepare", []string{"signal: killed"}},
		{"", Ready{Command: "exit 7", Within: short}, "ready", []string{"hook ready: not within 50ms, attempt "}},
		{"", Ready{Command: "sleep 600", Within: short}, "ready", []string{"not within 50ms, attempt "}},
	} {
		l := newLog(t)
		err := newHooks(t, Config{Prepare: tt.prepare, Ready: tt.ready, Cleanup: l.says("cleanup")}).Run(t.Context(), notRun(t))
		wantError(t, err, tt.hook, tt.what...)
		l.want("cleanup")
	}
	l := newLog(t)
	failing := func(context.Context) error { return enough }
	if err := newHooks(t, Config{Prepare: "true", Cleanup: l.says("cleanup")}).Run(t.Context(), failing); !errors.Is(err, enough) {
		t.Errorf("error is %v; want %v", err, enough)
	}
	func() {
		defer func() { _ = recover() }()
		_ = newHooks(t, Config{Cleanup: l.says("again")}).Run(t.Context(), func(context.Context) error { panic("dear me") })
	}()
	l.want("cleanup again")
}

func TestCleanupFails(t *testing.T) {
	enough := errors.New("enough")
	err := newHooks(t, Config{Cleanup: "echo no; exit 9"}).Run(t.Context(), func(context.Context) error { return enough })
	wantError(t, err, "cleanup", "exit status 9", "no")
	if !errors.Is(err, enough) {
		t.Errorf("error is %v; want that of the run too", err)
	}
}

// witness is a pipe by name that hooks talk into, and hold open while they or
// what they started run.
type witness struct {
	t    *testing.T
	path string
	in   *bufio.Reader
	file *os.File
}

func newWitness(t *testing.T) *witness {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return &witness{t: t, path: path}
}

// line returns what a hook says next, once one is there.
func (w *witness) line() string {
	w.t.Helper()
	if w.file == nil {
		f, err := os.Open(w.path)
		if err != nil {
			w.t.Fatal(err)
		}
		w.file, w.in = f, bufio.NewReader(f)
		w.t.Cleanup(func() { f.Close() })
	}
	text, err := w.in.ReadString('\n')
	if err != nil {
		w.t.Error(err)
	}
	return strings.TrimSpace(text)
}

// allGone fails unless nobody holds the pipe open, soon.
func (w *witness) allGone() {
	w.t.Helper()
	if err := w.file.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		w.t.Fatal(err)
	}
	if rest, err := io.ReadAll(w.in); err != nil {
		w.t.Errorf("somebody is still there (%v), who said %q", err, rest)
	}
}

// hangs are commands that never end, and do not want to.
func (w *witness) hangs() string {
	return "echo thinking; exec 3>" + w.path + "; trap '' TERM INT HUP; (sleep 600 & wait) & echo there >&3; sleep 600; sleep 600"
}

// TestBound: what takes too long is killed, whatever it wants.
func TestBound(t *testing.T) {
	const hangs = "trap '' TERM INT HUP; sleep 600 & sleep 600; sleep 600"
	h := newHooks(t, Config{Prepare: hangs, Cleanup: hangs})
	h.config.Timeout = short
	wantError(t, h.begin(t.Context()), "prepare", "it did not end within 50ms, and was killed")
	wantError(t, h.End(t.Context()), "cleanup", "it did not end within 50ms, and was killed")
	if err := h.End(t.Context()); err != nil {
		t.Errorf("the end after the end: %v; want nothing, for it has been said", err)
	}
}

// TestInterrupted: Ctrl-C ends what hangs with everything that it started, and
// cleanup comes anyway; that ends when nobody waits for it any more.
func TestInterrupted(t *testing.T) {
	stop := errors.New("interrupted")
	for hook, config := range map[string]func(w *witness) Config{
		"prepare": func(w *witness) Config { return Config{Prepare: w.hangs()} },
		"ready":   func(w *witness) Config { return Config{Ready: Ready{Command: w.hangs()}} },
		"cleanup": func(w *witness) Config { return Config{Cleanup: w.hangs()} },
	} {
		w, l := newWitness(t), newLog(t)
		c := config(w)
		if hook != "cleanup" {
			c.Cleanup = l.says("cleanup")
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() { w.line(); cancel(stop) }()
		h := newHooks(t, c)
		err := h.begin(ctx)
		if hook == "cleanup" {
			err = h.End(ctx)
		}
		wantError(t, err, hook, "interrupted", "thinking")
		if !errors.Is(err, stop) {
			t.Errorf("error is %v; want the cause", err)
		}
		w.allGone()
		if hook != "cleanup" {
			if err := h.End(context.WithoutCancel(ctx)); err != nil {
				t.Error(err)
			}
			l.want("cleanup")
		}
	}
}

// TestServerInTheBackground: what prepare leaves running is there for the run and
// for cleanup, can go on printing, and is gone afterwards.
func TestServerInTheBackground(t *testing.T) {
	w, l := newWitness(t), newLog(t)
	order, bye := filepath.Join(t.TempDir(), "order"), filepath.Join(t.TempDir(), "bye")
	if err := errors.Join(syscall.Mkfifo(order, 0o600), syscall.Mkfifo(bye, 0o600)); err != nil {
		t.Fatal(err)
	}
	server := fmt.Sprintf("{ exec 3>%s; read x <%s; echo serving; echo serving >&3; read x <%s; exec sleep 600; } &", w.path, order, bye)
	h := newHooks(t, Config{Prepare: server, Cleanup: "echo bye >" + bye + " && " + l.says("told")})
	err := h.Run(t.Context(), func(context.Context) error {
		go func() { _ = os.WriteFile(order, []byte("go\n"), 0o600) }()
		if got := w.line(); got != "serving" {
			t.Errorf("it said %q", got)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	l.want("told")
	w.allGone()
}

// TestWhatPrepareLeftIsShown where the target does not become ready.
func TestWhatPrepareLeftIsShown(t *testing.T) {
	stop := errors.New("enough")
	w := newWitness(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() { w.line(); cancel(stop) }()
	flag := filepath.Join(t.TempDir(), "flag")
	h := newHooks(t, Config{
		Prepare: "{ echo the port is taken; echo >" + flag + "; exec sleep 600; } & echo starting",
		Ready:   Ready{Command: "echo not yet; until test -s " + flag + "; do :; done; exec 3>" + w.path + "; echo asked >&3; sleep 600"},
	})
	wantError(t, h.Run(ctx, notRun(t)), "ready", "not yet", "starting", "the port is taken")
}

// TestOutputIsBounded: of a hook that prints without end the last is kept.
func TestOutputIsBounded(t *testing.T) {
	err := newHooks(t, Config{Prepare: "head -c 10000000 /dev/zero | tr '\\0' x; echo the end; exit 1"}).Run(t.Context(), notRun(t))
	wantError(t, err, "prepare", "xxx", "the end")
	if n := len(err.Error()); n > shown+200 {
		t.Errorf("error is %d bytes long; want the last %d", n, shown)
	}
}
