package wire

import (
	"io"
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
		c.taking = true
		n, dry, err := l.read(c)
		if n > 0 {
			c.ended = c.ended || err != nil
			now = l.take(c, l.in[:n], l.env.Clock())
		}
		c.taking = false
		switch {
		case n > 0 && (c.state != open || dry && !c.ended):
			return now
		case err == io.EOF:
			return l.end(c, now)
		case err != nil:
			l.lost(c, now, targets.Cause(endOf(err, c.failed)))
			return now
		case n == 0: // nothing is there
			if c.failed != nil {
				l.lost(c, now, targets.Cause(c.failed))
			}
			return now
		}
	}
	if !c.more {
		c.more = true
		l.again = append(l.again, c)
	}
	return now
}

// read reads what c has received, as much as there is room for, and notes how late that
// is. Dry says that this is all; the error, which may come with the last of it, that
// nothing more will follow.
func (l *lane) read(c *conn) (n int, dry bool, err error) {
	if c.secure != nil {
		return l.readSecure(c)
	}
	n, arrived, no := l.readOnce(c.fd, l.in[:])
	l.late = stamp.Since(arrived)
	switch {
	case no == unix.EAGAIN:
		return 0, true, nil
	case no != 0:
		return 0, false, no
	case n == 0:
		return 0, false, io.EOF
	}
	return n, n < len(l.in), nil
}

// readOnce reads, and says when what it read had arrived, in nanoseconds since 1970,
// where the kernel notes that.
func (l *lane) readOnce(fd int, p []byte) (n int, arrived int64, no unix.Errno) {
	for {
		if !l.watched {
			var got uintptr
			got, _, no = unix.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)))
			n = int(got)
		} else {
			var noted []byte
			n, noted, no = l.receiver.Receive(fd, p)
			arrived = stamp.Noted(noted)
		}
		if no != unix.EINTR {
			return n, arrived, no
		}
	}
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
			if l.complete(c, len(data), now); c.state != open {
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

// complete hands over the answer to the first request on c, which was read at now and
// which so many bytes follow. Where nobody asked for those, they would be taken for the
// answer to a request that is not sent yet.
func (l *lane) complete(c *conn, more int, now time.Duration) {
	p := c.pending[0]
	c.pending = c.pending[:copy(c.pending, c.pending[1:])]
	l.answer.Started, l.answer.Own, l.answer.Watched = p.started, min(l.late, now-p.started), l.watched
	if l.phases {
		l.parts = results.Phases{Connect: c.took, TLS: c.shook, FirstByte: max(1, c.first-p.started)}
		l.answer.Phases, c.took, c.shook, c.first = &l.parts, 0, 0, 0
	}
	l.done(p.token, now, &l.answer)
	switch {
	case !c.decoder.Open(), len(c.pending) == 0 && (c.ended || !c.flushed()): // or answered before all was sent
		l.lost(c, now, afterLast)
	case len(c.pending) == c.gathered && more > 0:
		l.lost(c, now, afterMore)
	default:
		l.serve(c, now)
	}
}

// end takes the end of what the other side sends.
func (l *lane) end(c *conn, now time.Duration) time.Duration {
	l.answer = targets.Response{}
	if len(c.pending) > 0 && c.decoder.End(&l.answer) {
		now = l.env.Clock()
		l.complete(c, 0, now)
		return now
	}
	l.lost(c, now, targets.Cause(endOf(io.EOF, c.failed)))
	return now
}
