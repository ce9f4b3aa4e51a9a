package wire_test

import (
	"context"
	"io"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/wire"
)

// local is an event loop and the service it asks, at a socket of the file system, both
// driven by the test.
type local struct {
	*testing.T
	targets.Async
	env      targets.Env
	listener net.Listener
	service  net.Conn
	answered []targets.Response // by token
	on       func(token uint32) // is told of answers
}

// newLocal is one of one connection that carries so many requests.
func newLocal(t *testing.T, depth, inFlight int) *local {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	l := &local{T: t, listener: listener, env: real(inFlight), answered: make([]targets.Response, inFlight), on: func(uint32) {}}
	service := wire.NewService(pings{}, wire.Options{Network: "unix", Address: path, Engine: wire.Event, Connections: 1, Depth: depth})
	if l.Async, err = service.Lane(t.Context(), l.env, 0, 1); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = l.Close(context.Background()), listener.Close()
		if l.service != nil {
			_ = l.service.Close()
		}
	})
	return l
}

func (l *local) done(token uint32, _ time.Duration, r *targets.Response) {
	l.answered[token] = *r
	l.on(token)
}

// start sends requests of a size.
func (l *local) start(size int, tokens ...uint32) {
	for _, token := range tokens {
		now := l.env.Clock()
		l.Start(now, &targets.Request{Token: token, Now: now, Deadline: now + within, Size: size}, l.done)
	}
}

// poll looks once, for a moment at most.
func (l *local) poll() {
	now := l.env.Clock()
	l.Poll(now, now+time.Millisecond, l.done)
}

// accept has the first requests sent and takes so many of them.
func (l *local) accept(n int) {
	l.Helper()
	l.poll() // it is connected
	l.poll() // what was gathered is sent
	var err error
	if l.service, err = l.listener.Accept(); err != nil {
		l.Fatal(err)
	}
	l.take(n)
}

// take reads so many requests.
func (l *local) take(n int) {
	l.Helper()
	_ = l.service.SetDeadline(time.Now().Add(within))
	if _, err := io.ReadFull(l.service, make([]byte, n*len("PING\r\n"))); err != nil {
		l.Fatal(err)
	}
}

// say answers.
func (l *local) say(text string) {
	l.Helper()
	if _, err := io.WriteString(l.service, text); err != nil {
		l.Fatal(err)
	}
}

// TestReadingIsNoNews: that a service on this machine has read a request wakes nobody.
func TestReadingIsNoNews(t *testing.T) {
	for _, depth := range []int{1, 2} {
		l := newLocal(t, depth, 1)
		l.start(0, 0)
		l.accept(1)
		until := l.env.Clock() + 5*time.Millisecond
		if now := l.Poll(l.env.Clock(), until, l.done); now < until {
			t.Errorf("at depth %d the wait for an answer ends %v early", depth, until-now)
		}
		l.say("+PONG\r\n")
		if l.poll(); l.answered[0].Outcome != results.OK {
			t.Errorf("at depth %d the answer is %+v", depth, l.answered[0])
		}
	}
}

// TestLargeToLocal: what a socket of this machine has no room for is sent when it has,
// as often as that happens.
func TestLargeToLocal(t *testing.T) {
	const size = 3 << 20
	l := newLocal(t, 1, 1)
	for round := range 3 {
		l.answered[0] = targets.Response{Outcome: results.Failed}
		l.start(size, 0)
		if round == 0 {
			l.accept(0)
		}
		read := make(chan error, 1)
		go func() {
			_ = l.service.SetDeadline(time.Now().Add(within))
			_, err := io.CopyN(io.Discard, l.service, int64(len("PING\r\n")+size))
			read <- err
			_, _ = io.WriteString(l.service, "+PONG\r\n")
		}()
		for end := l.env.Clock() + within; l.answered[0].Outcome != results.OK; l.poll() {
			if l.env.Clock() > end {
				t.Fatalf("round %d: not answered: %+v", round, l.answered[0])
			}
		}
		if err := <-read; err != nil {
			t.Fatal(err)
		}
	}
}

// TestBrokenWhileRead: what a connection received before it broke is read in order, and
// once. Here it breaks under the second request, after the answer to the first, which
// came in pieces and filled what is read at once, and before an error.
func TestBrokenWhileRead(t *testing.T) {
	const atOnce, length = 64 << 10, "65527\r\n"
	l := newLocal(t, 1, 2)
	l.start(0, 0, 1)
	l.accept(1)
	l.say("$")
	l.poll()
	l.say(length + strings.Repeat("x", atOnce-len(length)-len("\r\n")) + "\r\n")
	l.say("-ERR full\r\n")
	l.on = func(token uint32) {
		if token == 0 {
			_ = l.service.Close()
		}
	}
	l.poll()
	if r := l.answered[0]; r.Outcome != results.OK {
		t.Errorf("the first answer is %+v; want it ok", r)
	}
	if r := l.answered[1]; r.Outcome != results.Failed || r.Cause != "ERR full" {
		t.Errorf("the second answer is %+v; want the error that came in its place", r)
	}
}

// TestMoreThanAsked: what comes beyond the answers to what was sent is no answer to what
// was not.
func TestMoreThanAsked(t *testing.T) {
	l := newLocal(t, 2, 3)
	l.start(0, 0, 1, 2)
	l.accept(2)
	l.say("+A\r\n+B\r\n+C\r\n")
	l.poll()
	for token, want := range []results.Outcome{results.OK, results.OK, results.Failed} {
		if r := l.answered[token]; r.Outcome != want {
			t.Errorf("request %d is %+v; want %v", token, r, want)
		}
	}
}

// TestTooLateToSend: a request whose caller has left while it waited for a connection is
// not sent when there is one, and the connection is there for others.
func TestTooLateToSend(t *testing.T) {
	l := newLocal(t, 1, 3)
	l.start(0, 0)
	l.accept(1)
	now := l.env.Clock()
	l.Start(now, &targets.Request{Token: 1, Now: now, Deadline: now + 1}, l.done)
	l.start(0, 2)
	l.say("+PONG\r\n")
	l.poll()
	l.take(1)
	if r := l.answered[1]; r.Outcome != results.TimedOut || r.Started != 0 {
		t.Errorf("who left before is answered %+v; want timed_out, and not sent", r)
	}
	l.say("+PONG\r\n")
	l.poll()
	if r := l.answered[2]; r.Outcome != results.OK {
		t.Errorf("who is still there is answered %+v", r)
	}
}

// TestZone: an address that holds on one link only is asked for on that.
func TestZone(t *testing.T) {
	i, err := net.InterfaceByName("lo")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]uint32{"": 0, "lo": uint32(i.Index), "7": 7} {
		if got := wire.Zone(netip.MustParseAddr("fe80::1").WithZone(name)); got != want {
			t.Errorf("the zone %q is %d; want %d", name, got, want)
		}
	}
}
