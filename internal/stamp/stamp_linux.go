package stamp

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Conn is a TCP connection that knows when what it read had arrived. Beside what a
// connection may do, one question at a time is watched.
type Conn struct {
	*net.TCPConn
	raw            syscall.RawConn
	take           func(fd uintptr) bool // c.receive, bound once
	asked, arrived atomic.Int64          // nanoseconds since 1970; 0: not known

	reading sync.Mutex // for what follows
	n       int
	failed  syscall.Errno
	into    unix.Iovec
	message unix.Msghdr
	control [Controls]byte
}

// Controls is room for what the kernel notes.
const Controls = 64

// Watch returns c watched, or c itself where it is no TCP connection or the kernel
// does not note arrivals.
func Watch(c net.Conn) net.Conn {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return c
	}
	raw, err := tcp.SyscallConn()
	if err != nil || note(raw) != nil {
		return c
	}
	w := &Conn{TCPConn: tcp, raw: raw}
	w.take = w.receive
	return w
}

func note(raw syscall.RawConn) (err error) {
	failed := raw.Control(func(fd uintptr) {
		err = Note(int(fd))
	})
	return errors.Join(failed, err)
}

// Note has the kernel note when something arrives on a socket, since Linux 5.1.
func Note(fd int) error {
	return os.NewSyscallError("setsockopt", unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS_NEW, 1))
}

// Begin forgets the question before. Nothing of it is still to be written.
func (c *Conn) Begin() {
	c.asked.Store(0)
	c.arrived.Store(0)
}

// Times are those since Begin.
func (c *Conn) Times() Times { return Times{instant(c.asked.Load()), instant(c.arrived.Load())} }

func instant(ns int64) (t time.Time) {
	if ns == 0 {
		return t
	}
	return time.Unix(0, ns)
}

// Write implements [net.Conn].
func (c *Conn) Write(p []byte) (int, error) {
	c.write()
	return c.TCPConn.Write(p)
}

// ReadFrom implements [io.ReaderFrom].
func (c *Conn) ReadFrom(r io.Reader) (int64, error) {
	c.write()
	return c.TCPConn.ReadFrom(r)
}

func (c *Conn) write() {
	if c.asked.Load() == 0 {
		c.asked.Store(time.Now().UnixNano())
	}
}

// WriteTo implements [io.WriterTo], by Read.
func (c *Conn) WriteTo(w io.Writer) (int64, error) {
	return io.Copy(w, struct{ io.Reader }{c})
}

// Read implements [net.Conn].
func (c *Conn) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return c.TCPConn.Read(p)
	}
	c.reading.Lock()
	defer c.reading.Unlock()
	c.n, c.failed = 0, 0
	c.into.Base = &p[0]
	c.into.SetLen(len(p))
	err := c.raw.Read(c.take)
	c.into.Base = nil
	switch {
	case err != nil:
		return 0, c.readError(err)
	case c.failed != 0:
		return 0, c.readError(os.NewSyscallError("read", c.failed))
	case c.n == 0:
		return 0, io.EOF
	}
	return c.n, nil
}

// readError is what a connection that is not watched would have said.
func (c *Conn) readError(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	return &net.OpError{Op: "read", Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}

// receive reads what there is; false says that nothing is there yet. The message is
// made by hand, because package unix would allocate the sender's address.
func (c *Conn) receive(fd uintptr) bool {
	for {
		c.message = unix.Msghdr{Iov: &c.into, Control: &c.control[0]}
		c.message.SetIovlen(1)
		c.message.SetControllen(len(c.control))
		n, _, errno := unix.Syscall(unix.SYS_RECVMSG, fd, uintptr(unsafe.Pointer(&c.message)), 0)
		switch errno {
		case 0:
			c.n = int(n)
			acquire(fd)
			if ns := Noted(c.control[:c.message.Controllen]); ns > 0 {
				c.arrived.Store(ns)
			}
			return true
		case unix.EINTR:
			continue
		case unix.EAGAIN:
			return false
		}
		c.failed = errno
		return true
	}
}

// Noted reads the instant at which what was read had arrived, in nanoseconds since
// 1970; 0 where none is noted.
func Noted(control []byte) int64 {
	for len(control) >= unix.SizeofCmsghdr {
		header, data, rest, err := unix.ParseOneSocketControlMessage(control)
		if err != nil {
			return 0
		}
		if header.Level == unix.SOL_SOCKET && header.Type == unix.SO_TIMESTAMPNS_NEW && len(data) >= 16 {
			return int64(binary.NativeEndian.Uint64(data))*int64(time.Second) + int64(binary.NativeEndian.Uint64(data[8:]))
		}
		control = rest
	}
	return 0
}

// Receiver reads sockets together with what the kernel notes of when it came. It makes
// no call of the runtime, which a socket that does not block needs none of, and
// allocates nothing.
type Receiver struct {
	into    unix.Iovec
	message unix.Msghdr
	control [Controls]byte
}

// Receive reads once. What was noted is valid until the next time.
func (r *Receiver) Receive(fd int, p []byte) (n int, noted []byte, no unix.Errno) {
	r.into.Base = &p[0]
	r.into.SetLen(len(p))
	r.message = unix.Msghdr{Iov: &r.into, Control: &r.control[0]}
	r.message.SetIovlen(1)
	r.message.SetControllen(len(r.control))
	got, _, no := unix.RawSyscall(unix.SYS_RECVMSG, uintptr(fd), uintptr(unsafe.Pointer(&r.message)), 0)
	r.into.Base = nil
	if no != 0 {
		return 0, nil, no
	}
	return int(got), r.control[:r.message.Controllen], 0
}

// Since is how long ago something arrived that has this instant noted; 0 where none is.
func Since(arrived int64) time.Duration {
	if arrived == 0 {
		return 0
	}
	return max(0, time.Duration(time.Now().UnixNano()-arrived))
}

// Witness keeps the kernel noting arrivals: it begins to do so some time after the
// first socket asks for it, and ends with the last.
type Witness struct{ conn net.PacketConn }

// Open begins; what does not work is not known later.
func (w *Witness) Open() {
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		return
	}
	w.conn = conn
	if raw, err := conn.(*net.UDPConn).SyscallConn(); err == nil {
		_ = note(raw)
	}
}

// Close ends it.
func (w *Witness) Close() {
	if w.conn != nil {
		_ = w.conn.Close()
		w.conn = nil
	}
}
