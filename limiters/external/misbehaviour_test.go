package external

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
)

// TestOpenFails: a program that cannot be what it should be is an error at
// once, and leaves nothing behind.
func TestOpenFails(t *testing.T) {
	for _, tt := range []struct {
		words []string
		want  string
	}{
		{[]string{"die at once"}, "it ended, or closed its output (exit status 3); it complained: no ideas"},
		{[]string{"say", `nonsense`}, `hello is "nonsense": want one JSON object`},
		{[]string{"say", `{}`}, `hello is "{}": hello is missing; want "fcbench.limiter/v1"`},
		{[]string{"say", `{"hello":"fcbench.limiter/v2"}`}, `want "fcbench.limiter/v1"`},
		{[]string{"say", `{"hello":"fcbench.limiter/v1","algorithm":"fixed-window"}`}, `its algorithm is "fixed-window"; want gcra`},
		{[]string{"say", `{"hello":"fcbench.limiter/v1","time":"sun"}`}, `want "argument" or "clock"`},
		{[]string{"say", `{"hello":"fcbench.limiter/v1","windows":"midnight"}`}, `windows" is "\"midnight\""; want "start", "epoch" or "first"`},
		{[]string{"say", `{"hello":"fcbench.limiter/v1","windows":"first"}`}, `its windows begin at its first; want none of gcra, which has none`},
		{[]string{"say", `{"hello":"fcbench.limiter/v1","lacks":"peek"}`}, `want a list of text`},
		{[]string{"say", `{"hello":"fcbench.limiter/v1","color":1}`}, `no such member`},
		{[]string{"say", `{"error":"burst must be below 3"}`}, `it cannot do that: "burst must be below 3"`},
		{[]string{"say at once", hi, `{"allowed":true}`}, `it went on with "{\"allowed\":true}`},
	} {
		l, err := New(config("gcra", tt.words...))
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Open(t.Context()); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v; want %s", tt.words, err, tt.want)
		}
		if _, err := l.Allow(t.Context(), 0, "k", 1); err == nil || !strings.Contains(err.Error(), "not open") {
			t.Errorf("%q: Allow after a failed Open: %v", tt.words, err)
		}
		if err := l.Close(t.Context()); err != nil {
			t.Errorf("%q: Close: %v", tt.words, err)
		}
	}
}

func TestOpenNeedsAProgram(t *testing.T) {
	c := config("gcra")
	c.Command = filepath.Join(t.TempDir(), "nothing")
	l, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Open(t.Context()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Open is %v; want that there is no such file", err)
	}
}

// TestOpenEndsWithItsContext: a program that says no hello is killed.
func TestOpenEndsWithItsContext(t *testing.T) {
	l, err := New(config("gcra", "mute"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := l.Open(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Open is %v; want the end of the context", err)
	}
}

// TestMisbehaviour: whatever a program does instead of answering, the call is an
// error that says so, every later call is too, and so is the end.
func TestMisbehaviour(t *testing.T) {
	for _, tt := range []struct {
		words []string
		want  string
	}{
		{[]string{"die"}, "exit status 3); it complained: out of ideas"},
		{[]string{"babble"}, "want at most 65536 bytes"},
		{[]string{"half a line"}, `in the midst of a line: "{\"allowed\":" (exit status 0)`},
		{[]string{"hang"}, "it did not answer within 200ms"},
		{[]string{"say", hi, ""}, `answer is "": want one JSON object`},
		{[]string{"say", hi, "yes"}, "want one JSON object"},
		{[]string{"say", hi, "[]"}, "want one JSON object"},
		{[]string{"say", hi, "{}"}, "allowed is missing"},
		{[]string{"say", hi, `{"allowed":1}`}, `"allowed" is "1"; want true or false`},
		{[]string{"say", hi, `{"allowed":NaN}`}, `want true or false`},
		{[]string{"say", hi, `{"allowed":null}`}, `want true or false`},
		{[]string{"say", hi, `{"allowed":true,"allowed":false}`}, `comes twice`},
		{[]string{"say", hi, `{"allowed":true,"remaining":-1}`}, `want a whole number`},
		{[]string{"say", hi, `{"allowed":true,"remaining":1.5}`}, `want a whole number`},
		{[]string{"say", hi, `{"allowed":true,"remaining":NaN}`}, `want a whole number`},
		{[]string{"say", hi, `{"allowed":false,"retry_after_ns":9223372036854775808}`}, `want a whole number`},
		{[]string{"say", hi, `{"allowed":true,"retry_after_ns":1}`}, `want 0 or none`},
		{[]string{"say", hi, `{"allowed":true,"delay_ns":1}`}, `makes nobody wait`},
		{[]string{"say", hi, `{"allowed":true} {"allowed":true}`}, `want the end of the line`},
		{[]string{"say", hi, `{"allowed":true,"ok":1}`}, `no such member`},
		{[]string{"say", hi, `{"allowed":true,"error":"no"}`}, `want one of them`},
		{[]string{"say", hi, "{\"allowed\":true}\n{\"allowed\":true}"}, `it went on with`},
	} {
		c := config("gcra", tt.words...)
		if tt.words[0] == "hang" {
			c.Timeout = units.Duration(200 * time.Millisecond)
		}
		l := opened(t, c)
		for call := range 3 {
			d, err := l.Allow(t.Context(), 0, "k", 1)
			if err == nil || !strings.Contains(err.Error(), tt.want) || d != (limiters.Decision{}) {
				t.Errorf("%q, call %d: %+v, %v; want an error with %s", tt.words, call, d, err, tt.want)
			}
		}
		if err := l.Close(t.Context()); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: Close: %v; want an error with %s", tt.words, err, tt.want)
		}
	}
}

// TestStandardErrorFlood: what nobody reads holds up nobody.
func TestStandardErrorFlood(t *testing.T) {
	l := opened(t, config("gcra", "complain"))
	if d, err := l.Allow(t.Context(), 0, "k", 1); !d.Allowed || err != nil {
		t.Errorf("%+v, %v; want a grant", d, err)
	}
	if err := l.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestLeavingCaller: an answer that nobody waits for would be taken for the
// next one, so the program is killed. Its caller sees the end of its own
// context, later ones do not. One that waits for its turn just goes.
func TestLeavingCaller(t *testing.T) {
	l := opened(t, config("gcra", "hang"))
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := l.Allow(ctx, 0, "k", 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v; want the end of the context", err)
	}
	_, err := l.Allow(t.Context(), 0, "k", 1)
	if err == nil || errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "a caller left") {
		t.Errorf("later: %v; want that a caller left, and not the end of this context", err)
	}
	idle := opened(t, config("gcra", "gcra"))
	idle.turn <- struct{}{}
	ctx, cancel = context.WithCancel(t.Context())
	cancel()
	if _, err := idle.Allow(ctx, 0, "k", 1); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting for its turn: %v; want the end of the context", err)
	}
	<-idle.turn
	if d, err := idle.Allow(t.Context(), 0, "k", 1); !d.Allowed || err != nil {
		t.Errorf("afterwards: %+v, %v; want a grant", d, err)
	}
}

func TestClose(t *testing.T) {
	goesOn := func() error { return opened(t, config("gcra", "last words")).Close(t.Context()) }
	err := goesOn()
	for tries := 1; err == nil && tries < 20; tries++ { // on a busy machine it may have been killed before
		err = goesOn()
	}
	if err == nil || !strings.Contains(err.Error(), "and another thing") {
		t.Errorf("a program that goes on: %v", err)
	}
	l := opened(t, config("gcra", "hang")) // deaf: killed, and nobody minds
	if err := l.Close(t.Context()); err != nil {
		t.Errorf("a program that does not end: %v", err)
	}
	if _, err := l.Allow(t.Context(), 0, "k", 1); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("Allow after Close: %v", err)
	}
	if err := l.Close(t.Context()); err != nil {
		t.Errorf("Close after Close: %v", err)
	}
}

// TestNothingIsLeft: however a program ends, its process is reaped and no
// goroutine and no open file stays behind.
func TestNothingIsLeft(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the list of open files is read from /proc, which only Linux has")
	}
	files, routines := openFiles(t), runtime.NumGoroutine()
	for _, words := range [][]string{
		{"gcra"}, {"die"}, {"babble"}, {"hang"}, {"half a line"}, {"last words"}, {"die at once"},
	} {
		c := config("gcra", words...)
		c.Timeout = units.Duration(50 * time.Millisecond)
		l, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		if l.Open(t.Context()) == nil {
			l.Allow(t.Context(), 0, "k", 1)
			pid := l.process.PID()
			l.Close(t.Context())
			if _, err := os.Stat(fmt.Sprint("/proc/", pid)); err == nil {
				t.Errorf("%q: process %d is still there", words, pid)
			}
		}
	}
	soon(func() bool { return runtime.NumGoroutine() <= routines }) // one that has done its last may not be gone yet
	if got := openFiles(t); got != files || runtime.NumGoroutine() > routines {
		t.Errorf("%d open files and %d goroutines; want %d and %d as before", got, runtime.NumGoroutine(), files, routines)
	}
}

// TestNoOrphan: a program that hangs is killed with what it started.
func TestNoOrphan(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the state of a process is read from /proc, which only Linux has")
	}
	c := config("gcra")
	c.Command = `sh -c "` + command("hang") + `; true"`
	c.Timeout = units.Duration(50 * time.Millisecond)
	_, err := opened(t, c).Allow(t.Context(), 0, "k", 1)
	if err == nil {
		t.Fatal("a program that hangs has answered")
	}
	_, pid, _ := strings.Cut(err.Error(), "process ")
	gone := soon(func() bool { // a signal takes a moment
		stat, err := os.ReadFile("/proc/" + pid + "/stat")
		return err != nil || strings.Contains(string(stat), ") Z ")
	})
	if !gone {
		t.Errorf("process %s is still there after: %v", pid, err)
	}
}

// soon reports whether something comes about, for which a busy machine has a minute.
func soon(about func() bool) bool {
	for over := time.Now().Add(time.Minute); time.Now().Before(over); runtime.Gosched() {
		if about() {
			return true
		}
	}
	return about()
}

func openFiles(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(slices.DeleteFunc(all, func(e os.DirEntry) bool { // the runtime's own poller stays
		to, _ := os.Readlink("/proc/self/fd/" + e.Name())
		return strings.HasPrefix(to, "anon_inode:")
	}))
}
