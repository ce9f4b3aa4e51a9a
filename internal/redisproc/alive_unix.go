//go:build unix

package redisproc

import (
	"crypto/tls"
	"net"
	"syscall"
)

// alive reports whether an idle connection is up: its peer has neither closed
// it nor said anything. Only a real socket can tell; others pass for alive.
func alive(conn net.Conn) bool {
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return true
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return false
	}
	silent := false
	err = raw.Read(func(fd uintptr) bool {
		_, _, peeked := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		silent = peeked == syscall.EAGAIN || peeked == syscall.EWOULDBLOCK
		return true
	})
	return err == nil && silent
}
