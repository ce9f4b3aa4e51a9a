package bubble

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestMain is what a program that uses this package looks like: it asks first
// whether it was called.
func TestMain(m *testing.M) {
	if socket := os.Getenv(parentVariable); socket != "" {
		os.Exit(parent(socket))
	}
	if args, called := Called(); called {
		Main(func(in io.Reader, out io.Writer) int { return played(args, in, out) })
	}
	os.Exit(m.Run())
}

// played does, inside a bubble, what the tests ask of it.
func played(args []string, in io.Reader, out io.Writer) int {
	switch args[0] {
	case "arguments":
		fmt.Fprintf(out, "%q", args)
	case "epoch":
		fmt.Fprint(out, time.Now().Format(time.RFC3339Nano))
	case "copy":
		io.Copy(out, in)
	case "code":
		fmt.Fprintln(os.Stderr, "seven it is")
		return 7
	case "standard output":
		fmt.Print("printed")
	case "silent":
		return 3
	case "panic":
		panic("no way")
	case "goroutine panics":
		go panic("nor here")
		time.Sleep(time.Hour)
	case "deadlock":
		<-make(chan int)
	case "leftover":
		go func() { <-make(chan int) }()
		time.Sleep(time.Second)
	case "flood":
		io.Copy(os.Stderr, io.LimitReader(endless{}, 1<<20))
		return 1
	case "hour":
		fmt.Fprint(out, hour())
	case "obedient":
		fmt.Fprint(out, "working")
		for !in.(*Input).Stopped() {
			time.Sleep(time.Second)
		}
		fmt.Fprint(out, ", done")
	case "deaf":
		linger(args[1])
	case "interrupted":
		interruptMyself()
	}
	return 0
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// hour sleeps through one in 3,600 steps and says when the last was over and
// how far the clock stood from where it should at worst.
func hour() string {
	start, worst := time.Now(), time.Duration(0)
	for i := range 3600 {
		time.Sleep(time.Until(start.Add(time.Duration(i+1) * time.Second)))
		worst = max(worst, time.Since(start)-time.Duration(i+1)*time.Second)
	}
	return fmt.Sprint(time.Since(start), " ", worst)
}

// linger connects to a socket and waits until the other side hangs up, which in a
// bubble holds up the clock, and whatever else there may be to do.
func linger(socket string) {
	conn, err := net.Dial("unix", socket)
	if err != nil {
		panic(err)
	}
	io.Copy(io.Discard, conn)
}

// interruptMyself survives, or else ends the process.
func interruptMyself() {
	p, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = p.Signal(os.Interrupt)
	}
	if err != nil {
		panic(err)
	}
	time.Sleep(time.Second)
}

func run(t *testing.T, in string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := Run(t.Context(), []byte(in), &out, args...)
	return out.String(), err
}

// TestOutput: what comes back is what the child printed, to the byte.
func TestOutput(t *testing.T) {
	t.Setenv("GORACE", "atexit_sleep_ms=0") // or each child rests for a second under the race detector
	long := strings.Repeat("more than a pipe holds ", 10_000)
	for _, tt := range []struct {
		args     []string
		in, want string
	}{
		{args: []string{"arguments", "-test.run=none", "--", "-h", ""}, want: `["arguments" "-test.run=none" "--" "-h" ""]`},
		{args: []string{"epoch"}, want: "2000-01-01T00:00:00Z"},
		{args: []string{"copy"}, in: "some\x00thing\n", want: "some\x00thing\n"},
		{args: []string{"copy"}},
		{args: []string{"copy"}, in: long, want: long},
		{args: []string{"standard output"}, want: "printed"},
		{args: []string{"leftover"}},
		{args: []string{"hour"}, want: "1h0m0s 0s"},
	} {
		got, err := run(t, tt.in, tt.args...)
		if got != tt.want || err != nil {
			t.Errorf("%q printed %q (%v); want %q", tt.args, got, err, tt.want)
		}
	}
}

// TestFailure: how a child ended, and what it had to say, is the error.
func TestFailure(t *testing.T) {
	for _, tt := range []struct {
		arg  string
		code int
		want string
	}{
		{"code", 7, "seven it is"},
		{"silent", 3, "without a word"},
		{"panic", 2, "panic: no way"},
		{"goroutine panics", 2, "panic: nor here"},
		{"deadlock", 2, "deadlock: "},
		{"flood", 1, strings.Repeat("x", shown)},
	} {
		out, err := run(t, "", tt.arg)
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != tt.code || !strings.Contains(err.Error(), tt.want) || out != "" {
			t.Errorf("%s: error %v and output %q; want code %d, %q and no output", tt.arg, err, out, tt.code, tt.want)
		}
		if err != nil && (len(err.Error()) > shown+200 || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%s: the error is %d bytes long; want one line", tt.arg, len(err.Error()))
		}
	}
}

// TestForgottenMain: a program that does not ask whether it was called would
// start itself for ever.
func TestForgottenMain(t *testing.T) {
	all := os.Args
	defer func() { os.Args = all }()
	os.Args = []string{all[0], argument}
	if _, err := run(t, "", "epoch"); !errors.Is(err, errNested) {
		t.Errorf("a child that is not in a bubble started another: %v", err)
	}
}

func TestReason(t *testing.T) {
	for stderr, want := range map[string]string{
		"":           "",
		" a word \n": "a word",
		"log\npanic: x [recovered, repanicked]\n\ngoroutine": "panic: x",
		"fatal error: y": "fatal error: y",
		"no panic: here": "no panic: here",
	} {
		if got := reason(stderr); got != want {
			t.Errorf("reason(%q) = %q; want %q", stderr, got, want)
		}
	}
}
