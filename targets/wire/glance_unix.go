//go:build unix

package wire

import (
	"io"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// glance reads of a connection what is there, whatever its deadline, and waits for
// nothing.
type glance struct {
	raw  syscall.RawConn
	look func(fd uintptr) // g.receive, bound once
	into []byte
	n    int
	err  error
}

// newGlance is nil where a connection is no socket.
func newGlance(conn net.Conn) *glance {
	file, ok := conn.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := file.SyscallConn()
	if err != nil {
		return nil
	}
	g := &glance{raw: raw}
	g.look = g.receive
	return g
}

func (g *glance) receive(fd uintptr) {
	for {
		if g.n, _, g.err = unix.Recvfrom(int(fd), g.into, unix.MSG_DONTWAIT); g.err != unix.EINTR {
			return
		}
	}
}

// read is [net.Conn.Read], and wouldBlock where nothing is there.
func (g *glance) read(p []byte) (int, error) {
	g.into = p
	err := g.raw.Control(g.look)
	g.into = nil
	switch {
	case err != nil:
		return 0, err
	case g.err == unix.EAGAIN:
		return 0, wouldBlock{}
	case g.err != nil:
		return 0, g.err
	case g.n == 0:
		return 0, io.EOF
	}
	return g.n, nil
}
