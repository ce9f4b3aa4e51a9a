package stamp

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pair is a watched connection and its other end.
func pair(t testing.TB) (near *Conn, far *net.TCPConn) {
	t.Helper()
	var w Witness
	w.Open()
	t.Cleanup(w.Close)
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp4", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	other, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	near, far = Of(Watch(c)), other.(*net.TCPConn)
	if near == nil {
		t.Fatal("a TCP connection is not watched")
	}
	t.Cleanup(func() { near.Close(); far.Close() })
	return near, far
}

// rest lets time go by, in which nothing is read.
func rest(d time.Duration) {
	for until := time.Now().Add(d); time.Now().Before(until); {
		runtime.Gosched()
	}
}

// TestTimes: an answer that nobody took for a while has the time at which it came,
// and a question that at which it was first written.
func TestTimes(t *testing.T) {
	near, far := pair(t)
	buf := make([]byte, 64)
	noted := 0
	for until := time.Now().Add(10 * time.Second); time.Now().Before(until); { // the kernel begins to note some time after it was asked to
		near.Begin()
		if now := near.Times(); !now.Asked.IsZero() || !now.Arrived.IsZero() {
			t.Fatalf("before anything was written there is %+v", now)
		}
		before := time.Now()
		_, _ = near.Write([]byte("question"))
		written := time.Now()
		rest(time.Millisecond)
		_, _ = near.Write([]byte("."))
		if n, err := io.ReadFull(far, buf[:9]); n != 9 || err != nil {
			t.Fatalf("%d bytes were written, %v", n, err)
		}
		_, _ = far.Write([]byte("answer"))
		sent := time.Now()
		rest(5 * time.Millisecond)
		if n, err := near.Read(buf); string(buf[:n]) != "answer" || err != nil {
			t.Fatalf("read %q, %v", buf[:n], err)
		}
		at := near.Times()
		if at.Asked.Before(before.Add(-time.Microsecond)) || at.Asked.After(written) {
			t.Fatalf("asked at %v; want between %v and %v", at.Asked, before, written)
		}
		if at.Arrived.IsZero() {
			continue
		}
		if at.Arrived.Before(written) || at.Arrived.After(sent.Add(time.Millisecond)) {
			t.Fatalf("arrived at %v; want before %v", at.Arrived, sent)
		}
		if noted++; noted == 3 {
			return
		}
	}
	t.Error("the kernel notes nothing")
}

// TestErrors are those of a connection that is not watched.
func TestErrors(t *testing.T) {
	read := func(do func(near *Conn, far *net.TCPConn)) error {
		near, far := pair(t)
		do(near, far)
		n, err := near.Read(make([]byte, 8))
		if n > 0 {
			t.Errorf("%d bytes beside %v", n, err)
		}
		return err
	}
	if err := read(func(_ *Conn, far *net.TCPConn) { far.Close() }); err != io.EOF {
		t.Errorf("at the end it says %v; want EOF itself", err)
	}
	if err := read(func(near *Conn, _ *net.TCPConn) { near.Close() }); !errors.Is(err, net.ErrClosed) || !strings.HasPrefix(err.Error(), "read tcp 127.0.0.1:") {
		t.Errorf("closed, it says %v", err)
	}
	err := read(func(near *Conn, _ *net.TCPConn) { near.SetReadDeadline(time.Now().Add(-time.Second)) })
	var timeout net.Error
	if !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("after its deadline it says %v", err)
	}
	err = read(func(_ *Conn, far *net.TCPConn) { far.SetLinger(0); far.Close() })
	if !errors.Is(err, syscall.ECONNRESET) || !strings.HasSuffix(err.Error(), ": read: connection reset by peer") {
		t.Errorf("reset, it says %v", err)
	}
	near, _ := pair(t)
	if n, err := near.Read(nil); n != 0 || err != nil {
		t.Errorf("reading nothing says %d, %v", n, err)
	}
}

// TestStreams: what is copied to and from a connection is the same.
func TestStreams(t *testing.T) {
	near, far := pair(t)
	near.Begin()
	long := strings.Repeat("0123456789", 1<<15)
	go func() {
		_, _ = io.Copy(far, far)
		_ = far.CloseWrite()
	}()
	go func() {
		_, _ = io.Copy(near, strings.NewReader(long))
		_ = near.CloseWrite()
	}()
	var back strings.Builder
	if n, err := io.Copy(&back, near); n != int64(len(long)) || err != nil || back.String() != long {
		t.Errorf("%d bytes came back, %v; want %d", n, err, len(long))
	}
	if near.Times().Asked.IsZero() {
		t.Error("what is copied is not noticed")
	}
}

func TestOf(t *testing.T) {
	near, _ := pair(t)
	if Of(near) != near || Of(tls.Client(near, &tls.Config{})) != near {
		t.Error("a watched connection is not found")
	}
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	if Watch(a) != a || Of(a) != nil || Of(nil) != nil || Of(tls.Client(a, &tls.Config{})) != nil {
		t.Error("what is no TCP connection is watched")
	}
}

// TestReadingCostsNothing: what is watched allocates no more than what is not.
func TestReadingCostsNothing(t *testing.T) {
	near, far := pair(t)
	buf, word := make([]byte, 8), []byte("answer")
	if n := testing.AllocsPerRun(100, func() {
		near.Begin()
		_, _ = near.Write(word)
		_, _ = far.Read(buf)
		_, _ = far.Write(word)
		_, _ = near.Read(buf)
	}); n > 0 {
		t.Errorf("a question and its answer allocate %v times; want 0", n)
	}
}

// TestOwn: of a call, what passes before its first byte is written and after the
// last of the answer came is the caller's own. To connect is not.
func TestOwn(t *testing.T) {
	const ms = time.Millisecond
	near, far := pair(t)
	buf := make([]byte, 8)
	ask := func(before, after time.Duration, fresh bool) time.Duration {
		c := NewCall()
		c.On(near, fresh)
		rest(before)
		_, _ = near.Write([]byte("?"))
		_, _ = far.Read(buf)
		_, _ = far.Write([]byte("!"))
		rest(after)
		if _, err := near.Read(buf); err != nil {
			t.Fatal(err)
		}
		own, watched := c.Own()
		if !watched {
			t.Fatal("the call is not watched")
		}
		return own
	}
	for until := time.Now().Add(10 * time.Second); ask(0, 0, false) == 0; { // the kernel begins to note some time after it was asked to
		if time.Now().After(until) {
			t.Fatal("nothing is noted")
		}
	}
	for _, tt := range []struct {
		before, after time.Duration
		fresh         bool
		least         time.Duration
	}{
		{20 * ms, 0, false, 20 * ms}, {0, 20 * ms, false, 20 * ms}, {20 * ms, 20 * ms, false, 40 * ms}, {20 * ms, 20 * ms, true, 20 * ms},
	} {
		if own := ask(tt.before, tt.after, tt.fresh); own < tt.least {
			t.Errorf("%v before and %v after, on a fresh connection %v: %v are its own; want at least %v", tt.before, tt.after, tt.fresh, own, tt.least)
		}
	}
	c := NewCall()
	c.On(near, false) // nothing is written or read
	if own, watched := c.Own(); own != 0 || !watched {
		t.Errorf("of a call without an answer %v are own, watched: %v", own, watched)
	}
	a, _ := net.Pipe()
	defer a.Close()
	c.On(a, false)
	if own, watched := c.Own(); own != 0 || watched {
		t.Errorf("of what is no TCP connection %v are own, watched: %v", own, watched)
	}
	if Since(Noted(nil)) != 0 || Since(Noted(make([]byte, Controls))) != 0 {
		t.Error("what is not noted is late")
	}
}
