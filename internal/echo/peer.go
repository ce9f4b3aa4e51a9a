// Package echo tells how late answers are taken that are there already: the part
// of every response time that is the reader's own. A peer in a process of its own
// answers datagrams on loopback; the kernel notes when each answer had arrived,
// and the reader when it had it.
package echo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/child"
)

// argument is the first argument of a peer. It is no name that a user would give
// to anything.
const argument = "answer-as-an-echo"

// Called reports whether this process is a peer that [Start] started. A program
// asks before it looks at its arguments, and if so calls [Main].
func Called() bool { return len(os.Args) == 2 && os.Args[1] == argument }

// Main is what a peer does: it says where it listens, and sends every datagram
// back until its input ends.
func Main(in io.Reader, out io.Writer) error {
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

// Peer is another process, which answers.
type Peer struct {
	addr    netip.AddrPort
	child   *child.Child
	in      io.Closer    // its end is the peer's
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
		return nil, errors.New("this process was started as an echo; want main to ask echo.Called first")
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
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path)
	cmd.Args = []string{os.Args[0], argument}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	cmd.Stdout = w
	c, err := child.Start(cmd)
	if err = errors.Join(err, w.Close()); err != nil {
		return nil, err
	}
	p := &Peer{child: c, in: in}
	if p.addr, err = where(ctx, r); err != nil {
		p.end()
		return nil, fmt.Errorf("the echo did not start: %w", err)
	}
	return p, nil
}

// where reads the address that a peer says.
func where(ctx context.Context, r *os.File) (netip.AddrPort, error) {
	_ = r.SetReadDeadline(time.Now().Add(startWithin))
	defer context.AfterFunc(ctx, func() { _ = r.SetReadDeadline(time.Unix(1, 0)) })()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		return netip.AddrPort{}, err
	}
	return netip.ParseAddrPort(strings.TrimSpace(line))
}

// Close ends the peer.
func (p *Peer) Close() {
	_ = p.witness.Close()
	p.end()
}

func (p *Peer) end() {
	p.child.End(context.Background(), func() { _ = p.in.Close() }, endWithin)
}
