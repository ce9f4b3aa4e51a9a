package bubble

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// parentVariable makes this program a parent of a deaf child, which connects to
// the socket that is its value.
const parentVariable = "BUBBLE_TEST_PARENT"

func parent(socket string) int {
	os.Unsetenv(parentVariable) // or the child would be one too
	if err := Run(context.Background(), nil, io.Discard, "deaf", socket); err != nil {
		return 1
	}
	return 0
}

// onWrite keeps what is written to it, and calls then each time.
type onWrite struct {
	kept bytes.Buffer
	then func()
}

func (w *onWrite) Write(p []byte) (int, error) {
	w.then()
	return w.kept.Write(p)
}

// TestContextTellsTheChild: what a child brings to an end when it is told to is
// no failure.
func TestContextTellsTheChild(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	out := &onWrite{then: cancel}
	if err := Run(ctx, []byte("something"), out, "obedient"); err != nil || out.kept.String() != "working, done" {
		t.Errorf("printed %q (%v); want all, and no error", out.kept.String(), err)
	}
}

func TestContextEndedBefore(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	cancel(why)
	if err := Run(ctx, nil, io.Discard, "obedient"); !errors.Is(err, why) {
		t.Errorf("error is %v; want %v", err, why)
	}
}

// TestContextKillsTheDeaf: a child that does not listen is killed after a while,
// and the error says why ctx ended.
func TestContextKillsTheDeaf(t *testing.T) {
	t.Parallel() // it takes all of endWithin
	socket, child := await(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	ended := make(chan error)
	go func() { ended <- Run(ctx, nil, io.Discard, "deaf", socket) }()
	conn := child()
	told := time.Now()
	cancel(why)
	if err := <-ended; !errors.Is(err, why) || time.Since(told) < endWithin {
		t.Errorf("ended after %v with %v; want %v later with %v", time.Since(told), err, endWithin, why)
	}
	gone(t, conn)
}

// TestInterruptIsIgnored: the parent decides.
func TestInterruptIsIgnored(t *testing.T) {
	if _, err := run(t, "", "interrupted"); err != nil {
		t.Error(err)
	}
}

// TestReceiveRefuses: a child that was not started by Run says so, and one whose
// parent ends in the midst of it.
func TestReceiveRefuses(t *testing.T) {
	var sent bytes.Buffer
	if err := send(&sent, []byte("all of it")); err != nil {
		t.Fatal(err)
	}
	for _, in := range []string{"", "{}", sent.String()[:sent.Len()-1]} {
		if _, err := receive(strings.NewReader(in)); err == nil {
			t.Errorf("%q was taken for input", in)
		}
	}
}

// await listens at a socket for one child that lingers.
func await(t *testing.T) (socket string, child func() net.Conn) {
	t.Helper()
	dir, err := os.MkdirTemp("", "bubble") // the test's own directory may be too long a name for a socket
	if err != nil {
		t.Fatal(err)
	}
	socket = filepath.Join(dir, "s")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close(); os.RemoveAll(dir) })
	return socket, func() net.Conn {
		conn, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return conn
	}
}

// gone fails unless the child at the other end is, or soon will be.
func gone(t *testing.T, conn net.Conn) {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the child is still there (%v)", err)
	}
}
