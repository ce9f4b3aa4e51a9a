package wire_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/fcbench/fcbench/internal/dial"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/wire"
)

// crowded is a service whose queue of those that want to connect is full: what else is
// sent to it to connect is lost, until it lets in everybody.
type crowded struct {
	testing.TB
	addr  string
	fd    int
	first net.Conn // takes the only place
	serve func(net.Conn)
}

func newCrowded(t testing.TB, serve func(net.Conn)) *crowded {
	t.Helper()
	c := &crowded{TB: t, serve: serve}
	var err error
	c.fd, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(c.fd) })
	bound := unix.Bind(c.fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	if err := errors.Join(bound, unix.Listen(c.fd, 0)); err != nil {
		t.Fatal(err)
	}
	at, err := unix.Getsockname(c.fd)
	if err != nil {
		t.Fatal(err)
	}
	c.addr = fmt.Sprint("127.0.0.1:", at.(*unix.SockaddrInet4).Port)
	if c.first, err = net.Dial("tcp", c.addr); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.first.Close() })
	return c
}

// letIn has it serve whoever was lost, and all others from now on.
func (c *crowded) letIn() {
	c.Helper()
	if err := unix.Listen(c.fd, 128); err != nil {
		c.Fatal(err)
	}
	fd, err := unix.FcntlInt(uintptr(c.fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		c.Fatal(err)
	}
	file := os.NewFile(uintptr(fd), "crowded")
	defer file.Close()
	listener, err := net.FileListener(file)
	if err != nil {
		c.Fatal(err)
	}
	accept(c, listener, c.serve)
}

// wanted is how many are connecting to it now.
func (c *crowded) wanted() (n int) {
	c.Helper()
	table, err := os.ReadFile("/proc/net/tcp")
	if err != nil {
		c.Fatal(err)
	}
	to := fmt.Sprintf("0100007F:%04X", netip.MustParseAddrPort(c.addr).Port())
	const remote, state, synSent = 2, 3, "02"
	for line := range strings.Lines(string(table)) {
		if words := strings.Fields(line); len(words) > state && words[remote] == to && words[state] == synSent {
			n++
		}
	}
	return n
}

// overTLS is a service that speaks TLS where that is asked for.
func (o transport) over(t testing.TB, f func(net.Conn)) func(net.Conn) {
	if o == "TCP" {
		return f
	}
	config := certified(t)
	return func(conn net.Conn) {
		secure := tls.Server(conn, config)
		defer secure.Close()
		f(secure)
	}
}

// to is how it is reached.
func (o transport) to(addr string) wire.HTTPConfig {
	if o == "TCP" {
		return wire.HTTPConfig{URL: "http://" + addr}
	}
	return insecurely(addr)
}

// TestLostInTheCrowd: a connection that nobody lets in is given up with the request that
// it was made for, at its deadline, and leaves no socket behind; who comes later connects
// anew, sooner than the kernel would try again.
func TestLostInTheCrowd(t *testing.T) {
	for _, by := range combined() {
		for _, connections := range []int{0, 1} {
			for try := range 3 { // a machine may be too busy to be sooner than the kernel
				err := lostInTheCrowd(t, by, connections)
				if err == nil {
					break
				}
				if try == 2 {
					t.Errorf("by %s, %d connections: %v", by, connections, err)
				}
			}
		}
	}
}

func lostInTheCrowd(t *testing.T, by combination, connections int) error {
	const beforeTheKernel = 900 * time.Millisecond
	service := newCrowded(t, by.transport.over(t, says(heard, fine, "")))
	to := by.transport.to(service.addr)
	to.Connections = connections
	k := talking(t, engined(t, by.engine, to), 3)
	defer k.end()
	for i, r := range k.ask(repeated(3, targets.Request{Deadline: soon})...) {
		if want := (targets.Response{Outcome: results.TimedOut, Cause: "timeout"}); r != want {
			return fmt.Errorf("request %d is %+v; want %+v", i, r, want)
		}
	}
	for end := k.env.Clock() + within; service.wanted() > 0 && k.env.Clock() < end; {
		k.rest(time.Millisecond)
	}
	if n := service.wanted(); n > 0 {
		return fmt.Errorf("%d sockets are left of those who have left", n)
	}
	service.letIn()
	for i, r := range k.ask(repeated(6, targets.Request{Deadline: beforeTheKernel})...) {
		if r.Outcome != results.OK {
			return fmt.Errorf("request %d to a service that listens again is %+v; want it ok", i, r)
		}
	}
	return nil
}

// TestConnectTimeout: connections have a time of their own to be made in, with the
// handshake of TLS; whose is not made then is told so, long before its deadline, and the
// next one is tried.
func TestConnectTimeout(t *testing.T) {
	want := targets.Response{Outcome: results.TimedOut, Cause: "connect timeout"}
	for _, by := range combined() {
		for _, connections := range []int{0, 1} {
			service := newCrowded(t, by.transport.over(t, says(heard, fine, "")))
			to := by.transport.to(service.addr)
			to.Connections, to.ConnectTimeout = connections, units.Duration(soon)
			k := talking(t, engined(t, by.engine, to), 3)
			for i, r := range k.ask(make([]targets.Request, 4)...) {
				if r != want {
					t.Errorf("by %s, %d connections, request %d is %+v; want %+v", by, connections, i, r, want)
				}
			}
			if r := k.ask(targets.Request{Deadline: soon / 2})[0]; r.Outcome != results.TimedOut || r.Cause != "timeout" {
				t.Errorf("by %s, %d connections, a request of less time is %+v; want it timed out at its deadline", by, connections, r)
			}
			service.letIn()
			if r := sometimes(k); r.Outcome != results.OK {
				t.Errorf("by %s, %d connections, a request to a service that listens again is %+v; want it ok", by, connections, r)
			}
			k.end()
		}
		if by.transport == "TCP" {
			continue
		}
		silent := serve(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
		to := by.transport.to(silent)
		to.ConnectTimeout = units.Duration(soon)
		for i, r := range send(t, engined(t, by.engine, to), 2, make([]targets.Request, 3)...) {
			if r != want {
				t.Errorf("by %s, without a handshake, request %d is %+v; want %+v", by, i, r, want)
			}
		}
	}
}

// sometimes asks until an answer is ok, since a busy machine may be slow to connect.
func sometimes(k *talk) (r targets.Response) {
	for range 20 {
		if r = k.ask(targets.Request{})[0]; r.Outcome == results.OK {
			break
		}
	}
	return r
}

// TestConnectTimeoutIsOfConnecting: an answer may take longer.
func TestConnectTimeoutIsOfConnecting(t *testing.T) {
	for _, by := range combined() {
		to := by.transport.serve(t, func(conn net.Conn) {
			for in := bufio.NewReader(conn); heard(in) == nil; {
				<-time.After(2 * soon)
				_, _ = io.WriteString(conn, fine)
			}
		})
		to.ConnectTimeout = units.Duration(soon)
		k := talking(t, engined(t, by.engine, to), 1)
		if r := sometimes(k); r.Outcome != results.OK {
			t.Errorf("by %s a request that is answered later than that is %+v; want it ok", by, r)
		}
		k.end()
	}
}

// TestSlowToConnectOfMessages: targets of other protocols have the same bound.
func TestSlowToConnectOfMessages(t *testing.T) {
	for _, engine := range engines {
		service := newCrowded(t, nil)
		tcp, err := wire.NewTCP(wire.TCPConfig{Address: service.addr, Message: "m", Engine: engine, ConnectTimeout: units.Duration(soon)}, guarded(t))
		if err != nil {
			t.Fatal(err)
		}
		if r := send(t, tcp, 1, targets.Request{})[0]; r.Outcome != results.TimedOut || r.Cause != "connect timeout" {
			t.Errorf("by the %s engine a message is %+v; want a connect timeout", engine, r)
		}
		tcp.Close(context.Background())
	}
}

// pointed is a name of several addresses, which are dialled in turn.
type pointed []netip.AddrPort

func (p pointed) Resolve(context.Context, string, string) ([]netip.AddrPort, error) { return p, nil }

func (p pointed) DialContext(ctx context.Context, network, _ string) (net.Conn, error) {
	return dial.InTurn(ctx, network, p, new(net.Dialer).DialContext)
}

// TestEnginesAgreeOnAddresses: of a name of several addresses the first that lets us in
// is asked; where none does, engines have the same reason.
func TestEnginesAgreeOnAddresses(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := netip.MustParseAddrPort(listener.Addr().String())
	listener.Close()
	nowhere := netip.MustParseAddrPort("224.0.0.1:9") // which TCP reaches nobody at
	open := netip.MustParseAddrPort(saying(t, fine, ""))
	silent := netip.MustParseAddrPort(newCrowded(t, nil).addr)
	failed := func(cause string) targets.Response { return targets.Response{Outcome: results.Failed, Cause: cause} }
	ok, late := targets.Response{Outcome: results.OK, Status: 200}, targets.Response{Outcome: results.TimedOut, Cause: "timeout"}
	for _, c := range []struct {
		addresses pointed
		want      targets.Response
	}{
		{pointed{closed, nowhere, open}, ok},
		{pointed{closed}, failed("connection refused")},
		{pointed{closed, nowhere}, failed("connection refused")},
		{pointed{nowhere, closed}, failed("network is unreachable")},
		{pointed{silent, open}, ok},
		{pointed{closed, silent, open}, ok},
		{pointed{silent, closed}, failed("connection timed out")},
		{pointed{closed, silent}, late},
	} {
		for _, engine := range engines {
			for connections := range 2 {
				h, err := wire.NewHTTP(wire.HTTPConfig{URL: "http://a.example", Engine: engine, Connections: connections}, c.addresses)
				if err != nil {
					t.Fatal(err)
				}
				deadline, all := 2*soon, []targets.Response(nil)
				for range 6 { // of which each has more time, since a machine may be busy
					all = send(t, h, 2, repeated(2, targets.Request{Deadline: deadline})...)
					if all[0] == c.want && all[1] == c.want {
						break
					}
					deadline *= 2
				}
				for i, r := range all {
					if r != c.want {
						t.Errorf("%v by the %s engine, %d connections: request %d is %+v; want %+v", c.addresses, engine, connections, i, r, c.want)
					}
				}
				h.Close(context.Background())
			}
		}
	}
}
