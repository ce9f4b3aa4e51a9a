//go:build unix

package wire

import (
	"crypto/tls"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// probe looks whether the other side has closed a connection that is not in use.
type probe struct {
	raw  syscall.RawConn
	look func(fd uintptr) bool
	dead *bool
}

func newProbe(conn net.Conn) probe {
	secure, isTLS := conn.(*tls.Conn)
	if isTLS {
		conn = secure.NetConn()
	}
	file, ok := conn.(syscall.Conn)
	if !ok {
		return probe{}
	}
	raw, err := file.SyscallConn()
	if err != nil {
		return probe{}
	}
	dead := new(bool)
	return probe{raw, func(fd uintptr) bool {
		var b [1]byte
		n, _, err := unix.Recvfrom(int(fd), b[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
		// What comes unasked is no answer; under TLS it may be a ticket.
		*dead = err != unix.EAGAIN && (n <= 0 || !isTLS)
		return true
	}, dead}
}

func (p *probe) alive() bool {
	return p.raw == nil || p.raw.Read(p.look) == nil && !*p.dead
}
