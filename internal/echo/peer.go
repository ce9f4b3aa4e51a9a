// Package echo tells how late answers are taken that are there already: the part
// of every response time that is the reader's own. A peer in a process of its own
// answers datagrams on loopback; the kernel notes when each answer had arrived,
// and the reader when it had it. It has null services too, which answer over TCP and do
// nothing else.
package echo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"time"

	"github.com/fcbench/fcbench/internal/child"
)

// argument is the first argument of a peer. It is no name that a user would give
// to anything, and those of null services are none either.
const argument = "answer-as-an-echo"

// Called reports whether this process is a peer that [Start] started, or a null service. A
// program asks before it looks at its arguments, and if so calls [Main].
func Called() bool {
	return len(os.Args) == 2 && (os.Args[1] == argument || os.Args[1] == string(HTTP) || os.Args[1] == string(Bytes))
}

// Main is what such a process does: it says where it listens, and answers until its input
// ends.
func Main(in io.Reader, out io.Writer) error {
	if Called() && os.Args[1] != argument {
		return serveNull(Service(os.Args[1]), in, out)
	}
	return sendBack(in, out)
}

// sendBack sends every datagram back.
func sendBack(in io.Reader, out io.Writer) error {
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(loopback(0)))
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, conn.LocalAddr()); err != nil {
		return errors.Join(err, conn.Close())
	}
	go func() {
		_, _ = io.Copy(io.Discard, in)
		_ = conn.Close()
	}()
	buf := make([]byte, longest)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err == nil {
			_, _ = conn.WriteToUDPAddrPort(buf[:n], from)
		}
	}
}

func loopback(port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port)
}

var errCalled = errors.New("this process was started as an echo; want main to ask echo.Called first")

// Peer is another process, which answers.
type Peer struct {
	addr    netip.AddrPort
	service *child.Service
	witness *net.UDPConn // keeps the kernel noting arrivals
}

const (
	longest     = 64               // bytes of a datagram
	startWithin = 10 * time.Second // until a new peer answers
	endWithin   = time.Second      // from the end of its input until a peer is killed
)

// Start starts this program again as a peer. The error is [ErrUnknown] where the
// system does not tell when datagrams arrive.
func Start(ctx context.Context) (*Peer, error) {
	if Called() {
		return nil, errCalled
	}
	witness, err := newWitness(ctx)
	if err != nil {
		return nil, err
	}
	p, err := launch(ctx)
	if err != nil {
		return nil, errors.Join(err, witness.Close())
	}
	p.witness = witness
	return p, nil
}

func launch(ctx context.Context) (*Peer, error) {
	service, addr, err := startAgain(ctx, argument)
	if err != nil {
		return nil, err
	}
	return &Peer{addr: addr, service: service}, nil
}

// startAgain starts this program again for what the argument says, and returns where it
// listens.
func startAgain(ctx context.Context, argument string) (*child.Service, netip.AddrPort, error) {
	if Called() {
		return nil, netip.AddrPort{}, errCalled
	}
	path, err := os.Executable()
	if err != nil {
		return nil, netip.AddrPort{}, err
	}
	cmd := exec.Command(path)
	cmd.Args = []string{os.Args[0], argument}
	service, err := child.Serve(ctx, cmd, startWithin, endWithin)
	if err != nil {
		return nil, netip.AddrPort{}, fmt.Errorf("the echo did not start: %w", err)
	}
	addr, err := netip.ParseAddrPort(service.Line)
	if err != nil {
		_ = service.Close(endWithin)
		return nil, netip.AddrPort{}, fmt.Errorf("the echo did not start: %w", err)
	}
	return service, addr, nil
}

// Close ends the peer.
func (p *Peer) Close() {
	_ = p.witness.Close()
	p.end()
}

func (p *Peer) end() {
	_ = p.service.Close(endWithin) // however it ends, it has answered
}
