package wire

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/fcbench/fcbench/internal/stamp"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

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
