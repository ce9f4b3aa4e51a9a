package wire

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/fcbench/fcbench/internal/stamp"
)

// secure is TLS on a connection of an event loop. The handshake is made outside the loop
// (see [door]); from then on nothing that crypto/tls calls here blocks.
type secure struct {
	socket
	tls *tls.Conn
}

// gathers is how much is encrypted before it is sent.
const gathers = 16 << 10

// readSecure is [lane.read] of a connection with TLS. What it has to say by itself, such
// as that it has new keys too, goes out at once.
func (l *lane) readSecure(c *conn) (n int, dry bool, err error) {
	n, dry, err = c.secure.read(l.in[:], c.ended)
	l.late = stamp.Since(c.secure.arrived)
	if failed := c.secure.flush(); failed != nil && err == nil {
		l.broken(c, failed)
	}
	return n, dry, err
}

// read decrypts what there is, as much as p has room for. Where the other side has ended,
// it goes on to the end.
func (s *secure) read(p []byte, ended bool) (n int, dry bool, err error) {
	for s.dry, s.ended = false, ended; n < len(p); {
		got, err := s.tls.Read(p[n:])
		n += got
		if _, nothing := err.(wouldBlock); nothing {
			return n, true, nil
		}
		if err != nil {
			return n, false, err
		}
		if s.dry && s.records.one() {
			return n, true, nil
		}
	}
	return n, false, nil
}

// put encrypts what is to be sent, or a part of it. 0 says that there is no room.
func (s *secure) put(b []byte) (int, error) {
	if len(s.out) >= gathers {
		if err := s.flush(); err != nil || len(s.out) > 0 {
			return 0, err
		}
	}
	return s.tls.Write(b[:min(len(b), gathers)])
}

// close tells the other side, if there is room, and closes the socket.
func (s *secure) close() error { return s.tls.Close() }

// socket is what lies below TLS: the dialer's connection during the handshake, then a
// descriptor that does not block.
type socket struct {
	net.Conn
	lane    *lane // that carries it; nil during the handshake
	fd      int
	watched bool // the kernel notes when something arrives
	arrived int64
	ended   bool // the end is there to be read
	dry     bool // all was read that is there
	records records
	out     []byte // to be sent
}

// Read implements [net.Conn].
func (s *socket) Read(p []byte) (n int, err error) {
	if s.lane == nil {
		n, err = s.Conn.Read(p)
		s.records.pass(p[:n])
		return n, err
	}
	if s.dry { // whatever came since is news of its own
		s.records.whole = 0
		return 0, wouldBlock{}
	}
	n, arrived, no := s.lane.readOnce(s.fd, p)
	switch {
	case no == unix.EAGAIN:
		s.dry, s.records.whole = true, 0
		return 0, wouldBlock{}
	case no != 0:
		return 0, no
	case n > 0:
		s.arrived, s.dry = arrived, n < len(p) && !s.ended
		s.records.pass(p[:n])
		return n, nil
	}
	return 0, io.EOF
}

// Write implements [net.Conn]. What is written gathers until it is flushed.
func (s *socket) Write(p []byte) (int, error) {
	if s.lane == nil {
		return s.Conn.Write(p)
	}
	s.out = append(s.out, p...)
	return len(p), nil
}

// Close implements [net.Conn].
func (s *socket) Close() error {
	if s.lane == nil {
		return s.Conn.Close()
	}
	_ = s.flush()
	return unix.Close(s.fd)
}

// flush sends what has gathered, as long as there is room.
func (s *socket) flush() error {
	for len(s.out) > 0 {
		n, err := put(s.fd, s.out)
		if n == 0 || err != nil {
			return err
		}
		s.out = s.out[:copy(s.out, s.out[n:])]
	}
	return nil
}

// takeOver gives the connection to an event loop, on a descriptor of its own: that of the
// dialer's is watched by the Go runtime.
func (s *socket) takeOver(l *lane) error {
	file, ok := s.Conn.(syscall.Conn)
	if !ok {
		return errors.Join(errNoSocket, s.Conn.Close())
	}
	raw, err := file.SyscallConn()
	if err == nil {
		var failed error
		err = raw.Control(func(fd uintptr) { s.fd, failed = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0) })
		err = errors.Join(err, os.NewSyscallError("fcntl", failed))
	}
	// What was written stays on its way: the other descriptor keeps the connection open.
	if err = errors.Join(err, s.Conn.Close()); err != nil {
		return err
	}
	s.watched = stamp.Note(s.fd) == nil
	s.lane = l
	return nil
}

const errNoSocket = Malformed("tls: the dialer's connection is no socket")
