package echo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if Called() {
		if err := Main(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// start starts a peer, nil where the system does not tell when datagrams arrive.
func start(t *testing.T) *Peer {
	t.Helper()
	t.Setenv("GORACE", "atexit_sleep_ms=0") // or each peer rests for a second under the race detector
	p, err := Start(t.Context())
	if runtime.GOOS != "linux" {
		if !errors.Is(err, ErrUnknown) {
			t.Errorf("error is %v; want %v", err, ErrUnknown)
		}
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// reading starts a peer and one of its readers, nil where there is none.
func reading(t *testing.T) (*Peer, *Reader) {
	t.Helper()
	p := start(t)
	if p == nil {
		return nil, nil
	}
	r, err := p.Reader()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return p, r
}

// within is how long a test waits for an answer.
func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// TestLateness: an answer is taken after it has arrived, by either reader, and
// one that was kept waiting is known to have been.
func TestLateness(t *testing.T) {
	p, r := reading(t)
	if p == nil {
		return
	}
	ctx := within(t)
	for range 20 {
		if late, err := r.Ask(ctx); err != nil || late <= 0 || late > 10*time.Second {
			t.Errorf("an answer is taken %v late, %v; want a little", late, err)
		}
	}
	late, err := p.Blocking(20, time.Microsecond, 20*time.Second)
	if len(late) != 20 || err != nil {
		t.Errorf("a blocking reader took %d answers, %v; want 20", len(late), err)
	}
	for _, d := range late {
		if d <= 0 || d > 10*time.Second {
			t.Errorf("an answer is taken %v late; want a little", d)
		}
	}
}

// TestKeptWaiting sends a datagram and takes it when it has been there for a
// while, which must show.
func TestKeptWaiting(t *testing.T) {
	if start(t) == nil {
		return
	}
	a, err := newWitness(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	before := time.Now()
	if _, err := a.WriteTo([]byte("x"), a.LocalAddr()); err != nil {
		t.Fatal(err)
	}
	sent := time.Now()
	for time.Since(sent) < 5*time.Millisecond {
	}
	var buf [longest]byte
	var oob [controls]byte
	_, n, _, _, err := a.ReadMsgUDPAddrPort(buf[:], oob[:])
	if err != nil {
		t.Fatal(err)
	}
	arrived, err := noted(oob[:n])
	if err != nil || arrived.Before(before.Add(-time.Millisecond)) || arrived.After(sent.Add(time.Millisecond)) {
		t.Errorf("it arrived at %v, %v; want between %v and %v", arrived, err, before, sent)
	}
	for _, control := range [][]byte{nil, oob[:n-1], make([]byte, n)} {
		if _, err := noted(control); !errors.Is(err, ErrUnknown) {
			t.Errorf("%d bytes of control: %v; want %v", len(control), err, ErrUnknown)
		}
	}
}

// TestAnswersOfEarlierQuestions are passed over.
func TestAnswersOfEarlierQuestions(t *testing.T) {
	_, r := reading(t)
	if r == nil {
		return
	}
	gone, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	for range 3 {
		if _, err := r.Ask(gone); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("error is %v of a question without time; want that", err)
		}
	}
	if _, err := r.Ask(within(t)); err != nil {
		t.Errorf("a question after some without time: %v", err)
	}
}

func TestPeerEnds(t *testing.T) {
	p := start(t)
	if p == nil {
		return
	}
	p.Close()
	if err := p.service.Wait(); err != nil {
		t.Errorf("it ended with %v; want it to end by itself", err)
	}
	all := os.Args
	defer func() { os.Args = all }()
	os.Args = []string{all[0], argument}
	if _, err := Start(t.Context()); err == nil {
		t.Error("an echo started another")
	}
}

func TestMainSaysWhere(t *testing.T) {
	r, w := io.Pipe()
	var out strings.Builder
	w.Close()
	if err := Main(r, &out); err != nil || !strings.HasPrefix(out.String(), "127.0.0.1:") {
		t.Errorf("it said %q, %v; want an address", out.String(), err)
	}
	if err := Main(r, broken{}); err == nil {
		t.Error("nobody heard where it is, and it goes on")
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
