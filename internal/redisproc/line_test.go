package redisproc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/internal/redistest"
	"github.com/redis/go-redis/v9"
)

// far is a server in memory that a test can close, open and listen to.
type far struct {
	mu    sync.Mutex
	down  bool
	conns []net.Conn
	dials int
}

func (f *far) dial(context.Context, string, string) (net.Conn, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dials++
	if f.down {
		return nil, errors.New("nobody is there")
	}
	near, end := net.Pipe()
	f.conns = append(f.conns, end)
	go func() { // echoes
		_, _ = io.Copy(end, end)
		end.Close()
	}()
	return near, nil
}

// reset closes what is open.
func (f *far) reset(down bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down = down
	for _, conn := range f.conns {
		conn.Close()
	}
	f.conns = nil
}

func newLine(t *testing.T, w *wire, dial dialFunc) *line {
	t.Helper()
	conn, err := w.over(dial)(t.Context(), "tcp", "x:1")
	if err != nil {
		t.Fatalf("a line cannot fail to be made: %v", err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn.(*line)
}

func newWire() *wire { return &wire{timeout: time.Second, delay: new(atomic.Int64)} }

// echo sends text on l and wants it back.
func echo(l *line, text string) error {
	if _, err := io.WriteString(l, text); err != nil {
		return err
	}
	got := make([]byte, len(text))
	if _, err := io.ReadFull(l, got); err != nil {
		return err
	}
	if string(got) != text {
		return fmt.Errorf("echo of %q is %q", text, got)
	}
	return nil
}

func TestLineConnectsWhenItIsUsed(t *testing.T) {
	f := &far{down: true}
	l := newLine(t, newWire(), f.dial)
	if err := echo(l, "a"); err == nil || !strings.Contains(err.Error(), "nobody is there") || errors.Is(err, errUnsent) {
		t.Errorf("with nobody there: %v; want the reason", err)
	}
	if l.RemoteAddr().String() != "not connected" || l.LocalAddr().Network() != "none" {
		t.Errorf("line goes from %v to %v; want nowhere", l.LocalAddr(), l.RemoteAddr())
	}
	f.reset(false)
	if err := echo(l, "b"); err != nil {
		t.Errorf("with somebody there: %v", err)
	}
	if f.dials != 3 {
		t.Errorf("%d dials; want one to begin with and one per command", f.dials)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := echo(l, "c"); err == nil {
		t.Error("a closed line works")
	}
}

func TestLineClosedBeforeItConnects(t *testing.T) {
	f := &far{down: true}
	l := newLine(t, newWire(), f.dial)
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	f.reset(false)
	if err := echo(l, "a"); !errors.Is(err, net.ErrClosed) || f.dials != 1 {
		t.Errorf("a closed line says %v after %d dials; want it closed and left so", err, f.dials)
	}
}

// TestLineTellsWhatWasNotSent: a whole command that met a closed connection was
// not sent; the rest of one was begun, and a reply that does not come was asked for.
func TestLineTellsWhatWasNotSent(t *testing.T) {
	f := &far{}
	w := newWire()
	l := newLine(t, w, f.dial)
	if err := echo(l, "a"); err != nil {
		t.Fatal(err)
	}
	f.reset(false)
	if err := echo(l, "b"); !errors.Is(err, errUnsent) {
		t.Errorf("a command on a closed connection: %v; want %v", err, errUnsent)
	}
	if w.breaks.Load() != 1 {
		t.Errorf("%d breaks are known; want 1", w.breaks.Load())
	}
	l = newLine(t, w, f.dial)
	if _, err := io.WriteString(l, "a"); err != nil {
		t.Fatal(err)
	}
	f.reset(false)
	if _, err := io.WriteString(l, "b"); err == nil || errors.Is(err, errUnsent) {
		t.Errorf("the second half of a command: %v; want an error, and not that it was not sent", err)
	}
	if _, err := l.Read(make([]byte, 1)); err == nil || errors.Is(err, errUnsent) {
		t.Errorf("the reply: %v; want an error, and not that nothing was sent", err)
	}
}

// TestLinesLookAtThemselves uses real sockets, where a write to a closed
// connection may well succeed.
func TestLinesLookAtThemselves(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	accept := func() net.Conn {
		conn, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		go func() { _, _ = io.Copy(conn, conn) }()
		return conn
	}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", l.Addr().String())
	}
	w := newWire()
	used, fresh := newLine(t, w, dial), newLine(t, w, dial)
	usedEnd, freshEnd := accept(), accept()
	if err := echo(used, "a"); err != nil {
		t.Fatal(err)
	}
	w.breaks.Add(1)
	if err := echo(used, "b"); err != nil {
		t.Errorf("after another line broke: %v", err)
	}
	usedEnd.Close()
	freshEnd.Close()
	redistest.Wait(t, "the end of the connections", func() bool { return !alive(*used.conn.Load()) && !alive(*fresh.conn.Load()) })
	w.breaks.Add(1)
	if err := echo(used, "c"); !errors.Is(err, errUnsent) {
		t.Errorf("a line that is down: %v; want %v", err, errUnsent)
	}
	done := make(chan error)
	go func() { done <- echo(fresh, "d") }()
	defer accept().Close()
	if err := <-done; err != nil {
		t.Errorf("a line that is down and was never used: %v; want it connected again", err)
	}
}

func TestLineDelaysReplies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &far{}
		w := newWire()
		l := newLine(t, w, f.dial)
		took := func(f func() error) (time.Duration, error) {
			began := time.Now()
			err := f()
			return time.Since(began), err
		}
		w.delay.Store(int64(30 * time.Millisecond))
		if d, err := took(func() error { return echo(l, "several bytes of one reply") }); d != 30*time.Millisecond || err != nil {
			t.Errorf("a command took %v, %v; want 30ms", d, err)
		}
		if err := l.SetDeadline(time.Now().Add(10 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if d, err := took(func() error { return echo(l, "x") }); d != 10*time.Millisecond || !isTimeout(err) {
			t.Errorf("a command with 10ms of time took %v, %v; want a timeout then", d, err)
		}
		w.delay.Store(0)
		l = newLine(t, w, f.dial)
		if d, err := took(func() error { return echo(l, "x") }); d != 0 || err != nil {
			t.Errorf("a command took %v, %v; want no delay any more", d, err)
		}
		f.reset(true)
	})
}

func TestResendGivesUp(t *testing.T) {
	hook := resend{times: 3}
	calls := 0
	process := hook.ProcessHook(func(context.Context, redis.Cmder) error { calls++; return errUnsent })
	if err := process(t.Context(), nil); !errors.Is(err, errUnsent) || calls != 4 {
		t.Errorf("%d attempts, %v; want 4 and the error", calls, err)
	}
	calls = 0
	cmd := redis.NewIntCmd(t.Context(), "incr", "k")
	pipeline := hook.ProcessPipelineHook(func(_ context.Context, cmds []redis.Cmder) error {
		if calls++; calls < 2 {
			cmds[0].SetErr(errUnsent)
			return fmt.Errorf("pipeline: %w", errUnsent)
		}
		return nil
	})
	if err := pipeline(t.Context(), []redis.Cmder{cmd}); err != nil || cmd.Err() != nil || calls != 2 {
		t.Errorf("%d attempts, %v, %v; want 2 and no error left", calls, err, cmd.Err())
	}
}
