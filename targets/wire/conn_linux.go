package wire

import (
	"net"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/fcbench/fcbench/internal/stamp"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// conn is a connection, or room for one.
type conn struct {
	fd         int
	index      int32 // in its lane
	generation int32 // counts what it was; events of an earlier one are passed over
	address    int   // which of the lane's it is connected to
	state      connState
	free       bool          // it is in the list of those
	ended      bool          // the other side will send no more than what is there
	more       bool          // it waits for another turn
	dialed     time.Duration // it began to be connected, where phases are told,
	took       time.Duration // and so long that took, until it is told
	first      time.Duration // the first byte of the answer was there
	gathers    bool          // what is to be sent waits for more
	fresh      bool          // nothing was said yet, and something is to be said first
	decoder    Decoder
	pending    []pending // in the order in which answers come
	in         []byte    // received, and not yet decoded
	out        []byte    // to be sent, then
	body       string    // this, then
	zeros      int       // so many
	older      *conn     // neighbours in the list of the free
	newer      *conn
}

type pending struct {
	token             uint32
	mark              Mark
	started, deadline time.Duration
}

type connState uint8

const (
	unconnected connState = iota
	connecting
	open
)

const (
	closedByPeer = "connection closed by the other side"
	afterTimeout = "connection given up: a request before it timed out"
	afterLast    = "connection closed: the answer before was its last"
)

// connect begins to connect c to the address whose turn it is, or to those after it.
func (l *lane) connect(c *conn, now time.Duration) {
	if l.phases && c.address == 0 {
		c.dialed = l.env.Clock()
	}
	fd, err := l.socket(c)
	if err == nil {
		c.fd, c.state = fd, connecting
		l.opening++
		if err = unix.Connect(fd, l.addrs[c.address]); err == nil || err == unix.EINPROGRESS {
			return // epoll tells when it is there
		}
	}
	if l.local { // whose listener may have too many that wait, which is not this side's fault
		err = &net.OpError{Op: "dial", Net: "unix", Err: err}
	}
	l.unreachable(c, now, err)
}

func (l *lane) socket(c *conn) (fd int, err error) {
	family := unix.AF_INET6
	switch l.addrs[c.address].(type) {
	case *unix.SockaddrInet4:
		family = unix.AF_INET
	case *unix.SockaddrUnix:
		family = unix.AF_UNIX
	}
	fd, err = unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	if !l.local { // else there is no delay, and the kernel notes nothing
		_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
		l.watched = stamp.Note(fd) == nil
	}
	c.generation++
	event := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLRDHUP | unix.EPOLLET, Fd: c.index, Pad: c.generation}
	if err = unix.EpollCtl(l.epoll, unix.EPOLL_CTL_ADD, fd, &event); err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// connected takes c when it is connected, or could not be.
func (l *lane) connected(c *conn, now time.Duration) time.Duration {
	no, err := unix.GetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err == nil && no != 0 {
		err = unix.Errno(no)
	}
	if err != nil {
		l.unreachable(c, now, err)
		l.grow(now) // for those of whom there were more than connections
		return now
	}
	if l.phases {
		c.took, c.first = l.env.Clock()-c.dialed, 0
	}
	l.opening--
	c.state, c.fresh, c.gathers = open, len(l.greet) > 0, false
	c.in, c.out, c.body, c.zeros = c.in[:0], c.out[:0], "", 0
	c.decoder = l.codec.Decoder()
	l.serve(c, now)
	return now
}

// unreachable goes on to the next address. After the last one, whoever waits
// longest fails for it.
func (l *lane) unreachable(c *conn, now time.Duration, err error) {
	if c.state == connecting {
		_ = unix.Close(c.fd)
		l.opening--
	}
	c.state = unconnected
	if c.address++; c.address < len(l.addrs) {
		l.connect(c, now)
		return
	}
	l.closed = append(l.closed, c)
	if r, ok := l.waiting.pop(); ok {
		l.fail(r.Token, now, targets.Cause(err))
	}
}

// flushed reports whether all was sent.
func (c *conn) flushed() bool { return len(c.out) == 0 && c.body == "" && c.zeros == 0 }

// takes reports whether there is room for another request.
func (c *conn) takes(depth int) bool {
	return len(c.pending) < depth && (c.gathers && c.body == "" && c.zeros == 0 || c.flushed())
}

// write sends m, or what the socket takes of it: the rest is sent when there is room.
func (c *conn) write(m *Message) error {
	if c.flushed() {
		n, err := c.put(m.Head)
		if err != nil {
			return err
		}
		c.out, c.body, c.zeros = append(c.out[:0], m.Head[n:]...), m.Body, m.Zeros
	} else {
		c.out = append(c.out, m.Head...)
		c.body, c.zeros = m.Body, m.Zeros
	}
	if c.body == "" && c.zeros == 0 {
		return nil
	}
	return c.flush()
}

// flush sends what is left, as long as there is room.
func (c *conn) flush() error {
	for len(c.out) > 0 {
		n, err := c.put(c.out)
		if n == 0 || err != nil {
			return err
		}
		c.out = c.out[:copy(c.out, c.out[n:])]
	}
	for c.body != "" {
		n, err := c.put(unsafe.Slice(unsafe.StringData(c.body), len(c.body)))
		if n == 0 || err != nil {
			return err
		}
		c.body = c.body[n:]
	}
	for c.zeros > 0 {
		n, err := c.put(nothing[:min(c.zeros, len(nothing))])
		if n == 0 || err != nil {
			return err
		}
		c.zeros -= n
	}
	return nil
}

// put writes once. Without an error, 0 says that there is no room.
func (c *conn) put(b []byte) (int, error) {
	for len(b) > 0 {
		n, _, no := unix.RawSyscall(unix.SYS_WRITE, uintptr(c.fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
		switch no {
		case 0:
			return int(n), nil
		case unix.EINTR:
		case unix.EAGAIN:
			return 0, nil
		default:
			return 0, no
		}
	}
	return 0, nil
}

// turn is how often a connection is read before the others are looked at.
const turn = 16

// receive reads what there is and takes the answers in it.
func (l *lane) receive(c *conn, now time.Duration) time.Duration {
	for range turn {
		n, no := l.read(c.fd)
		switch {
		case no == unix.EINTR:
			continue
		case no == unix.EAGAIN:
			return now
		case no != 0:
			l.lost(c, now, targets.Cause(no))
			return now
		case n == 0:
			return l.end(c, now)
		}
		now = l.take(c, l.in[:n], now)
		if c.state != open || int(n) < len(l.in) && !c.ended {
			return now
		}
	}
	if !c.more {
		c.more = true
		l.again = append(l.again, c)
	}
	return now
}

// read is recvmsg, which tells when what is read had arrived.
func (l *lane) read(fd int) (n uintptr, no unix.Errno) {
	l.into.Base = &l.in[0]
	l.into.SetLen(len(l.in))
	l.received = unix.Msghdr{Iov: &l.into, Control: &l.control[0]}
	l.received.SetIovlen(1)
	l.received.SetControllen(len(l.control))
	n, _, no = unix.RawSyscall(unix.SYS_RECVMSG, uintptr(fd), uintptr(unsafe.Pointer(&l.received)), 0)
	if no == 0 && l.watched {
		l.late = stamp.Late(l.control[:l.received.Controllen])
	}
	return n, no
}

// take decodes what was received.
func (l *lane) take(c *conn, data []byte, now time.Duration) time.Duration {
	if len(c.in) > 0 {
		c.in = append(c.in, data...)
		data = c.in
	}
	for len(data) > 0 {
		if len(c.pending) == 0 { // nobody asked
			l.close(c)
			return now
		}
		if l.phases && c.first == 0 {
			c.first = l.env.Clock() - l.late
		}
		l.answer = targets.Response{}
		n, done, err := c.decoder.Decode(data, c.pending[0].mark, &l.answer)
		data = data[n:]
		switch {
		case err != nil:
			l.lost(c, now, err.Error())
			return now
		case done:
			if now = l.complete(c, len(data)); c.state != open {
				return now
			}
		default:
			c.in = append(c.in[:0], data...)
			return now
		}
	}
	c.in = c.in[:0]
	return now
}

// complete hands over the answer to the first request on c, which so many bytes
// follow. Where nobody asked for those, they would be taken for the next answer.
func (l *lane) complete(c *conn, more int) time.Duration {
	now := l.env.Clock()
	p := c.pending[0]
	c.pending = c.pending[:copy(c.pending, c.pending[1:])]
	l.answer.Started, l.answer.Own, l.answer.Watched = p.started, min(l.late, now-p.started), l.watched
	if l.phases {
		l.parts = results.Phases{Connect: c.took, FirstByte: max(1, c.first-p.started)}
		l.answer.Phases, c.took, c.first = &l.parts, 0, 0
	}
	l.done(p.token, now, &l.answer)
	switch {
	case !c.decoder.Open(), len(c.pending) == 0 && (c.ended || more > 0 || !c.flushed()): // or answered before all was sent
		l.lost(c, now, afterLast)
	default:
		l.serve(c, now)
	}
	return now
}

// end takes the end of what the other side sends.
func (l *lane) end(c *conn, now time.Duration) time.Duration {
	l.answer = targets.Response{}
	if len(c.pending) > 0 && c.decoder.End(&l.answer) {
		return l.complete(c, 0)
	}
	l.lost(c, now, closedByPeer)
	return now
}

// broken gives up a connection that takes no more. What it has received before may
// be an answer all the same, such as one that says that the request is too large.
func (l *lane) broken(c *conn, err error) {
	c.out, c.body, c.zeros = c.out[:0], "", 0
	now := l.env.Clock()
	if c.state == open {
		c.ended = true
		now = l.receive(c, now)
	}
	if c.state == open {
		l.lost(c, now, targets.Cause(err))
	}
}

// lost gives up c; whoever was not answered fails for the cause.
func (l *lane) lost(c *conn, now time.Duration, cause string) {
	for _, p := range c.pending {
		l.failed(p, now, cause)
	}
	c.pending = c.pending[:0]
	l.close(c)
	l.grow(now)
}

func (l *lane) close(c *conn) {
	if c.free {
		l.free.remove(c)
	}
	_ = unix.Close(c.fd)
	c.state = unconnected
	l.closed = append(l.closed, c)
}
