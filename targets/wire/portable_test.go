package wire_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/wire"
)

// pings is a protocol in small: each request is a line, and so many zeros as its size
// says; each answer is a reply of Redis.
type pings struct{}

func (pings) Encode(m *wire.Message, r *targets.Request) error {
	m.Head, m.Body, m.Zeros = []byte("PING\r\n"), "", r.Size
	return nil
}

func (pings) Decoder() wire.Decoder { return wire.RESP(nil) }

// leaving is a protocol whose caller leaves in the very moment in which it is answered.
type leaving struct {
	pings
	leave func()
}

func (l leaving) Decoder() wire.Decoder { return left{l.pings.Decoder(), l.leave} }

type left struct {
	wire.Decoder
	leave func()
}

func (l left) Decode(buf []byte, mark wire.Mark, r *targets.Response) (int, bool, error) {
	n, done, err := l.Decoder.Decode(buf, mark, r)
	if done {
		l.leave()
	}
	return n, done, err
}

// TestLeft: a connection that a caller left, who was answered all the same, is not used
// again: what ends calls on it may be under way still, and would end the next one.
func TestLeft(t *testing.T) {
	var connections atomic.Int32
	addr := serve(t, func(conn net.Conn) {
		connections.Add(1)
		for in := bufio.NewReader(conn); ; {
			if _, err := in.ReadString('\n'); err != nil {
				return
			}
			_, _ = io.WriteString(conn, "+PONG\r\n")
		}
	})
	var leave func()
	service := wire.NewService(leaving{leave: func() { leave() }}, wire.Options{Address: addr, Dialer: guarded(t), Engine: wire.Portable})
	defer service.Close(context.Background())
	for call := range 4 {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if leave = cancel; call >= 2 {
			leave = func() {}
		}
		if r := service.Do(ctx, nil, &targets.Request{}); r.Outcome != results.OK {
			t.Errorf("call %d is %+v", call, r)
		}
	}
	if n := connections.Load(); n != 3 {
		t.Errorf("%d connections were made; want one for each of two callers who left, and one for all others", n)
	}
}

// TestGivenBackLate: a call that is answered once the service was closed, as by a worker
// who did not return in time, leaves no connection behind.
func TestGivenBackLate(t *testing.T) {
	ended := make(chan error, 1)
	addr := serve(t, func(conn net.Conn) {
		in := bufio.NewReader(conn)
		_, _ = in.ReadString('\n')
		_, _ = io.WriteString(conn, "+PONG\r\n")
		_, err := in.ReadString('\n')
		ended <- err
	})
	var service *wire.Service
	service = wire.NewService(leaving{leave: func() { _ = service.Close(context.Background()) }}, wire.Options{Address: addr, Dialer: guarded(t), Engine: wire.Portable})
	if r := service.Do(t.Context(), nil, &targets.Request{}); r.Outcome != results.OK {
		t.Fatalf("the call is %+v", r)
	}
	select {
	case err := <-ended:
		if err != io.EOF {
			t.Errorf("the connection ended with %v; want that it was closed", err)
		}
	case <-time.After(within):
		t.Error("the connection is open still; want it closed, as nobody else will")
	}
}
